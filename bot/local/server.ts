import type { Server } from 'node:http';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { except } from 'hono/combine';
import { z } from 'zod';
import type { Log } from '../../contracts/client/support/Log.ts';
import { type Translate, translator } from '../core/I18n.ts';
import type { ModelView } from '../core/selling/ModelView.ts';
import type { AskView, Person } from '../core/types.ts';
import type { RequestDesk } from '../pay/request/desk.ts';
import { type Assets, bundle, type PageSource } from '../pay/server/assets.ts';
import { createChainClock } from '../pay/server/chainClock.ts';
import { type EmbeddedTools, embeddedRoutes } from '../pay/server/embeddedRoutes.ts';
import {
  headers,
  knownHost,
  largestLine,
  localOnly,
  refusal,
  type ServerEnv,
  sameOrigin,
  smallBody,
} from '../pay/server/guard.ts';
import { languageOf, payTokenSchema, readBody } from '../pay/server/input.ts';
import { createLimiter } from '../pay/server/limiter.ts';
import { type ModelLinks, modelPage } from '../pay/server/modelPage.ts';
import { payRoutes } from '../pay/server/payRoutes.ts';
import { requestRoutes } from '../pay/server/requestRoutes.ts';
import { type ChainInfo, toWire } from '../pay/server/wire.ts';
import type { PayDesk } from '../pay/types.ts';
import type { LocalAdapter } from './adapter.ts';
import { chatRoutes } from './chatRoutes.ts';
import { renderHtml } from './html.ts';

export type { EmbeddedTools } from '../pay/server/embeddedRoutes.ts';
export type { ChainInfo } from '../pay/server/wire.ts';

/** Opens an ask for a terminal on this machine; no card is posted in a chat. */
export type CreateAsk = (request: {
  person: Person;
  prompt: string;
  model?: string;
  script?: string;
}) => Promise<{ ok: true; view: AskView } | { ok: false; message: string }>;

/** A path whose POST requests are answered by somebody else. */
export type Inbound = { path: string; handle(request: Request): Promise<Response> };

export type ServerOptions = {
  host?: '127.0.0.1';
  /** 0 takes a free one. */
  port: number;
  /** Base of the links given to people elsewhere; under it only pay pages are served. */
  publicUrl?: string;
  desk: PayDesk;
  /** Makes `/do`, for the links that people are given in private. */
  requests?: RequestDesk;
  /** Makes `/m/ID`, the page of a model. */
  models?: { view(id: bigint, t: Translate): Promise<ModelView | undefined>; links(id: bigint): ModelLinks };
  local: LocalAdapter;
  chain?: ChainInfo;
  /** Only on the embedded chain. */
  embedded?: EmbeddedTools;
  /** Where Telegram's own requests arrive; each proves by its secret that it is Telegram's. */
  webhook?: Inbound;
  /** Makes `POST /api/asks`. */
  createAsk?: CreateAsk;
  log: Log;
};

export type LocalServer = { port: number; url: string; stop(): Promise<void> };

/** The port is taken or may not be used; the operator must choose another. */
export class PortError extends Error {
  override name = 'PortError';
}

const pages = [
  {
    name: 'chat',
    title: 'AI Marketplace',
    words: 'chat',
    script: new URL('./page/main.tsx', import.meta.url),
    style: new URL('./page/style.css', import.meta.url),
  },
  {
    name: 'pay',
    title: { key: 'page.title.pay' },
    script: new URL('../pay/page/main.tsx', import.meta.url),
    style: new URL('../pay/page/style.css', import.meta.url),
  },
  {
    name: 'do',
    title: { key: 'page.title.do' },
    script: new URL('../pay/page/request/main.tsx', import.meta.url),
    style: new URL('../pay/page/style.css', import.meta.url),
  },
] as const satisfies PageSource[];

const asksBody = z.object({
  prompt: z.string().max(100_000),
  model: z.string().max(200).exactOptional(),
  script: z.string().max(100_000).exactOptional(),
});

/** The pages' bundles, made once per process. */
export function bundlePages(): Promise<Assets> {
  return bundle(pages);
}

/** Before the checks of pages: such a request proves itself, under whatever name it arrives. */
export function mountWebhook(app: Hono<ServerEnv>, { path, handle }: Inbound): void {
  app.post(path, smallBody(), (c) => handle(c.req.raw));
}

