import { formatUnits } from 'ethers';
import { Gauge, type Registry } from 'prom-client';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import { atRisk } from '../reporter/Risk.ts';
import type { HostState } from './State.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Amounts are whole coins or tokens of 18 decimals, as the nearest double: for charts and alarms, not for accounts. */
const whole = (amount: bigint): number => Number(formatUnits(amount, 18));

/** What each gauge shows. Names: https://prometheus.io/docs/practices/naming/ */
const gauges: Readonly<
  Record<
    string,
    readonly [
      help: string,
      labels: readonly string[],
      read: (state: HostState, tokenName: (token: string) => string) => readonly Sample[],
    ]
  >
> = {
  host_healthy: ['1 when /healthz says so', [], ({ problems }) => [[{}, problems.length === 0 ? 1 : 0]]],
  host_offering: [
    'Whether its offers stand: model, gas and stake are there',
    [],
    ({ healthy }) => [[{}, healthy ? 1 : 0]],
  ],
  host_asks: [
    'Asks of this host by model and by their state on chain',
    ['model', 'state'],
    ({ figures }) => figures.asks.map(({ model, state, asks }) => [{ model, state }, asks]),
  ],
  host_actions: [
    'Transactions for asks by kind and status',
    ['kind', 'status'],
    ({ actions }) => actions.map(({ kind, status, n }) => [{ kind, status }, n]),
  ],
  host_model_runs: ['Model runs under way', [], ({ running }) => [[{}, running]]],
  host_earned_tokens: [
    "Settled earnings of all time, whole tokens, without the sellers' royalties",
    ['token', 'model'],
    ({ figures }, tokenName) => {
      const sums = new Map<string, { token: string; model: string; amount: bigint }>();
      for (const { token, model, amount } of figures.earned) {
        const sum = sums.get(`${token} ${model}`);
        sums.set(`${token} ${model}`, { token, model, amount: (sum?.amount ?? 0n) + amount });
      }
      return [...sums.values()].map(({ token, model, amount }) => [{ token: tokenName(token), model }, whole(amount)]);
    },
  ],
  host_expected_tokens: [
    'Prices of answers that are delivered and not settled, whole tokens',
    ['token'],
    ({ figures }, tokenName) =>
      figures.expected.map(({ token, amount }) => [{ token: tokenName(token) }, whole(amount)]),
  ],
  host_withdrawable_tokens: [
    "Earnings in the host's account at the market, whole tokens",
    ['token'],
    ({ chain }, tokenName) =>
      (chain?.balances ?? []).map(({ token, amount }) => [{ token: tokenName(token) }, whole(amount)]),
  ],
  host_transaction_fees_coins: [
    "Fees of the operator's transactions of all time, whole coins",
    [],
    ({ fees }) => [[{}, whole([...fees.values()].reduce((sum, fee) => sum + fee, 0n))]],
  ],
  host_transactions_waiting: [
    'Transactions that are not yet on chain',
    ['state'],
    ({ backlog }) => [
      [{ state: 'queued' }, backlog.queued],
      [{ state: 'in_flight' }, backlog.inFlight],
    ],
  ],
  host_oldest_transaction_timestamp_seconds: [
    'Since when the oldest of them waits; absent when there is none',
    [],
    ({ backlog }) => (backlog.oldestAt === undefined ? [] : [[{}, backlog.oldestAt / 1_000]]),
  ],
  host_followed_block: ['Newest block handled', [], ({ followed }) => [[{}, followed]]],
  host_followed_block_timestamp_seconds: ['Time of that block', [], ({ chainTime }) => [[{}, chainTime]]],
  host_chain_head_block: ['Newest block of the chain', [], ({ chain }) => (chain ? [[{}, chain.head.number]] : [])],
  host_operator_balance_coins: [
    "Coin of the operator's key, for gas",
    [],
    ({ chain }) => (chain ? [[{}, whole(chain.operatorWei)]] : []),
  ],
  host_stake_tokens: ['Stake in TellorFlex', [], ({ chain }) => (chain ? [[{}, whole(chain.staked)]] : [])],
  host_stakes: [
    'How many whole stakes that is',
    [],
    ({ chain }) => (chain && chain.oneStake > 0n ? [[{}, Number(chain.staked / chain.oneStake)]] : []),
  ],
  host_reports_at_risk: [
    'Reports that can still be disputed; each risks one stake',
    [],
    ({ figures }) => [[{}, figures.reportsAtRisk]],
  ],
  host_at_risk_tokens: [
    'Stake that these reports risk together, whole tokens',
    [],
    ({ chain, figures }) =>
      chain
        ? [[{}, whole(atRisk(figures.reportsAtRisk, { staked: chain.staked, stakeAmount: chain.oneStake }).atRisk)]]
        : [],
  ],
  host_disputes: [
    "Disputes of this host's reports by state; failed: the report stands",
    ['state'],
    ({ figures }) => figures.disputes.map(({ state, disputes }) => [{ state }, disputes]),
  ],
  host_alerts: [
    'Alerts to the operator of all time by kind, whether or not a webhook is set',
    ['kind'],
    ({ figures }) => figures.alerts.map(({ kind, alerts }) => [{ kind }, alerts]),
  ],
  host_next_report_timestamp_seconds: [
    'When the next report can be made; +Inf without a stake or an operator',
    [],
    ({ chain }) => (chain ? [[{}, chain.nextReportAt]] : []),
  ],
};

/** Adds the host's gauges to a registry. @returns the exposition text for a state */
export function createExposition(
  registry: Registry,
  tokenName: (token: string) => string,
): (state: HostState) => Promise<string> {
  const made = Object.entries(gauges).map(([name, [help, labelNames, read]]) => ({
    gauge: new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] }),
    unlabelled: labelNames.length === 0,
    read,
  }));
  return async (state) => {
    for (const { gauge, unlabelled, read } of made) {
      gauge.reset();
      // A gauge that nothing is known of has no sample; without labels, prom-client would show 0.
      if (unlabelled) gauge.remove();
      for (const [labels, value] of read(state, tokenName)) gauge.set(labels, value);
    }
    return registry.metrics();
  };
}

/** A short name for `token` labels. */
export const tokenNamer =
  (langToken: string): ((token: string) => string) =>
  (token) =>
    token === zeroAddress ? 'coin' : token === langToken ? 'LANG' : token;
