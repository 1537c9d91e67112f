import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { menu } from '../../../bot/core/commands/menu.ts';
import { languageOfHeader } from '../../../bot/core/I18n.ts';
import type { AskView, Incoming } from '../../../bot/core/types.ts';
import { createLocalAdapter, type LocalAdapter, localChat } from '../../../bot/local/adapter.ts';
import { bundlePages, type CreateAsk, createApp, type EmbeddedTools, startServer } from '../../../bot/local/server.ts';
import type { Assets } from '../../../bot/pay/server/assets.ts';
import type { PayDesk, PayRefusal, PreparedPayment } from '../../../bot/pay/types.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { createLog } from '../../../contracts/client/support/Log.ts';

const log = createLog({ name: 'test', level: 'silent' });
const token = 'a-token-nobody-guesses';
const window = 'window-0001';
const payer: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const other: Address = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
const chain = {
  id: 31_337,
  name: 'Embedded chain',
  rpcUrls: [],
  coin: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  market: payer,
};

let assets: Assets;
let local: LocalAdapter;
let view: AskView;
let prepared: PreparedPayment | PayRefusal;
let app: ReturnType<typeof createApp>;
let listener: ((view: AskView) => void) | undefined;
let closing: AbortController;
const rpcCalls: unknown[] = [];
const step = { at: 1, block: 1, transaction: '0x01' as const };
const refunded = { state: 'refunded', paid: step, host: payer, refunded: step, reason: 'overdue', amount: 1n } as const;

const desk: PayDesk = {
  view: async (asked) => (asked === token ? view : undefined),
  prepare: async () => prepared,
  transfer: async () => ({ ok: true, address: payer }),
  watch(_token, next) {
    listener = next;
    return () => {
      listener = undefined;
    };
  },
};
const embedded: EmbeddedTools = {
  skipTime: async (seconds) => void rpcCalls.push(['skip', seconds]),
  rpc: async (method, params) => {
    rpcCalls.push([method, params]);
    return '0x1';
  },
  accounts: [payer, other],
};
const createAsk: CreateAsk = async ({ prompt }) =>
  prompt === '' ? { ok: false, message: 'Ask something.' } : { ok: true, view: { ...view, question: prompt } };

function make(
  options: { publicUrl?: string; embedded?: EmbeddedTools; createAsk?: CreateAsk } = { embedded, createAsk },
) {
  closing = new AbortController();
  return createApp({
    port: 3000,
    desk,
    local,
    chain,
    log,
    assets,
    listeningPort: () => 3000,
    signal: closing.signal,
    ...options,
  });
}

type Sent = { method?: string; body?: unknown; headers?: Record<string, string>; host?: string; cookie?: string };

