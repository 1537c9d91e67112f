import { expect, test } from 'vitest';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import { createMetrics } from '../../host/metrics/Metrics.ts';
import { pagePolicy, renderPage } from '../../host/metrics/page.ts';
import { createExposition, tokenNamer } from '../../host/metrics/prometheus.ts';
import type { HostState } from '../../host/metrics/State.ts';
import { createMetricsApp, type MetricsSource } from '../../host/metrics/server.ts';
import { figuresOf } from '../../host/store/Figures.ts';
import { parseExposition } from '../fakes/exposition.ts';
import { idOf, lang, live, memoryJournal, nameModel, them, us } from './history.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const seconds = now / 1_000;
const one = 10n ** 18n;

function stateOf(change: Partial<HostState> = {}, name = 'Guide'): HostState {
  const journal = memoryJournal();
  nameModel(journal, 1n, name);
  live(journal, { n: 1, state: 'settled', price: one / 4n, askedAt: seconds - 90_000, settledAt: seconds - 40_000 });
  live(journal, { n: 2, state: 'settled', price: 2n * one, token: lang, model: 2n, askedAt: seconds - 90_000 });
  live(journal, { n: 3, state: 'sealed', price: one, askedAt: seconds - 100 });
  live(journal, { n: 4, state: 'declined', model: 0n, askedAt: seconds - 60 });
  journal.saveFailure(idOf(4), 'This host does not serve the model <b>x</b>.');
  for (const kind of ['stalled', 'unfit', 'stalled']) journal.countAlert(kind);
  journal.noteDispute({
    dispute_id: '1',
    report_query_id: idOf(2),
    reported_at: seconds - 80_000,
    block: 7,
    stands: 1,
    state: 'open',
  });
  return {
    provider: 'OpenAI (gpt-4o-mini)',
    healthy: true,
    reasons: [],
    running: 2,
    followed: 100,
    chainTime: seconds,
    chain: {
      head: { number: 101, timestamp: seconds },
      operatorWei: one / 3n,
      staked: 10n * one,
      oneStake: 2n * one,
      nextReportAt: seconds + 60,
      balances: [
        { token: zeroAddress, amount: one / 4n },
        { token: lang, amount: 0n },
      ],
    },
    figures: figuresOf(journal.database, seconds),
    backlog: { queued: 0, inFlight: 1, oldestAt: now - 5_000 },
    fees: new Map([['2026-11-20', 1_500_000_000_000_000n]]),
    actions: [{ kind: 'deliver', status: 'done', n: 3 }],
    failures: [
      { provider: 'openai', code: 'timeout', runs: 2 },
      { provider: 'ollama', code: 'unreachable', runs: 1 },
    ],
    problems: [],
    ...change,
  };
}

const context = { hostContract: us, operator: them, tokenName: tokenNamer(lang), now };

test('the metrics are what a scraper takes, named with their units', async () => {
  const metrics = createMetrics(false);
  metrics.answered(0.3);
  metrics.failed('openai', 'timeout');
  const exposition = createExposition(metrics.registry, tokenNamer(lang));
  const text = await exposition(stateOf());
  const families = parseExposition(text);
  for (const { name, help, type } of families.values()) {
    expect(name).toMatch(/^host_[a-z_]+$/);
    expect(help.length).toBeGreaterThan(10);
    expect(name.endsWith('_total')).toBe(type === 'counter');
  }
  expect(text).toMatchSnapshot();
  expect(families.get('host_earned_tokens')?.samples).toEqual([
    { name: 'host_earned_tokens', labels: { token: 'coin', model: '1' }, value: 0.25 },
    { name: 'host_earned_tokens', labels: { token: 'LANG', model: '2' }, value: 2 },
  ]);
  const counted = (name: string) => families.get(name)?.samples.map(({ labels, value }) => ({ ...labels, value }));
  expect(counted('host_disputes')).toEqual([{ state: 'open', value: 1 }]);
  expect(counted('host_alerts')).toEqual([
    { kind: 'stalled', value: 2 },
    { kind: 'unfit', value: 1 },
  ]);
  // What is not known has no sample: 0 would be an answer.
  const later = parseExposition(await exposition(stateOf({ chain: undefined, problems: ['x'] })));
  expect(later.get('host_operator_balance_coins')?.samples).toEqual([]);
  expect(later.get('host_stakes')?.samples).toEqual([]);
  expect(later.get('host_healthy')?.samples).toMatchObject([{ value: 0 }]);
});

test('metrics of the process itself come with them', async () => {
  const exposition = createExposition(createMetrics().registry, tokenNamer(lang));
  expect(parseExposition(await exposition(stateOf())).get('process_resident_memory_bytes')?.samples).toHaveLength(1);
});

