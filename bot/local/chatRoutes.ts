import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { menu } from '../core/commands/menu.ts';
import { takeFiles } from '../core/Files.ts';
import type { Language } from '../core/I18n.ts';
import type { ChainClock } from '../pay/server/chainClock.ts';
import { localOnly, refusal, type ServerEnv } from '../pay/server/guard.ts';
import { languageOf, readBody, windowSchema } from '../pay/server/input.ts';
import { createLimiter } from '../pay/server/limiter.ts';
import type { ChainInfo } from '../pay/server/wire.ts';
import type { PayDesk } from '../pay/types.ts';
import type { LocalAdapter } from './adapter.ts';
import { createCards } from './cards.ts';
import { lineLimits } from './lineLimits.ts';
import { streamLines } from './lineStream.ts';
import type { Member } from './store.ts';
import type { Session } from './wire.ts';

const cookieName = 'marketplace_session';
const mostStreams = 200;

const windowBody = z.object({ window: windowSchema });
const nonceSchema = z.string().regex(/^[\w-]{8,64}$/);
/** `content`: base64; the page sends none of what is too large, so that the bot can say so. */
const fileBody = z.object({
  name: z.string().min(1).max(255),
  type: z.string().max(127).exactOptional(),
  bytes: z.int().nonnegative(),
  content: z.base64().exactOptional(),
});
const sayBody = windowBody.extend({
  text: z
    .string()
    .max(lineLimits.characters, `A message can have at most ${lineLimits.characters.toLocaleString('en')} characters.`),
  nonce: nonceSchema,
  files: z.array(fileBody).max(lineLimits.files, `At most ${lineLimits.files} files can be sent at once.`).default([]),
  replyTo: z.int().positive().exactOptional(),
});
const isSomething = ({ text, files }: { text: string; files: readonly unknown[] }) => text !== '' || files.length > 0;
const pressBody = windowBody.extend({ message: z.int().positive(), data: z.string().max(256), nonce: nonceSchema });
const nameBody = windowBody.extend({
  name: z
    .string()
    .transform((name) => name.replace(/[\p{C}\s]+/gu, ' ').trim())
    .pipe(z.string().min(1, 'A name needs at least one character.').max(32, 'A name can have at most 32 characters.')),
});
const suggestBody = windowBody.extend({ command: z.string().max(32), typed: z.string().max(200) });

/** Everything under `/api/chat`, for this machine only. */
export function chatRoutes(
  local: LocalAdapter,
  options: { desk: PayDesk; chain?: ChainInfo; canSkip: boolean; chainNow: ChainClock; signal: AbortSignal },
): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const maySay = createLimiter(30, 3);
  const mayAsk = createLimiter(300, 30);
  let streams = 0;
  const cards = createCards(local.channel, options);
  const { channel } = local;
  const tooMany = (c: Context) => c.json(refusal('tooMany', "That's a lot at once. Wait a few seconds."), 429);
  const noSession = (c: Context) => c.json(refusal('noSession', 'This window is not signed in. Reload the page.'), 401);
  const memberOf = (c: Context, window: string): Member | undefined => {
    const secret = getCookie(c, cookieName);
    return secret === undefined ? undefined : channel.join(secret, window);
  };

  app.use(localOnly());

  app.post('/session', async (c) => {
    const read = await readBody(c, windowBody);
    if (!read.ok) return read.response;
    if (!mayAsk('session')) return tooMany(c);
    let secret = getCookie(c, cookieName);
    if (secret === undefined || !/^[\w-]{43}$/.test(secret)) {
      secret = randomBytes(32).toString('base64url');
      setCookie(c, cookieName, secret, { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 60 * 60 * 24 * 365 });
    }
    const session: Session = {
      me: channel.join(secret, read.body.window),
      canSkip: options.canSkip,
      commands: menu()[languageOf(c) ?? 'en'],
      ...(options.chain && { chain: options.chain }),
    };
    return c.json(session);
  });

  app.post('/say', async (c) => {
    const read = await readBody(c, sayBody.refine(isSomething, 'Write something, or send a file.'));
    if (!read.ok) return read.response;
    const member = memberOf(c, read.body.window);
    if (!member) return noSession(c);
    if (!maySay(member.id)) return tooMany(c);
    const { text, nonce, replyTo, files } = read.body;
    const taken = await takeFiles(files, contentOf);
    local.typed(member, text, { nonce, files: taken, ...(replyTo !== undefined && { replyTo }), ...localeOf(c) });
    return c.json({ ok: true });
  });

  app.post('/press', async (c) => {
    const read = await readBody(c, pressBody);
    if (!read.ok) return read.response;
    const member = memberOf(c, read.body.window);
    if (!member) return noSession(c);
    if (!maySay(member.id)) return tooMany(c);
    const { message, data, nonce } = read.body;
    const isThere = local.pressed(member, message, data, { nonce, ...localeOf(c) });
    return isThere ? c.json({ ok: true }) : c.json(refusal('noButton', 'This button is not there any more.'), 409);
  });

  app.post('/name', async (c) => {
    const read = await readBody(c, nameBody);
    if (!read.ok) return read.response;
    const member = memberOf(c, read.body.window);
    if (!member) return noSession(c);
    if (!maySay(member.id)) return tooMany(c);
    channel.rename(member, read.body.name);
    return c.json({ ok: true, me: { ...member, name: read.body.name } });
  });

  app.post('/suggest', async (c) => {
    const read = await readBody(c, suggestBody);
    if (!read.ok) return read.response;
    if (!mayAsk(read.body.window)) return tooMany(c);
    return c.json({ suggestions: (await local.suggest(read.body.command, read.body.typed)).slice(0, 25) });
  });

  app.get('/events', (c) => {
    const window = windowSchema.safeParse(c.req.query('window'));
    const member = window.success ? memberOf(c, window.data) : undefined;
    if (!member) return noSession(c);
    if (streams >= mostStreams) return tooMany(c);
    let revision = Number(c.req.header('last-event-id') ?? c.req.query('after') ?? 0);
    if (!Number.isSafeInteger(revision) || revision < 0) revision = 0;
    return streamSSE(c, async (stream) => {
      streams += 1;
      await streamLines(stream, {
        channel,
        member,
        revision,
        standingOf: cards.standingOf,
        signal: options.signal,
      }).finally(() => {
        streams -= 1;
      });
    });
  });

  return app;
}

async function contentOf({ content, name }: z.output<typeof fileBody>): Promise<AsyncIterable<Uint8Array>> {
  if (content === undefined) throw new Error(`${name} came without its content`);
  return Readable.from([Buffer.from(content, 'base64')]);
}

function localeOf(c: Context): { locale?: Language } {
  const locale = languageOf(c);
  return locale === undefined ? {} : { locale };
}