function send(path: string, { method, body, headers = {}, host = '127.0.0.1:3000', cookie }: Sent = {}) {
  return app.request(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      host,
      ...(body !== undefined && { 'content-type': 'application/json', origin: `http://${host}` }),
      ...(cookie !== undefined && { cookie }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

async function session(id = window, cookie?: string): Promise<string> {
  const response = await send('/api/chat/session', { body: { window: id }, ...(cookie && { cookie }) });
  return cookie ?? (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

/** The events that come until `count` of them are there. */
async function events(response: Response, count: number): Promise<{ event: string; id?: string; data: unknown }[]> {
  const found: { event: string; id?: string; data: unknown }[] = [];
  const decoder = new TextDecoder();
  let text = '';
  if (!response.body) return found;
  for await (const chunk of response.body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      if (fields['event'])
        found.push({
          event: fields['event'],
          ...(fields['id'] && { id: fields['id'] }),
          data: JSON.parse(fields['data'] ?? 'null'),
        });
    }
    if (found.length >= count) break;
  }
  return found;
}

beforeAll(async () => {
  assets = await bundlePages();
});

beforeEach(async () => {
  local = createLocalAdapter({
    file: ':memory:',
    log,
    suggest: (command, typed) => [{ value: `${command}-${typed}`, label: 'one' }],
  });
  await local.start(async () => {});
  prepared = {
    ok: true,
    chainId: 31_337,
    calls: [{ purpose: 'ask', to: payer, data: '0x01', value: 5n }],
    price: 5n,
    token: payer,
  };
  view = {
    token,
    chat: { platform: 'discord', id: '123456789' },
    person: { platform: 'discord', id: '987654321', name: '<b>Mallory</b>' },
    question: '<script>alert(1)</script>',
    model: { id: 1n, name: 'terse' },
    price: { amount: 250_000n, token: payer, symbol: 'USDC', decimals: 6, royalty: 50_000n, hostPrice: 200_000n },
    host: other,
    payUrl: `http://127.0.0.1:3000/pay/${token}`,
    language: 'en',
    status: { state: 'awaiting', expiresAt: 2_000_000_000 },
  };
  rpcCalls.length = 0;
  app = make();
});
afterEach(() => closing.abort());

describe('every response', () => {
  test.each(['/', `/pay/${token}`, '/healthz', '/nowhere', `/api/pay/${token}`])(
    '%s forbids what a page does not need',
    async (path) => {
      const { headers } = await send(path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  test('pages have no script or style of their own in them', async () => {
    for (const path of ['/', `/pay/${token}`]) {
      const html = await (await send(path)).text();
      expect(html).not.toMatch(/<script>|<style|style="| on\w+=/);
      expect(html).not.toContain(token);
    }
  });

  test('a failure says nothing of its cause and logs no token', async () => {
    desk.view = async () => {
      throw new Error('secret cause');
    };
    const response = await send(`/api/pay/${token}`);
    desk.view = async (asked) => (asked === token ? view : undefined);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });
});

describe('assets', () => {
  test('are named by their content, cached for ever, and small', async () => {
    const html = await (await send('/')).text();
    const [, script = ''] = /src="\.\/(assets\/chat-[\da-f]{12}\.js)"/.exec(html) ?? [];
    const response = await send(`/${script}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect((await send(`/${script}`)).headers.get('content-encoding')).toBeNull();
    expect(assets.compressedSize('pay').script).toBeGreaterThan(1_000);
    for (const page of ['pay', 'do']) {
      const { script, style } = assets.compressedSize(page);
      expect(script).toBeGreaterThan(1_000);
      expect(script + style).toBeLessThan(100 * 1024);
    }
  });

  test('a private link’s page carries the words of one language as data, and nothing else that could run', async () => {
    for (const [header, language, word] of [
      ['ru-RU,ru;q=0.9', 'ru', 'Загрузка…'],
      ['zh-CN', 'zh', '加载中…'],
      ['de', 'en', 'Loading…'],
    ] as const) {
      const html = assets.html('do', './', languageOfHeader(header) ?? 'en');
      expect(html).toContain(`<html lang="${language}">`);
      const [, data = '{}'] = /<script type="application\/json" id="words">(.*?)<\/script>/.exec(html) ?? [];
      expect(JSON.parse(data)).toMatchObject({ 'page.loading': word });
      expect(html.match(/<script/g)).toHaveLength(2);
      const { script, style } = assets.compressedSize('do');
      expect(script + style + gzipSync(html).length).toBeLessThan(100 * 1024);
    }
  });

  test('a pay link’s page is in the language of its question, whoever opens it; of none, in the browser’s', async () => {
    view = { ...view, language: 'es', price: { ...view.price, amount: 0n }, chat: { platform: 'local', id: '1' } };
    const own = await send(`/pay/${token}`, { headers: { 'accept-language': 'ru' } });
    expect(await own.text()).toMatch(/^<!doctype html><html lang="es">.*<title>Pagar una respuesta<\/title>/);
    expect(await (await send(`/api/pay/${token}`)).json()).toMatchObject({
      page: { priceText: 'gratis', place: 'el chat local' },
    });
    const none = await send('/pay/there-is-no-such-link-at-all', { headers: { 'accept-language': 'ru' } });
    expect([none.status, (await none.text()).slice(0, 35)]).toEqual([404, '<!doctype html><html lang="ru"><hea']);
  });

  test('only assets are served there', async () => {
    for (const path of ['/assets/..%2fserver.ts', '/assets/%2e%2e%2f.env', '/assets/x.js'])
      expect((await send(path)).status).toBe(404);
    expect((await send('/assets/icon.svg')).headers.get('content-type')).toBe('image/svg+xml');
  });
});

describe('who may call', () => {
  test.each([
    'evil.example',
    '127.0.0.1:3001',
    'localhost',
    '127.0.0.1',
    '',
    'evil.example:3000',
    '127.0.0.1:3000.evil.example',
  ])('a Host of %j is not served (DNS rebinding)', async (host) => {
    expect((await send('/', { host })).status).toBe(421);
    expect((await send(`/api/pay/${token}`, { host })).status).toBe(421);
  });

  test.each(['127.0.0.1:3000', 'localhost:3000', '[::1]:3000'])('this machine as %s is', async (host) => {
    expect((await send('/', { host })).status).toBe(200);
    expect((await send('/api/chat/session', { host, body: { window } })).status).toBe(200);
  });

  const post = { body: { window } };
  test.each([
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:9999' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['no JSON', { 'content-type': 'text/plain' }, 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('a post from %s is refused', async (_name, headers, status) => {
    for (const path of ['/api/chat/session', `/api/pay/${token}/prepare`, '/api/embedded/skip', '/api/asks']) {
      expect((await send(path, { ...post, headers })).status).toBe(status);
    }
  });

  test('without Origin: a program may, a page of another site may not', async () => {
    const plain = (headers: Record<string, string>) =>
      app.request('/api/chat/session', {
        method: 'POST',
        headers: { host: '127.0.0.1:3000', 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ window }),
      });
    expect((await plain({})).status).toBe(200);
    expect((await plain({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await plain({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await plain({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
  });

  test('another site cannot read', async () => {
    expect((await send(`/api/pay/${token}`, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await send(`/pay/${token}`, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200);
  });

  test('too large a body is refused', async () => {
    expect(
      (await send('/api/chat/say', { body: { window, text: 'x'.repeat(600_000), nonce: 'nonce-001' } })).status,
    ).toBe(413);
  });
});

describe('under a public address', () => {
  const host = 'pay.example.org';
  beforeEach(() => {
    app = make({ publicUrl: `https://${host}`, embedded, createAsk });
  });

  test('pay pages are served and the chat does not exist', async () => {
    const origin = `https://${host}`;
    expect((await send(`/pay/${token}`, { host })).status).toBe(200);
    expect((await send(`/api/pay/${token}`, { host })).status).toBe(200);
    expect(
      (await send(`/api/pay/${token}/prepare`, { host, body: { payer, window }, headers: { origin } })).status,
    ).toBe(200);
    expect((await send('/', { host })).status).toBe(404);
    expect((await send('/api/chat/session', { host, body: { window }, headers: { origin } })).status).toBe(404);
    expect((await send(`/api/chat/events?window=${window}`, { host })).status).toBe(404);
    expect((await send('/api/embedded/skip', { host, body: {}, headers: { origin } })).status).toBe(404);
    expect((await send('/api/asks', { host, body: { prompt: 'x' }, headers: { origin } })).status).toBe(404);
  });

  test('a proxy that puts its own target into Host opens nothing', async () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip', 'cf-connecting-ip']) {
      expect((await send('/', { headers: { [name]: '1.2.3.4' } })).status).toBe(404);
      expect((await send(`/pay/${token}`, { headers: { [name]: '1.2.3.4' } })).status).toBe(200);
    }
    app = make();
    expect((await send('/', { headers: { via: '1.1 proxy' } })).status).toBe(421);
  });

  test('the local origin may not post there', async () => {
    const headers = { origin: 'http://127.0.0.1:3000' };
    expect((await send(`/api/pay/${token}/prepare`, { host, body: { payer }, headers })).status).toBe(403);
  });
});

describe('the chat', () => {
  test('a session sets one cookie that scripts cannot read, and keeps it', async () => {
    const response = await send('/api/chat/session', { body: { window } });
    expect(response.headers.get('set-cookie')).toMatch(
      /^marketplace_session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const cookie = await session();
    const again = await send('/api/chat/session', { body: { window }, cookie });
    expect(again.headers.get('set-cookie')).toBeNull();
    expect(await again.json()).toMatchObject({ canSkip: true, chain: { id: 31_337 } });
  });

  test('a made-up cookie is replaced', async () => {
    const response = await send('/api/chat/session', { body: { window }, cookie: 'marketplace_session=short' });
    expect(response.headers.get('set-cookie')).toContain('marketplace_session=');
  });

  test('the page, its commands and what the bot hears are in the best language that a browser asks for and we have', async () => {
    const heard: Incoming[] = [];
    await local.start(async (event) => void heard.push(event));
    const headers = { 'accept-language': 'de-DE,es;q=0.7,pt-BR;q=0.9' };
    expect(await (await send('/', { headers })).text()).toContain('<html lang="pt">');
    const opened = await send('/api/chat/session', { body: { window }, headers });
    const { commands } = z
      .object({ commands: z.array(z.object({ description: z.string() })) })
      .parse(await opened.json());
    expect(commands.map(({ description }) => description)).toEqual(menu().pt.map(({ description }) => description));
    const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    await send('/api/chat/say', { body: { window, text: '/help', nonce: 'nonce-0001' }, cookie, headers });
    await vi.waitFor(() => expect(heard).toMatchObject([{ name: 'help', locale: 'pt' }]));
  });

  test('without a session nothing can be said, pressed, renamed or read', async () => {
    expect((await send('/api/chat/say', { body: { window, text: 'x', nonce: 'nonce-001' } })).status).toBe(401);
    expect(
      (await send('/api/chat/press', { body: { window, message: 1, data: 'x', nonce: 'nonce-001' } })).status,
    ).toBe(401);
    expect((await send('/api/chat/name', { body: { window, name: 'x' } })).status).toBe(401);
    expect((await send(`/api/chat/events?window=${window}`)).status).toBe(401);
  });

  test.each([
    ['say', { window, text: '', nonce: 'nonce-001' }],
    ['say', { window, text: 'x', nonce: 'x' }],
    ['say', { window: '../x', text: 'x', nonce: 'nonce-001' }],
    ['say', { text: 'x', nonce: 'nonce-001' }],
    ['say', { window, text: 'x'.repeat(40_001), nonce: 'nonce-001' }],
    ['say', 'no json'],
    ['say', []],
    ['press', { window, message: -1, data: 'x', nonce: 'nonce-001' }],
    ['press', { window, message: 1, data: 'x'.repeat(300), nonce: 'nonce-001' }],
    ['name', { window, name: '\u200b \u202e' }],
    ['name', { window, name: 'x'.repeat(33) }],
    ['session', { window: 'short' }],
    ['suggest', { window, command: 'ask' }],
  ])('%s refuses bad input %#', async (path, body) => {
    const response = await send(`/api/chat/${path}`, { body, cookie: await session() });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ ok: false, code: 'badInput', message: expect.any(String) });
  });

  test('lines come as events, resume after an id, and what is for one goes to one', async () => {
    const cookie = await session();
    await session('window-0002', cookie);
    await send('/api/chat/say', { body: { window, text: '<b>hi</b>', nonce: 'nonce-001' }, cookie });
    const me = local.channel.since(0, { id: '', name: '' })[0]?.author;
    await local.send(
      localChat,
      { payload: { text: '**for one**' } },
      { nonce: 'n', onlyFor: { platform: 'local', id: me?.id ?? '', name: '' } },
    );
    const mine = await events(await send(`/api/chat/events?window=${window}`, { cookie }), 4);
    expect(mine.filter(({ event }) => event === 'line')).toMatchObject([
      { id: '1', data: { type: 'person', text: '<b>hi</b>', onlyForYou: false } },
      { id: '2', data: { type: 'bot', html: '<p><strong>for one</strong></p>', onlyForYou: true } },
    ]);
    const theirs = await events(await send('/api/chat/events?window=window-0002', { cookie }), 3);
    expect(theirs.filter(({ event }) => event === 'line')).toHaveLength(1);
    const resumed = await events(
      await send(`/api/chat/events?window=${window}`, { cookie, headers: { 'last-event-id': '1' } }),
      3,
    );
    expect(resumed.filter(({ event }) => event === 'line').map(({ id }) => id)).toEqual(['2']);
  });

  test('an open stream tells of new lines and of who is here', async () => {
    const cookie = await session();
    const response = await send(`/api/chat/events?window=${window}`, { cookie });
    const coming = events(response, 3);
    await vi.waitFor(() => expect(local.channel.people()).toHaveLength(1), { timeout: 10_000 });
    await local.send(localChat, { payload: { text: 'news' } }, { nonce: 'n' });
    expect(await coming).toContainEqual(
      expect.objectContaining({ event: 'line', data: expect.objectContaining({ html: '<p>news</p>' }) }),
    );
    await vi.waitFor(() => expect(local.channel.people()).toHaveLength(0), { timeout: 10_000 });
  });

  test('a card carries where its ask stands, and moves with the ask even when its words stay', async () => {
    const cookie = await session();
    const link = { type: 'link', label: 'Pay', url: `http://127.0.0.1:3000/pay/${token}` } as const;
    await local.send(localChat, { payload: { text: 'card', buttons: [link] } }, { nonce: 'n' });
    const response = await send(`/api/chat/events?window=${window}`, { cookie });
    const coming = events(response, 4);
    await vi.waitFor(() => expect(listener).toBeDefined(), { timeout: 10_000 });
    view = { ...view, status: refunded };
    listener?.(view);
    const lines = (await coming).filter(({ event }) => event === 'line');
    expect(
      lines.map(({ data }) => (data as { standing: { status: { state: string } } }).standing.status.state),
    ).toEqual(['awaiting', 'refunded']);
    expect(listener).toBeUndefined();
  });

  test('files come as the bot takes them anywhere: text in UTF-8, small, at most four', async () => {
    const cookie = await session();
    const sent = (name: string, content: Uint8Array | string) => {
      const bytes = Buffer.from(content);
      return { name, type: '', bytes: bytes.length, content: bytes.toString('base64') };
    };
    const most = sent('most.txt', 'a'.repeat(64_000));
    const files = [
      sent('count.py', 'prompt = "x"\n'),
      sent('cat.png', Uint8Array.of(137, 80, 78, 71)),
      sent('latin.txt', Uint8Array.of(0xe9)),
      { name: 'huge.txt', type: '', bytes: 64_001 },
    ];
    const say = (body: object) => send('/api/chat/say', { body: { window, text: '', ...body }, cookie });
    expect((await say({ nonce: 'nonce-001', files })).status).toBe(200);
    expect((await say({ nonce: 'nonce-002', files: [most, most, most, most, most] })).status).toBe(200);
    expect(
      (await say({ nonce: 'nonce-003', files: [{ ...most, bytes: 1, content: sent('', 'a'.repeat(64_001)).content }] }))
        .status,
    ).toBe(200);
    const said = local.channel.since(0, { id: '', name: '' }).map(({ body }) => body.type === 'person' && body.files);
    const text = 'a'.repeat(64_000);
    expect(said).toEqual([
      [
        { name: 'count.py', text: 'prompt = "x"\n' },
        { name: 'cat.png', refused: 'notText' },
        { name: 'latin.txt', refused: 'notText' },
        { name: 'huge.txt', refused: 'tooLarge' },
      ],
      [...Array(4).fill({ name: 'most.txt', text }), { name: 'most.txt', refused: 'tooMany' }],
      [{ name: 'most.txt', refused: 'tooLarge' }],
    ]);
  });

  test('a button that is not there cannot be pressed', async () => {
    const response = await send('/api/chat/press', {
      body: { window, message: 1, data: 'x', nonce: 'nonce-001' },
      cookie: await session(),
    });
    expect(response.status).toBe(409);
  });

  test('too much at once is slowed down', async () => {
    const cookie = await session();
    const statuses = [];
    for (let i = 0; i < 35; i += 1)
      statuses.push(
        (await send('/api/chat/say', { body: { window, text: 'x', nonce: `nonce-0${i}00` }, cookie })).status,
      );
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(200));
    expect(statuses.at(-1)).toBe(429);
  });

  test('suggestions come from the core', async () => {
    const response = await send('/api/chat/suggest', { body: { window, command: 'ask', typed: 'te' } });
    expect(await response.json()).toEqual({ suggestions: [{ value: 'ask-te', label: 'one' }] });
  });

  test('a name loses its invisible characters', async () => {
    const response = await send('/api/chat/name', { body: { window, name: ' A\u202e\nB ' }, cookie: await session() });
    expect(await response.json()).toMatchObject({ me: { name: 'A B' } });
  });
});

describe('the pay page', () => {
  test('an unknown link is 404, page and data', async () => {
    for (const path of ['/pay/unknown-token', '/pay/x', '/api/pay/unknown-token', '/api/pay/unknown-token/events']) {
      expect((await send(path)).status).toBe(404);
    }
    prepared = { ok: false, code: 'unknown', message: 'No such link.' };
    expect((await send('/api/pay/unknown-token/prepare', { body: { payer } })).status).toBe(404);
    expect((await send('/api/pay/unknown-token/sent', { body: { hash: `0x${'1'.repeat(64)}` } })).status).toBe(404);
  });

  test('the view has amounts as text and no ids of people or chats', async () => {
    const text = await (await send(`/api/pay/${token}`)).text();
    expect(JSON.parse(text)).toMatchObject({
      question: '<script>alert(1)</script>',
      price: { amount: '250000' },
      page: { priceText: '0.25 USDC' },
      testWallet: true,
      chain,
    });
    expect(text).not.toMatch(/123456789|987654321/);
  });

  test('an answer comes as safe HTML beside the text', async () => {
    view = {
      ...view,
      status: {
        state: 'delivered',
        paid: step,
        host: other,
        delivered: step,
        answer: '<img src=x onerror=a()>',
        reportDue: 9,
      },
    };
    expect(await (await send(`/api/pay/${token}`)).json()).toMatchObject({
      page: { answerHtml: '<p>&#60;img src=x onerror=a()&#62;</p>' },
    });
  });

  test('a payment is prepared as plain transactions', async () => {
    const response = await send(`/api/pay/${token}/prepare`, { body: { payer, window } });
    expect(await response.json()).toEqual({
      ok: true,
      chainId: 31_337,
      calls: [{ purpose: 'ask', to: payer, data: '0x01', value: '5' }],
      price: '5',
      token: payer,
    });
  });

  test.each([
    ['expired', 409],
    ['paid', 409],
    ['offerChanged', 409],
    ['balanceTooLow', 409],
    ['chainUnreachable', 503],
  ] as const)('a refusal (%s) is handed on in its own words', async (code, status) => {
    prepared = { ok: false, code, message: 'In people’s words.' };
    const response = await send(`/api/pay/${token}/prepare`, { body: { payer, window } });
    expect([response.status, await response.json()]).toEqual([status, prepared]);
    expect(await (await send(`/api/pay/${token}?window=window-0002`)).json()).not.toHaveProperty('page.payment');
  });

  test.each([{}, { payer: 'me' }, { payer: '0x00' }, { payer, window: '<' }, { payer, again: 'yes' }])(
    'bad input %j is refused',
    async (body) => {
      expect((await send(`/api/pay/${token}/prepare`, { body })).status).toBe(400);
    },
  );

  test('a second window sees that the first one is paying, and must say that it means it', async () => {
    const [first, second] = [window, 'window-0002'];
    const pay = (id: string, again = false) =>
      send(`/api/pay/${token}/prepare`, { body: { payer, window: id, again } });
    const seenBy = async (id: string) =>
      (await (await send(`/api/pay/${token}?window=${id}`)).json()) as { page: { payment?: unknown } };
    expect((await pay(first)).status).toBe(200);
    expect((await seenBy(second)).page.payment).toEqual({ here: false, stage: 'prepared' });
    expect((await seenBy(first)).page.payment).toEqual({ here: true, stage: 'prepared' });
    expect(await (await pay(second)).json()).toMatchObject({ code: 'payingElsewhere' });
    expect((await pay(first)).status).toBe(200);
    const hash = `0x${'1'.repeat(64)}`;
    await send(`/api/pay/${token}/sent`, { body: { window: first, hash } });
    expect((await pay(second, true)).status).toBe(200);
    expect((await seenBy(second)).page.payment).toEqual({ here: false, stage: 'sent', hash });
    await send(`/api/pay/${token}/cancel`, { body: { window: second } });
    expect((await seenBy(second)).page.payment).toBeDefined();
    await send(`/api/pay/${token}/cancel`, { body: { window: first } });
    expect((await seenBy(second)).page.payment).toBeUndefined();
  });

  test('events bring each change, the payments of other windows included', async () => {
    const response = await send(`/api/pay/${token}/events?window=window-0002`);
    const coming = events(response, 3);
    await vi.waitFor(() => expect(listener).toBeDefined(), { timeout: 10_000 });
    await send(`/api/pay/${token}/prepare`, { body: { payer, window } });
    await new Promise((resolve) => setImmediate(resolve));
    listener?.({ ...view, status: { state: 'expired' } });
    const seen = (await coming).map(({ data }) => data as { status: { state: string }; page: { payment?: unknown } });
    expect(seen[0]?.status.state).toBe('awaiting');
    expect(seen.at(-1)).toMatchObject({ status: { state: 'expired' }, page: { payment: { here: false } } });
    await vi.waitFor(() => expect(listener).toBeUndefined(), { timeout: 10_000 });
  });

  test('a link that is hammered is slowed down, others are not', async () => {
    const statuses = [];
    for (let i = 0; i < 25; i += 1)
      statuses.push((await send(`/api/pay/${token}/prepare`, { body: { payer, window } })).status);
    expect(statuses).toContain(429);
    expect((await send(`/api/pay/${token}`)).status).toBe(200);
  });
});

describe('the embedded chain', () => {
  const rpc = (method: string, params: unknown[] = [], id = window) =>
    send('/api/embedded/rpc', { body: { window: id, method, params } });

  test('each window has an account of its own', async () => {
    expect(await (await rpc('eth_accounts')).json()).toEqual({ result: [payer] });
    expect(await (await rpc('eth_requestAccounts', [], 'window-0002')).json()).toEqual({ result: [other] });
    expect(await (await rpc('eth_accounts')).json()).toEqual({ result: [payer] });
    expect(rpcCalls).toEqual([]);
  });

  test.each([
    'eth_sign',
    'eth_signTypedData',
    'eth_signTransaction',
    'anvil_setBalance',
    'evm_increaseTime',
    'hardhat_impersonateAccount',
    'debug_traceTransaction',
    'eth_sendRawTransaction',
    '__proto__',
    '',
  ])('%s is not done', async (method) => {
    expect((await rpc(method)).status).toBe(403);
    expect(rpcCalls).toEqual([]);
  });

  test('a window’s own account signs texts and typed data, another window’s does not', async () => {
    expect((await rpc('personal_sign', ['0x41', other])).status).toBe(403);
    expect((await rpc('eth_signTypedData_v4', [other, '{}'])).status).toBe(403);
    expect(rpcCalls).toEqual([]);
    expect((await rpc('personal_sign', ['0x41', payer])).status).toBe(200);
    expect((await rpc('eth_signTypedData_v4', [payer, '{}'])).status).toBe(200);
    expect(rpcCalls).toHaveLength(2);
  });

  test('transactions come from the window’s own account and carry nothing else', async () => {
    expect((await rpc('eth_sendTransaction', [{ from: other, to: other }])).status).toBe(403);
    expect((await rpc('eth_sendTransaction', [{ to: 'x' }])).status).toBe(400);
    await rpc('eth_sendTransaction', [
      { from: payer.toLowerCase(), to: other, data: '0x01', value: '0x5', nonce: '0x0', gasPrice: '0x0' },
    ]);
    expect(rpcCalls).toEqual([['eth_sendTransaction', [{ from: payer, to: other, data: '0x01', value: '0x5' }]]]);
  });

  test('the node’s refusal reaches the page as a wallet’s would', async () => {
    app = make({ embedded: { ...embedded, rpc: async () => Promise.reject(new Error('insufficient funds for gas')) } });
    expect(await (await rpc('eth_sendTransaction', [{ to: other }])).json()).toEqual({
      error: { code: -32_000, message: 'insufficient funds for gas' },
    });
  });

  test('the clock is put forward by twelve hours', async () => {
    expect((await send('/api/embedded/skip', { body: { window } })).status).toBe(200);
    expect(rpcCalls).toContainEqual(['skip', 43_200]);
  });

  test('on other chains none of this exists', async () => {
    app = make({});
    expect((await rpc('eth_accounts')).status).toBe(404);
    expect((await send('/api/embedded/skip', { body: {} })).status).toBe(404);
    expect(await (await send(`/api/pay/${token}`)).json()).toMatchObject({ testWallet: false });
  });
});

describe('asks from a terminal', () => {
  test('are opened and come back as the view', async () => {
    const response = await send('/api/asks', { body: { prompt: 'What?' } });
    expect([response.status, await response.json()]).toMatchObject([
      201,
      { ok: true, view: { question: 'What?', price: { amount: '250000' } } },
    ]);
  });

  test('a refusal is the core’s own sentence', async () => {
    const response = await send('/api/asks', { body: { prompt: '' } });
    expect([response.status, await response.json()]).toEqual([422, { ok: false, message: 'Ask something.' }]);
  });

  test('bad input is refused, and without the core’s function there is no such route', async () => {
    expect((await send('/api/asks', { body: { prompt: 1 } })).status).toBe(400);
    app = make({});
    expect((await send('/api/asks', { body: { prompt: 'x' } })).status).toBe(404);
  });
});

test('whatever is posted, the answer is a refusal in words, never a crash', async () => {
  const paths = [
    'chat/session',
    'chat/say',
    'chat/press',
    'chat/name',
    'chat/suggest',
    `pay/${token}/prepare`,
    `pay/${token}/sent`,
    `pay/${token}/cancel`,
    'embedded/rpc',
    'asks',
  ];
  const cookie = await session();
  const value = fc.oneof(
    fc.constantFrom(window, payer, 'eth_call', 'eth_sendTransaction', 'nonce-001', 0, -1, 1e30, null, true),
    fc.jsonValue({ maxDepth: 2 }),
    fc.string(),
  );
  const body = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.dictionary(
      fc.constantFrom(
        'window',
        'text',
        'nonce',
        'message',
        'data',
        'name',
        'command',
        'typed',
        'payer',
        'again',
        'hash',
        'method',
        'params',
        'prompt',
        'model',
        '__proto__',
      ),
      value,
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), body, async (path, json) => {
      const response = await send(`/api/${path}`, { body: JSON.stringify(json) ?? 'null', cookie });
      expect(response.status).toBeLessThan(500);
      if (response.status >= 400)
        expect(await response.json()).toMatchObject({ ok: false, message: expect.any(String) });
    }),
    { numRuns: 400 },
  );
});

describe('listening', () => {
  test('a busy port is said with the setting that changes it', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as AddressInfo;
    await expect(startServer({ port, desk, local, log })).rejects.toThrow(
      `Port ${port} is already in use. Set BOT_PORT to a free one, for example BOT_PORT=${port + 1}.`,
    );
    await new Promise((resolve) => blocker.close(resolve));
  });

  test('it serves on this machine, and stops although streams are open', async () => {
    const server = await startServer({ port: 0, desk, local, log });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const stream = await fetch(`${server.url}/api/pay/${token}/events`);
    expect(stream.status).toBe(200);
    await server.stop();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });
});