test.each([
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "</title></style></svg><iframe srcdoc='x'>",
  '\u202e\u0000\u001b[2J{{constructor}}{%7*7%}&lt;',
])('a page with a model named %j runs and loads nothing', async (name) => {
  const page = await renderPage(stateOf({ provider: name, problems: [name] }, name), context);
  const tags = [...page.matchAll(/<[a-zA-Z/!][^>]*>/g)].map(([tag]) => tag);
  const names = new Set(tags.map((tag) => /^<\/?([a-zA-Z0-9]+|!doctype)/.exec(tag)?.[1]));
  for (const forbidden of ['script', 'img', 'iframe', 'image', 'foreignObject', 'object', 'link'])
    expect(names).not.toContain(forbidden);
  for (const tag of tags) expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(/\s(?:on\w+|style|src|srcdoc)\s*=/i);
  expect(page).toContain('&lt;');
  expect(page.match(/<style>/g)).toHaveLength(1);
  expect(pagePolicy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; base-uri 'none'/);
});

test('the page says what is earned, at risk, and wrong', async () => {
  const page = await renderPage(stateOf({ problems: ['The stake is gone.'] }), context);
  const text = page
    .replace(/<(style|svg)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
  expect(text).toMatchSnapshot();
});

/** A source whose chain is a node that does not answer, or stands still. */
function sourceOf(change: { block?: { number: number; timestamp: number }; healthy?: boolean } = {}): MetricsSource {
  const journal = memoryJournal();
  const { block } = change;
  const rpc = {
    send: async () => {
      if (block === undefined) throw new Error('127.0.0.1:1 can not be reached');
      return {
        number: `0x${block.number.toString(16)}`,
        hash: idOf(1),
        timestamp: `0x${block.timestamp.toString(16)}`,
      };
    },
    getBalance: async () => one,
  };
  return {
    rpc,
    market: { balanceOf: async () => 0n },
    terms: async () => ({
      staked: one,
      stakeAmount: one,
      lock: 43_200,
      lastReportAt: 0,
      reportsPerDay: 10,
      usedToday: 0,
    }),
    deployment: { token: lang },
    hostContract: us,
    operator: them,
    confirmations: 1,
    journal,
    metrics: createMetrics(false),
    facts: () => ({
      provider: 'OpenAI (gpt-4o-mini)',
      healthy: change.healthy ?? true,
      reasons: change.healthy === false ? ['The model provider does not answer.'] : [],
      running: 0,
      followed: 100,
      chainTime: seconds,
    }),
    now: () => now,
  };
}
const get = (source: MetricsSource, path: string, host = '127.0.0.1:9464') =>
  createMetricsApp(source).request(path, { headers: { host } });

test.each<[string, Parameters<typeof sourceOf>[0], number, unknown]>([
  ['healthy', { block: { number: 101, timestamp: seconds } }, 200, []],
  ['no node', {}, 503, [expect.stringContaining("The chain can't be read")]],
  [
    'a chain that stands still',
    { block: { number: 101, timestamp: seconds - 400 } },
    503,
    [expect.stringContaining('400 s old')],
  ],
  ['far behind', { block: { number: 300, timestamp: seconds } }, 503, [expect.stringContaining('199 blocks behind')]],
  [
    'no provider',
    { block: { number: 101, timestamp: seconds }, healthy: false },
    503,
    ['The model provider does not answer.'],
  ],
])('/healthz: %s', async (_, change, status, problems) => {
  const response = await get(sourceOf(change), '/healthz');
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ ok: status === 200, problems });
});

test('/healthz: a transaction that is never mined', async () => {
  const source = sourceOf({ block: { number: 101, timestamp: seconds } });
  const { createJournal } = await import('../../contracts/client/send/Journal.ts');
  const sender = createJournal(source.journal.database, 1, us);
  const row = sender.add({ key: 'a', call: { to: us, data: '0x', value: 0n } });
  const signedAt = now - 900_000;
  sender.sign(row.id, { hash: idOf(1), nonce: 0, raw: '0x', maxFee: 1n, priorityFee: 1n, signedAt }, 1n);
  const response = await get(source, '/healthz');
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ problems: [expect.stringContaining('waits since 900 s')], waiting: 1 });
});

test('what is served: to this machine only, kept nowhere, with the strictest policy', async () => {
  const source = sourceOf({ block: { number: 101, timestamp: seconds } });
  const app = createMetricsApp(source);
  const get = (path: string, host = '127.0.0.1:9464') => app.request(path, { headers: { host } });
  const page = await get('/');
  expect(page.headers.get('content-security-policy')).toBe(pagePolicy);
  expect(page.headers.get('cache-control')).toBe('no-store');
  const metrics = await get('/metrics');
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(metrics.headers.get('content-security-policy')).toBe("default-src 'none'");
  expect((await get('/other')).status).toBe(404);
  expect((await get('/', 'attacker.example')).status).toBe(403);
  expect((await get('/', 'localhost:1')).status).toBe(200);
});