/** All routes, without a socket: for the server below and for tests. */
export function createApp(
  options: ServerOptions & { assets: Assets; listeningPort: () => number; signal: AbortSignal },
): Hono<ServerEnv> {
  const { desk, requests, local, chain, embedded, createAsk, log, assets, signal, publicUrl } = options;
  const app = new Hono<ServerEnv>();
  app.use(headers());
  if (options.webhook) mountWebhook(app, options.webhook);
  app.use(knownHost({ port: options.listeningPort, ...(publicUrl !== undefined && { publicUrl }) }));
  app.use('/api/*', sameOrigin());
  app.use('/api/chat/say', smallBody(largestLine));
  app.use('/api/*', except('/api/chat/say', smallBody()));
  app.notFound((c) => c.json(refusal('notFound', 'There is nothing here.'), 404));
  app.onError((error, c) => {
    // The path may hold a pay link's token.
    log.error({ err: error, method: c.req.method }, 'A request to the local server failed');
    return c.json(refusal('internal', 'Something went wrong on our side. Try again in a moment.'), 500);
  });

  const chainNow = createChainClock(embedded);
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/', localOnly(), (c) => c.html(assets.html('chat', './', languageOf(c) ?? 'en')));
  app.get('/pay/:token', async (c) => {
    const token = payTokenSchema.safeParse(c.req.param('token'));
    const view = token.success ? await desk.view(token.data) : undefined;
    // Whoever pays reads what the asker was told, in his language.
    return c.html(assets.html('pay', '../', view?.language ?? languageOf(c) ?? 'en'), view ? 200 : 404);
  });
  app.get('/assets/:file', assets.serve);
  app.route(
    '/api/chat',
    chatRoutes(local, { desk, ...(chain && { chain }), canSkip: embedded !== undefined, chainNow, signal }),
  );
  app.route(
    '/api/pay',
    payRoutes({
      desk,
      ...(chain && { chain }),
      testWallet: embedded !== undefined,
      renderAnswer: (markdown) => renderHtml(markdown),
      chainNow,
      signal,
    }),
  );
  const { models } = options;
  if (models) {
    app.get('/m/:id{\\d{1,20}}', async (c) => {
      const t = translator(languageOf(c) ?? 'en');
      const model = await models.view(BigInt(c.req.param('id')), t);
      return model ? c.html(modelPage(model, models.links(model.id), assets, t)) : c.notFound();
    });
  }
  if (requests && chain) {
    app.get('/do', (c) => c.html(assets.html('do', './', languageOf(c) ?? 'en')));
    app.route('/api/do', requestRoutes({ desk: requests, chain, testWallet: embedded !== undefined }));
  }
  if (embedded) app.route('/api/embedded', embeddedRoutes(embedded, log));
  if (createAsk) {
    const mayCreate = createLimiter(200, 20);
    app.post('/api/asks', localOnly(), async (c) => {
      if (!mayCreate('')) return c.json(refusal('tooMany', 'Too many asks at once. Wait a few seconds.'), 429);
      const read = await readBody(c, asksBody);
      if (!read.ok) return read.response;
      const made = await createAsk({ person: { platform: 'local', id: 'terminal', name: 'Terminal' }, ...read.body });
      return made.ok
        ? c.json({ ok: true, view: toWire(made.view) }, 201)
        : c.json({ ok: false, message: made.message }, 422);
    });
  }
  return app;
}

/**
 * Serves the local chat and the pay pages on this machine.
 * @throws PortError when the port can't be used
 */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const assets = await bundlePages();
  const closing = new AbortController();
  let port = options.port;
  const app = createApp({ ...options, assets, listeningPort: () => port, signal: closing.signal });
  const server = await listen(app, options);
  const address = server.address();
  if (address && typeof address === 'object') port = address.port;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      closing.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        (server as Server).closeAllConnections();
      });
    },
  };
}

function listen(app: Hono<ServerEnv>, { host = '127.0.0.1', port }: ServerOptions): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, () => resolve(server));
    // Node's 5 s closes connections that a client is about to use again; proxies usually keep theirs for a minute.
    (server as Server).keepAliveTimeout = 65_000;
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? 'is already in use'
          : error.code === 'EACCES'
            ? 'may not be used by this account'
            : undefined;
      reject(
        reason
          ? new PortError(`Port ${port} ${reason}. Set BOT_PORT to a free one, for example BOT_PORT=${port + 1}.`, {
              cause: error,
            })
          : error,
      );
    });
  });
}
