import type { Hono } from 'hono';
import { Gauge, Registry } from 'prom-client';
import {
  createLoopbackApp,
  type LoopbackServer,
  serveLoopback,
} from '../../contracts/client/support/LoopbackServer.ts';
import { type BotState, readState, type StateSource } from './State.ts';

const weiPerCoin = 10n ** 18n;

/** `/metrics` for Prometheus and `/healthz` for supervisors. */
export function createMetricsApp(counted: Registry, source: StateSource): Hono {
  const app = createLoopbackApp('/metrics and /healthz');
  app.get('/metrics', async (c) => {
    const whole = Registry.merge([counted, gaugesOf(await readState(source))]);
    return c.body(await whole.metrics(), 200, { 'content-type': whole.contentType });
  });
  app.get('/healthz', async (c) => {
    const { problems, platforms, waiting, chainTime } = await readState(source);
    const lines = Object.fromEntries([...platforms].map(([name, { line }]) => [name, line]));
    const ok = problems.length === 0;
    return c.json({ ok, problems, platforms: lines, waiting, chainTime }, ok ? 200 : 503);
  });
  return app;
}

function gaugesOf({ asks, waiting, chats, chainTime, keyWei, platforms }: BotState): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const byState = gauge('bot_asks', 'Asks by what became of them', ['state']);
  for (const [state, n] of asks) byState.set({ state }, n);
  const connected = gauge('bot_platform_connected', '1: connected', ['platform']);
  for (const [platform, { isConnected }] of platforms) connected.set({ platform }, isConnected ? 1 : 0);
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
export function serveMetrics(port: number, counted: Registry, source: StateSource): Promise<LoopbackServer> {
  return serveLoopback(createMetricsApp(counted, source), port);
}
