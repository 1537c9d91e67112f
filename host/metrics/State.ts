import type { DatabaseSync } from 'node:sqlite';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import type { Market } from '../../contracts/client/Market.ts';
import { latest, type Rpc } from '../../contracts/client/Rpc.ts';
import { type Backlog, backlogOf, feesByDay } from '../../contracts/client/send/Ledger.ts';
import { type ReportTerms, slotAt } from '../reporter/Slots.ts';
import { type Figures, figuresOf } from '../store/Figures.ts';
import type { Failures } from './Metrics.ts';

/** What the process itself knows. */
export type Facts = {
  provider: string;
  /** Whether its offers stand; `reasons` say why not. */
  healthy: boolean;
  reasons: readonly string[];
  /** Model runs under way. */
  running: number;
  /** Newest block handled. */
  followed: number;
  /** Of that block, unix seconds. */
  chainTime: number;
};

/** What the chain says of the host. Amounts in smallest units. */
export type ChainState = {
  head: { number: number; timestamp: number };
  operatorWei: bigint;
  staked: bigint;
  oneStake: bigint;
  /** Unix seconds; Infinity without a stake, or when the operator may make none. */
  nextReportAt: number;
  /** Paid and not withdrawn: coin, and the deployment's token. */
  balances: readonly { token: Address; amount: bigint }[];
};

/** Everything that page and metrics show, read at one moment. `chain` undefined: no node answers, `problems` says so. */
export type HostState = Facts & {
  chain: ChainState | undefined;
  figures: Figures;
  backlog: Backlog;
  fees: ReadonlyMap<string, bigint>;
  actions: readonly { kind: string; status: string; n: number }[];
  failures: readonly Failures[];
  /** Why it is not healthy, each with its cure; empty when it is. */
  problems: readonly string[];
};

export type StateSource = {
  rpc: Pick<Rpc, 'send' | 'getBalance'>;
  market: Pick<Market, 'balanceOf'>;
  /** Stake, lock and the operator's daily limit, as the chain says. */
  terms(): Promise<ReportTerms>;
  deployment: Pick<Deployment, 'token' | 'embedded'>;
  hostContract: Address;
  operator: Address;
  confirmations: number;
  journal: { database: DatabaseSync; actionCounts(): { kind: string; status: string; n: number }[] };
  metrics: { failures(): Promise<readonly Failures[]> };
  facts(): Facts;
  /** Unix milliseconds. Default: the system's clock. */
  now?: () => number;
};

/** So old a newest block means a chain that stands still, or a node that is behind. Seconds. */
const stalledSeconds = 300;
/** More blocks than that behind the head: the follower does not keep up. */
const behindBlocks = 25;
/** So long no transaction waits on a chain that makes blocks and takes the fee. Seconds. */
const stuckSeconds = 600;

/** Reads chain and journal. Never rejects for what the chain does. */
export async function readState(source: StateSource): Promise<HostState> {
  const { journal, metrics, now = Date.now } = source;
  const facts = source.facts();
  const chain = await readChain(source).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  const backlog = backlogOf(journal.database);
  return {
    ...facts,
    chain: typeof chain === 'string' ? undefined : chain,
    figures: figuresOf(journal.database, facts.chainTime),
    backlog,
    fees: feesByDay(journal.database),
    actions: journal.actionCounts(),
    failures: await metrics.failures(),
    problems: problemsOf(facts, chain, backlog, source, now()),
  };
}

async function readChain({ rpc, market, terms, deployment, hostContract, operator }: StateSource): Promise<ChainState> {
  const [head, operatorWei, known, ...balances] = await Promise.all([
    latest(rpc),
    rpc.getBalance(operator),
    terms(),
    ...[zeroAddress, deployment.token].map(async (token) => ({
      token,
      amount: await market.balanceOf(BigInt(hostContract), token),
    })),
  ]);
  return {
    head,
    operatorWei,
    staked: known.staked,
    oneStake: known.stakeAmount,
    nextReportAt: slotAt(0, known, head.timestamp),
    balances,
  };
}

/** @param chain a text: why it could not be read */
function problemsOf(
  facts: Facts,
  chain: ChainState | string,
  backlog: Backlog,
  { confirmations, deployment }: StateSource,
  now: number,
): string[] {
  const problems = facts.healthy ? [] : [...facts.reasons];
  if (typeof chain === 'string') problems.push(`The chain can't be read: ${chain}. Check RPC_URLS; add a second node.`);
  else {
    const age = Math.round(now / 1_000) - chain.head.timestamp;
    // The embedded chain makes no blocks while nobody asks, and its time can be skipped.
    if (age > stalledSeconds && deployment.embedded !== true)
      problems.push(
        `The newest block is ${age} s old: the chain stands still, the node is behind or this machine's clock is wrong.`,
      );
    const behind = chain.head.number - confirmations - facts.followed;
    if (behind > behindBlocks)
      problems.push(`The host is ${behind} blocks behind: it catches up, or can't follow the chain (see its log).`);
  }
  const waits = backlog.oldestAt === undefined ? 0 : Math.round((now - backlog.oldestAt) / 1_000);
  if (waits > stuckSeconds)
    problems.push(
      `A transaction waits since ${waits} s to be mined: the operator's coin is spent, fees rose above HOST_MAX_FEE_PER_HOUR, or the node drops it (see the log).`,
    );
  return problems;
}
