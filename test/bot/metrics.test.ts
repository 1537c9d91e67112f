import { expect, test } from 'vitest';
import type { Adapter } from '../../bot/core/types.ts';
import { createMetrics } from '../../bot/metrics/Metrics.ts';
import { createMetricsApp, serveMetrics } from '../../bot/metrics/server.ts';
import { parseExposition } from '../fakes/exposition.ts';
import { FakePlatform } from './core/FakePlatform.ts';
import { command, createWorld } from './core/world.ts';

test('metrics are what a scraper takes, and health says what is wrong', async () => {
  const world = await createWorld();
  const metrics = createMetrics(false);
  const platform = new FakePlatform();
  const counted = metrics.counting(platform as Adapter);
  const hear = metrics.hearing(world.receive);
  await hear(command('ask', 'What is TellorFlex?'));
  const chat = { platform: 'telegram', id: '1' } as const;
  const ref = await counted.send(chat, { payload: { text: 'x' } }, { nonce: '1' });
  platform.remove(ref.id);
  await expect(counted.edit(ref, { payload: { text: 'y' } })).rejects.toThrow('deleted');
  await expect(metrics.hearing(() => Promise.reject(new Error('no')))(command('ask', 'x'))).rejects.toThrow('no');
  await world.bot.outbox.idle();
  let balance = 10n ** 18n;
  let status = { isConnected: true, line: 'connected as @market_bot' };
  const source = {
    db: world.context.store.db,
    keyBalance: async () => balance,
    platforms: () => new Map([['telegram', status]]),
    staleAfter: 300,
    leastWei: 5n * 10n ** 15n,
    now: () => world.clock.now,
  };
  const app = createMetricsApp(metrics.registry, source);
  const get = (path: string, host = '127.0.0.1:9465') => app.request(`http://${host}${path}`, { headers: { host } });
  const families = parseExposition(await (await get('/metrics')).text());
  const figure = (name: string, labels: Record<string, string> = {}) =>
    families
      .get(name.replace(/_count$/, ''))
      ?.samples.find(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      )?.value;
  expect(figure('bot_asks', { state: 'awaiting' })).toBe(1);
  expect(figure('bot_event_duration_seconds_count', { platform: 'telegram', type: 'command' })).toBe(1);
  expect(figure('bot_event_failures_total')).toBe(1);
  expect(figure('bot_message_duration_seconds_count', { call: 'send', outcome: 'ok' })).toBe(1);
  expect(figure('bot_message_duration_seconds_count', { call: 'edit', outcome: 'gone' })).toBe(1);
  expect(figure('bot_messages_waiting')).toBe(0);
  expect(figure('bot_platform_connected', { platform: 'telegram' })).toBe(1);
  expect(figure('bot_key_coin')).toBe(1);
  expect((await get('/healthz')).status).toBe(200);
  balance = 1n;
  status = { isConnected: false, line: 'not reachable; trying again' };
  world.clock.now += 1_000;
  const sick = await get('/healthz');
  expect(sick.status).toBe(503);
  expect(await sick.json()).toMatchObject({
    problems: ['telegram: not reachable; trying again', expect.stringContaining('old'), expect.stringContaining('gas')],
  });
  expect((await get('/metrics', 'evil.example')).status).toBe(403);
  const served = await serveMetrics(0, metrics.registry, source);
  expect((await fetch(`${served.url}/metrics`)).status).toBe(200);
  await served.close();
  await world.end();
});
