import type { Hono } from 'hono';
import type { Registry } from 'prom-client';
import {
  createLoopbackApp,
  type LoopbackServer,
  serveLoopback,
} from '../../contracts/client/support/LoopbackServer.ts';
import { pagePolicy, renderPage } from './page.ts';
import { createExposition, tokenNamer } from './prometheus.ts';
import { type HostState, readState, type StateSource } from './State.ts';

/** So long one reading of chain and journal serves everybody who looks. */
const keepMs = 2_000;

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

  const app = createLoopbackApp('/, /metrics and /healthz');
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
  return app;
}

/** Serves them on 127.0.0.1 only. @param port 0 takes a free one */
export function serveMetrics(port: number, source: MetricsSource): Promise<LoopbackServer> {
  return serveLoopback(createMetricsApp(source), port);
}
