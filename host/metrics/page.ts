import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { formatUnits } from 'ethers';
import { html, raw } from 'hono/html';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import { isoDay } from '../store/days.ts';
import type { Earning } from '../store/Figures.ts';
import { asksChart, earningsChart, failuresChart, nameOf, waitedChart } from './charts.ts';
import type { HostState } from './State.ts';

const style = readFileSync(new URL('./page.css', import.meta.url), 'utf8');

/** Nothing is loaded, run, framed or sent anywhere; the one style sheet is known by its hash. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export type PageContext = {
  hostContract: string;
  operator: string;
  tokenName(token: string): string;
  /** Unix milliseconds. */
  now: number;
};

type Markup = ReturnType<typeof html>;

/** The page for people: everything is escaped, there is no script, and it loads itself again every 15 seconds. */
export async function renderPage(state: HostState, context: PageContext): Promise<string> {
  const { figures, chain, problems, failures, backlog } = state;
  const today = new Date(context.now).toISOString().slice(0, 10);
  const tokens = [
    ...new Set([...(chain?.balances ?? []).map(({ token }) => token), ...figures.earned.map(({ token }) => token)]),
  ];
  const shown = tokens.filter((token) => token === zeroAddress || figures.earned.some((one) => one.token === token));
  const stakes = chain && chain.oneStake > 0n ? Number(chain.staked / chain.oneStake) : undefined;
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="15">
<title>${problems.length === 0 ? 'Host' : 'Host: needs you'}</title>
<style>${raw(style)}</style>
</head>
<body>
<header>
<h1>Host</h1>
<p class="${problems.length === 0 ? 'good' : 'bad'}" role="status">${problems.length === 0 ? 'Healthy, offers stand' : 'Needs you'}</p>
<p class="where">${state.provider} · block ${state.followed}${chain ? ` of ${chain.head.number}` : ''}</p>
</header>
<main>
${problems.length === 0 ? '' : html`<ul class="problems">${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`}
<dl>
${tokens.map((token) => earnedTile(state, token, context, today))}
${tile('Stake', chain ? amount(chain.staked) : 'unknown', stakes === undefined ? '' : `${plural(stakes, 'stake')} of ${chain ? amount(chain.oneStake) : ''}`)}
${tile('Reports at risk', String(figures.reportsAtRisk), stakes === undefined ? 'can still be disputed' : `of ${stakes} that the stake covers`)}
${tile('Next report', nextReport(chain?.nextReportAt, context.now), backlog.queued + backlog.inFlight === 0 ? 'no transaction waits' : `${plural(backlog.queued + backlog.inFlight, 'transaction')} waiting`)}
${tile("Operator's coin", chain ? amount(chain.operatorWei) : 'unknown', `fees so far ${amount([...state.fees.values()].reduce((sum, fee) => sum + fee, 0n))}`)}
${tile('Time to answer', figures.waited.median === undefined ? 'no answer yet' : `${figures.waited.median} s`, figures.waited.p95 === undefined ? '' : `median; 95 of 100 within ${figures.waited.p95} s`)}
${tile('Model runs', String(state.running), 'under way')}
</dl>
<div class="charts">
${shown.map((token) => chart(`Earned in ${context.tokenName(token)}, 30 days`, earningsChart(figures, token, context.tokenName(token), today)))}
${chart('Asks by model and state', figures.asks.length === 0 ? undefined : asksChart(figures))}
${chart('Time from ask to answer', figures.waited.median === undefined ? undefined : waitedChart(figures))}
${chart('Model runs without an answer', failures.length === 0 ? undefined : failuresChart(failures), 'none since the process began')}
</div>
${table('Earned by model', ['Model', 'Asks', 'Earned'], earnedRows(figures.earned, figures.models, context))}
${table(
  'Given up in the last seven days',
  ['Reason', 'Asks'],
  figures.givenUp.map(({ reason, asks }) => [reason, String(asks)]),
)}
${table(
  'Disputes of this host’s reports',
  ['Verdict', 'Disputes'],
  figures.disputes.map(({ state: verdict, disputes }) => [verdicts[verdict] ?? verdict, String(disputes)]),
)}
</main>
<footer>Contract ${context.hostContract}, operator ${context.operator}. Figures for machines: <a href="/metrics">/metrics</a>, <a href="/healthz">/healthz</a>.</footer>
</body>
</html>
`;
  return page.toString();
}

const verdicts: Readonly<Record<string, string>> = {
  open: 'the vote is under way',
  failed: 'failed: the report stands',
  passed: 'passed: the report was wrong',
  invalid: 'invalid: refunded',
};

function earnedTile({ figures, chain }: HostState, token: string, { tokenName }: PageContext, today: string): Markup {
  const since = (day: string): bigint =>
    figures.earned.filter((one) => one.token === token && one.day >= day).reduce((sum, one) => sum + one.amount, 0n);
  const expected = figures.expected.find((one) => one.token === token);
  const free = chain?.balances.find((one) => one.token === token)?.amount;
  return tile(
    `Earned in ${tokenName(token)}`,
    amount(since('')),
    [
      `today ${amount(since(today))}`,
      `7 days ${amount(since(isoDay(today, -6)))}`,
      ...(expected ? [`in the window ${amount(expected.amount)}`] : []),
      ...(free === undefined ? [] : [`to withdraw ${amount(free)}`]),
    ].join(' · '),
  );
}

function earnedRows(
  earned: readonly Earning[],
  models: ReadonlyMap<string, string>,
  { tokenName }: PageContext,
): string[][] {
  const sums = new Map<string, { model: string; token: string; asks: number; amount: bigint }>();
  for (const { model, token, asks, amount: more } of earned) {
    const key = `${model} ${token}`;
    const sum = sums.get(key) ?? { model, token, asks: 0, amount: 0n };
    sums.set(key, { ...sum, asks: sum.asks + asks, amount: sum.amount + more });
  }
  return [...sums.values()]
    .sort((a, b) => b.asks - a.asks)
    .map((one) => [nameOf(one.model, models), String(one.asks), `${amount(one.amount)} ${tokenName(one.token)}`]);
}

function nextReport(at: number | undefined, now: number): string {
  if (at === undefined) return 'unknown';
  if (!Number.isFinite(at)) return 'none: no stake, or the operator may make none';
  return at * 1_000 <= now ? 'at once' : new Date(at * 1_000).toISOString().slice(0, 16).replace('T', ' ');
}

/** Whole tokens of 18 decimals, cut to six decimals: this page is to look at. */
function amount(units: bigint): string {
  const [integer = '0', fraction = ''] = formatUnits(units, 18).split('.');
  const cut = fraction.slice(0, 6).replace(/0+$/, '');
  const shown = cut === '' ? integer : `${integer}.${cut}`;
  return shown === '0' && units !== 0n ? `${units < 0n ? '' : '<'}0.000001` : shown;
}

function tile(name: string, value: string, note: string): Markup {
  return html`<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>
`;
}

function chart(title: string, svg: string | undefined, none = 'nothing yet'): Markup {
  return html`<figure><figcaption>${title}</figcaption>${svg === undefined ? html`<p>${none}</p>` : raw(svg)}</figure>
`;
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): Markup | '' {
  if (rows.length === 0) return '';
  return html`<section><h2>${title}</h2><table><thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></section>
`;
}

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
