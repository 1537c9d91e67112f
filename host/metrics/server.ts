import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatUnits } from 'ethers';
import type { Journal } from '../store/Journal.ts';
import type { Metrics } from './Metrics.ts';

export type MetricsSource = {
  metrics: Metrics;
  journal: Journal;
  facts(): {
    provider: string;
    /** Whether its offers stand. */ healthy: boolean;
    reasons: readonly string[];
    running: number;
    followed: number /** Unix seconds. */;
    chainTime: number;
  };
  /** From the chain. */
  money(): Promise<{ operatorWei: bigint; staked: bigint; nextReportAt: number }>;
};

/** So old a newest block means that the chain can't be followed. Seconds. */
const staleSeconds = 120;

/** `/metrics` for Prometheus, `/healthz` for supervisors, and a page for people; on 127.0.0.1 only. */
export async function serveMetrics(
  port: number,
  source: MetricsSource,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    route(request.url ?? '/', response, source).catch(() =>
      end(response, 500, 'text/plain', 'Could not read the chain.\n'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(path: string, response: ServerResponse, source: MetricsSource): Promise<void> {
  if (path === '/healthz') {
    const { healthy, reasons, followed, chainTime, provider } = source.facts();
    const behindSeconds = Math.max(0, Math.round(Date.now() / 1_000 - chainTime));
    const ok = healthy && behindSeconds < staleSeconds;
    end(
      response,
      ok ? 200 : 503,
      'application/json',
      `${JSON.stringify({ ok, provider, healthy, reasons, followed, behindSeconds })}\n`,
    );
  } else if (path === '/metrics') end(response, 200, 'text/plain; version=0.0.4', await prometheus(source));
  else if (path === '/') end(response, 200, 'text/html; charset=utf-8', await page(source));
  else end(response, 404, 'text/plain', 'There are /, /metrics and /healthz.\n');
}

function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(body);
}

async function prometheus({ metrics, journal, facts, money }: MetricsSource): Promise<string> {
  const { buckets, sum, count, failures } = metrics.snapshot();
  const { healthy, running, followed, chainTime } = facts();
  const { operatorWei, staked, nextReportAt } = await money();
  const lines = [
    ...metric(
      'host_asks',
      'gauge',
      'Asks of this host by their state on chain',
      Object.entries(journal.counts()).map(([state, n]) => [`{state="${state}"}`, n]),
    ),
    ...metric(
      'host_actions',
      'gauge',
      'Transactions by kind and status',
      journal.actionCounts().map(({ kind, status, n }) => [`{kind="${kind}",status="${status}"}`, n]),
    ),
    ...metric('host_model_runs', 'gauge', 'Model runs under way', [['', running]]),
    ...metric(
      'host_model_failures_total',
      'counter',
      'Model runs without an answer',
      [...failures].map(([code, n]) => [`{code="${code}"}`, n]),
    ),
    ...metric('host_offering', 'gauge', 'Whether its offers stand: model, gas and stake are there', [
      ['', healthy ? 1 : 0],
    ]),
    ...metric('host_block', 'gauge', 'Newest block handled', [['', followed]]),
    ...metric('host_block_timestamp_seconds', 'gauge', 'Time of that block', [['', chainTime]]),
    ...metric('host_operator_coin', 'gauge', 'Coin of the operator key', [['', formatUnits(operatorWei, 18)]]),
    ...metric('host_stake', 'gauge', 'Stake in TellorFlex', [['', formatUnits(staked, 18)]]),
    ...metric('host_next_report_timestamp_seconds', 'gauge', 'When TellorFlex takes the next report', [
      ['', Number.isFinite(nextReportAt) ? nextReportAt : '+Inf'],
    ]),
    '# HELP host_answer_seconds Time of a model run that answered',
    '# TYPE host_answer_seconds histogram',
    ...buckets.map(({ le, count: n }) => `host_answer_seconds_bucket{le="${le}"} ${n}`),
    `host_answer_seconds_bucket{le="+Inf"} ${count}`,
    `host_answer_seconds_sum ${sum}`,
    `host_answer_seconds_count ${count}`,
  ];
  return `${lines.join('\n')}\n`;
}

function metric(
  name: string,
  type: string,
  help: string,
  samples: readonly (readonly [string, number | string])[],
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}

async function page({ metrics, journal, facts, money }: MetricsSource): Promise<string> {
  const { provider, healthy, reasons, running, followed } = facts();
  const { operatorWei, staked, nextReportAt } = await money();
  const { sum, count } = metrics.snapshot();
  const rows: [string, string][] = [
    ['Model provider', provider],
    ['Offers', healthy ? 'stand' : `withdrawn: ${reasons.join(' ')}`],
    ['Block', String(followed)],
    ['Model runs under way', String(running)],
    ['Mean time to answer', count === 0 ? 'no answer yet' : `${(sum / count).toFixed(2)} s over ${count} answers`],
    ['Operator’s coin', formatUnits(operatorWei, 18)],
    ['Stake', formatUnits(staked, 18)],
    ['Next report', Number.isFinite(nextReportAt) ? new Date(nextReportAt * 1_000).toISOString() : 'none: no stake'],
    ...Object.entries(journal.counts()).map(([state, n]): [string, string] => [`Asks ${state}`, String(n)]),
  ];
  const plain = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<!doctype html><meta charset="utf-8"><title>Host</title><style>body{font:16px system-ui;margin:2rem auto;max-width:40rem}td{padding:.3rem 1rem .3rem 0;border-bottom:1px solid #ddd}</style><h1>Host</h1><table>${rows.map(([name, value]) => `<tr><td>${plain(name)}<td>${plain(value)}`).join('')}</table>`;
}
