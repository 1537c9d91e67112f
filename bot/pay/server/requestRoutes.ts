import { Hono } from 'hono';
import { z } from 'zod';
import { addressSchema, hex } from '../../../contracts/client/Hex.ts';
import { wordsOf } from '../../core/I18n.ts';
import type { RequestDesk } from '../request/desk.ts';
import { refusal, type ServerEnv } from './guard.ts';
import { languageOf, payTokenSchema, readBody } from './input.ts';
import { createLimiter } from './limiter.ts';
import { type ChainInfo, toWire } from './wire.ts';

export type RequestRoutesOptions = {
  desk: RequestDesk;
  chain: ChainInfo;
  /** Whether the page may offer the test wallet. */
  testWallet: boolean;
};

const fieldsSchema = z.record(z.string().max(40), z.string().max(200)).default({});
const viewBody = z.object({ token: payTokenSchema, wallet: addressSchema.exactOptional(), fields: fieldsSchema });
/** A contract wallet's signature can be long. */
const hexSchema = z
  .string()
  .regex(/^0x[\da-f]*$/i, 'must be hexadecimal')
  .max(20_000)
  .transform(hex);
const resultSchema = z.object({
  id: z.string().max(40),
  value: hexSchema,
  text: z.string().max(4_000).exactOptional(),
});
const nextBody = z.object({
  token: payTokenSchema,
  wallet: addressSchema,
  fields: fieldsSchema,
  results: z.array(resultSchema).max(20).default([]),
});

/** `/api/do`: what a link asks for, and its next step. The token is in the body: addresses are written to logs. */
export function requestRoutes({ desk, chain, testWallet }: RequestRoutesOptions): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const mayView = createLimiter(60, 4);
  const mayGoOn = createLimiter(20, 1);
  const tooMany = refusal('tooMany', 'Too many requests for this link. Wait a few seconds.');

  app.post('/view', async (c) => {
    const read = await readBody(c, viewBody);
    if (!read.ok) return read.response;
    const { token, wallet, fields } = read.body;
    if (!mayView(token)) return c.json(tooMany, 429);
    const request = await desk.open(token, wallet, fields, languageOf(c));
    if (!request) return c.json(refusal('unknown', 'There is no such link.'), 404);
    // One language: the page itself carries none but the browser's.
    return c.json(toWire({ request, chain, testWallet, words: wordsOf(request.language, 'page') }));
  });

  app.post('/next', async (c) => {
    const read = await readBody(c, nextBody);
    if (!read.ok) return read.response;
    const { token, ...input } = read.body;
    if (!mayGoOn(token)) return c.json(tooMany, 429);
    const next = await desk.advance(token, input, languageOf(c));
    if (next.ok) return c.json(toWire(next));
    return c.json(next, next.code === 'unknown' ? 404 : next.code === 'chainUnreachable' ? 503 : 409);
  });

  return app;
}
