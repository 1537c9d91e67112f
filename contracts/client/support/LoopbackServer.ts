import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

export type LoopbackServer = { url: string; close(): Promise<void> };

/**
 * An app for figures that are for this machine's eyes: a page on the web whose name resolves to it reads nothing, nothing is
 * kept or framed, and nothing runs unless a response brings a policy of its own.
 * @param paths what there is, for who asks for something else
 */
export function createLoopbackApp(paths: string): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (!loopback.test(c.req.header('host') ?? '')) return c.text('Only for this machine.\n', 403);
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    if (!c.res.headers.has('content-security-policy')) c.header('content-security-policy', "default-src 'none'");
    return undefined;
  });
  app.notFound((c) => c.text(`There are ${paths}.\n`, 404));
  app.onError((_error, c) => c.text('The figures can not be read at the moment; the log may say why.\n', 500));
  return app;
}

/** Serves it on 127.0.0.1 only. @param port 0 takes a free one @throws when the port can't be used */
export async function serveLoopback(app: Hono, port: number): Promise<LoopbackServer> {
  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, resolve);
  server.once('error', reject);
  const { port: taken } = await promise;
  return {
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
