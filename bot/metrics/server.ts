import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Gauge, Registry } from 'prom-client';
import { type BotState, readState, type StateSource } from './State.ts';

const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;
const weiPerCoin = 10n ** 18n;

/** `/metrics` for Prometheus and `/healthz` for supervisors. */
export function createMetricsApp(counted: Registry, source: StateSource): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    // A page on the web whose name resolves to this machine reads nothing here.
    if (!loopback.test(c.req.header('host') ?? '')) return c.text('Only for this machine.\n', 403);
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('content-security-policy', "default-src 'none'");
    return undefined;
  });
  app.get('/metrics', async (c) => {
    const whole = Registry.merge([counted, gaugesOf(await readState(source))]);
    return c.body(await whole.metrics(), 200, { 'content-type': whole.contentType });
  });
  app.get('/healthz', async (c) => {
    const { problems, platforms, waiting, chainTime } = await readState(source);
    const ok = problems.length === 0;
    return c.json({ ok, problems, platforms: Object.fromEntries(platforms), waiting, chainTime }, ok ? 200 : 503);
  });
  app.notFound((c) => c.text('There are /metrics and /healthz.\n', 404));
  app.onError((_error, c) => c.text('The figures can not be read at the moment; the log may say why.\n', 500));
  return app;
}

function gaugesOf({ asks, waiting, chats, chainTime, keyWei, platforms }: BotState): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const byState = gauge('bot_asks', 'Asks by what became of them', ['state']);
  for (const [state, n] of asks) byState.set({ state }, n);
  const connected = gauge('bot_platform_connected', '1: connected', ['platform']);
  for (const [platform, line] of platforms) connected.set({ platform }, line.startsWith('connected') ? 1 : 0);
  gauge('bot_messages_waiting', 'Messages that are not shown as they should be').set(waiting);
  gauge('bot_chats', 'Chats in which the bot said something').set(chats);
  gauge('bot_chain_timestamp_seconds', 'Timestamp of the newest block that was handled').set(chainTime);
  if (keyWei !== undefined)
    gauge('bot_key_coin', 'What the bot’s key has for gas, in whole coins').set(
      Number(keyWei / weiPerCoin) + Number(keyWei % weiPerCoin) / 1e18,
    );
  return registry;
}

/** Serves them on 127.0.0.1 only. @param port 0 takes a free one */
export async function serveMetrics(
  port: number,
  counted: Registry,
  source: StateSource,
): Promise<{ url: string; close(): Promise<void> }> {
  const app = createMetricsApp(counted, source);
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
