import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { addressSchema, hex } from '../../../contracts/client/Hex.ts';
import { translator } from '../../core/I18n.ts';
import type { AskView } from '../../core/types.ts';
import { placeName } from '../request/words.ts';
import type { PayDesk } from '../types.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import type { ChainClock } from './chainClock.ts';
import { refusal, type ServerEnv } from './guard.ts';
import { payTokenSchema, readBody, windowSchema } from './input.ts';
import { createLimiter } from './limiter.ts';
import { createMailbox, pump } from './viewStream.ts';
import { type ChainInfo, type PayView, priceText, toWire, withoutIds } from './wire.ts';

export type PayRoutesOptions = {
  desk: PayDesk;
  chain?: ChainInfo;
  /** Whether the page may offer the test wallet. */
  testWallet: boolean;
  /** A model's Markdown as safe HTML. */
  renderAnswer: (markdown: string) => string;
  chainNow: ChainClock;
  /** Ends every open stream. */
  signal: AbortSignal;
};

const hashSchema = z.templateLiteral(['0x', z.string().regex(/^[\da-f]{64}$/i)]);
const windowBody = z.object({ window: windowSchema.default('terminal') });
const permitSchema = z.union([
  z.enum(['none', 'wanted']),
  z.object({
    value: z
      .string()
      .regex(/^\d{1,78}$/)
      .transform(BigInt),
    deadline: z
      .string()
      .regex(/^\d{1,20}$/)
      .transform(BigInt),
    signature: z
      .string()
      .regex(/^0x[\da-f]*$/i)
      .max(20_000)
      .transform(hex),
  }),
]);
const prepareBody = windowBody.extend({
  payer: addressSchema,
  again: z.boolean().default(false),
  permit: permitSchema.default('none'),
});
const transferBody = z.object({ owner: addressSchema });
const sentBody = windowBody.extend({ hash: hashSchema });

const mostStreams = 40;

/** Everything under `/api/pay/:token`: an ask's state, its payment's transactions, and who is paying it. */
export function payRoutes({
  desk,
  chain,
  testWallet,
  renderAnswer,
  chainNow,
  signal,
}: PayRoutesOptions): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const attempts: Attempts = createAttempts();
  const maySubmit = createLimiter(20, 2);
  const mayRead = createLimiter(100, 20);
  const streams = new Map<string, number>();

  const viewFor = async (view: AskView, window: string): Promise<PayView> => {
    const t = translator(view.language);
    const attempt = attempts.of(view.token);
    const answer = 'answer' in view.status ? view.status.answer : undefined;
    return {
      ...toWire(withoutIds(view)),
      page: {
        priceText: priceText(view.price, t),
        place: placeName(view.chat.platform, t),
        now: Math.floor(Date.now() / 1000),
        chainNow: await chainNow(),
        ...(answer !== undefined && { answerHtml: renderAnswer(answer) }),
        ...(attempt && {
          payment: {
            here: attempt.window === window,
            stage: attempt.stage,
            ...(attempt.hash && { hash: attempt.hash }),
          },
        }),
      },
    };
  };

  app.use('/:token/*', async (c, next) => {
    const token = c.req.param('token');
    if (!payTokenSchema.safeParse(token).success) return c.json(refusal('unknown', 'There is no such pay link.'), 404);
    const mayPass = c.req.method === 'POST' ? maySubmit(token) : mayRead(token);
    return mayPass ? next() : c.json(refusal('tooMany', 'Too many requests for this link. Wait a few seconds.'), 429);
  });

  app.get('/:token', async (c) => {
    const view = await desk.view(c.req.param('token'));
    if (!view) return c.json(refusal('unknown', 'There is no such pay link.'), 404);
    return c.json({ ...(await viewFor(view, c.req.query('window') ?? '')), chain, testWallet });
  });

  app.post('/:token/prepare', async (c) => {
    const token = c.req.param('token');
    const read = await readBody(c, prepareBody);
    if (!read.ok) return read.response;
    const { payer, window, again, permit } = read.body;
    const attempt = attempts.of(token);
    if (attempt && attempt.window !== window && !again) {
      return c.json(refusal('payingElsewhere', 'This is being paid in another window.'), 409);
    }
    const prepared = await desk.prepare(token, payer, permit);
    if (!prepared.ok)
      return c.json(prepared, prepared.code === 'unknown' ? 404 : prepared.code === 'chainUnreachable' ? 503 : 409);
    attempts.note(token, { window, stage: 'prepared' });
    return c.json(toWire(prepared));
  });

  app.post('/:token/transfer', async (c) => {
    const read = await readBody(c, transferBody);
    if (!read.ok) return read.response;
    const made = await desk.transfer(c.req.param('token'), read.body.owner);
    if (made.ok) return c.json(made);
    return c.json(made, made.code === 'unknown' ? 404 : made.code === 'chainUnreachable' ? 503 : 409);
  });

  app.post('/:token/sent', async (c) => {
    const read = await readBody(c, sentBody);
    if (!read.ok) return read.response;
    const token = c.req.param('token');
    if (!(await desk.view(token))) return c.json(refusal('unknown', 'There is no such pay link.'), 404);
    attempts.note(token, { window: read.body.window, stage: 'sent', hash: read.body.hash as `0x${string}` });
    return c.json({ ok: true });
  });

  app.post('/:token/cancel', async (c) => {
    const read = await readBody(c, windowBody);
    if (!read.ok) return read.response;
    attempts.drop(c.req.param('token'), read.body.window);
    return c.json({ ok: true });
  });

  app.get('/:token/events', async (c) => {
    const token = c.req.param('token');
    const window = c.req.query('window') ?? '';
    const first = await desk.view(token);
    if (!first) return c.json(refusal('unknown', 'There is no such pay link.'), 404);
    if ((streams.get(token) ?? 0) >= mostStreams)
      return c.json(refusal('tooMany', 'This link is open in too many windows.'), 429);
    return streamSSE(c, async (stream) => {
      streams.set(token, (streams.get(token) ?? 0) + 1);
      const mailbox = createMailbox(first);
      const stops = [desk.watch(token, (view) => mailbox.put(view)), attempts.watch(token, () => mailbox.touch())];
      try {
        // Between the first look and the watch something may have happened.
        const current = await desk.view(token);
        if (current) mailbox.put(current);
        await pump(stream, mailbox, signal, async (view) => JSON.stringify(await viewFor(view, window)));
      } finally {
        for (const stop of stops) stop();
        const left = (streams.get(token) ?? 1) - 1;
        if (left > 0) streams.set(token, left);
        else streams.delete(token);
      }
    });
  });

  return app;
}
