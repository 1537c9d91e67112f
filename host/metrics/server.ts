import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import { pagePolicy, renderPage } from './page.ts';
import { createExposition, tokenNamer } from './prometheus.ts';
import { type HostState, readState, type StateSource } from './State.ts';

/** So long one reading of chain and journal serves everybody who looks. */
const keepMs = 2_000;
const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

export type MetricsSource = Omit<StateSource, 'metrics'> & {
  metrics: StateSource['metrics'] & { registry: Registry };
};

/** `/metrics` for Prometheus, `/healthz` for supervisors, and a page for people. */
export function createMetricsApp(source: MetricsSource): Hono {
  const { metrics, deployment, hostContract, operator, now = Date.now } = source;
  const tokenName = tokenNamer(deployment.token);
  const exposition = createExposition(metrics.registry, tokenName);
  let kept: { at: number; state: Promise<HostState> } | undefined;
  const state = (): Promise<HostState> => {
    if (kept === undefined || performance.now() - kept.at > keepMs)
      kept = { at: performance.now(), state: readState(source) };
    return kept.state;
  };

  const app = new Hono();
  app.use(async (c, next) => {
    // A page on the web whose name resolves to this machine reads nothing here.
    if (!loopback.test(c.req.header('host') ?? '')) return c.text('Only for this machine.\n', 403);
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    if (!c.res.headers.has('content-security-policy')) c.header('content-security-policy', "default-src 'none'");
    return undefined;
  });
  app.get('/', async (c) => {
    const page = await renderPage(await state(), { hostContract, operator, tokenName, now: now() });
    return c.html(page, 200, { 'content-security-policy': pagePolicy });
  });
  app.get('/metrics', async (c) =>
    c.body(await exposition(await state()), 200, { 'content-type': metrics.registry.contentType }),
  );
  app.get('/healthz', async (c) => {
    const { problems, provider, healthy, followed, chain, backlog } = await state();
    const facts = {
      ok: problems.length === 0,
      problems,
      provider,
      offering: healthy,
      followed,
      head: chain?.head.number,
    };
    return c.json({ ...facts, waiting: backlog.queued + backlog.inFlight }, facts.ok ? 200 : 503);
  });
  app.notFound((c) => c.text('There are /, /metrics and /healthz.\n', 404));
  app.onError((_error, c) => c.text('The figures can not be read at the moment; the log may say why.\n', 500));
  return app;
}

/** Serves them on 127.0.0.1 only. @param port 0 takes a free one */
export async function serveMetrics(
  port: number,
  source: MetricsSource,
): Promise<{ url: string; close(): Promise<void> }> {
  const app = createMetricsApp(source);
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
