import type { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { load } from '../../contracts/client/Artifact.ts';
import { connect, RpcError } from '../../contracts/client/Rpc.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { openAiProvider } from '../../host/runtime/provider/OpenAi.ts';
import type { Provider } from '../../host/runtime/provider/Provider.ts';
import { databaseThrough, interceptRequests, type Request } from './between.ts';
import { type HostHere, startHere } from './hostHere.ts';
import { type Stand, startStand } from './support.ts';

/**
 * What strikes a host at its nth request to the chain, or nth write to its journal. `diesBefore`, `diesAfter`: from that instruction on
 * nothing the process does has an effect. `fails`: the step does not happen, once, and the process goes on. `lost`: it happens, and the
 * process is told that it did not. With a `kind` only steps of that kind are counted.
 */
export type Fault = { of: 'request' | 'write'; nth: number; how: (typeof hows)[number]; kind?: string };
export const hows = ['diesBefore', 'diesAfter', 'fails', 'lost'] as const;

/** All that can strike at the nth step; a write that happened can't be lost. */
export const faultsAt = (of: Fault['of'], nth: number): Fault[] =>
  hows.filter((how) => of === 'request' || how !== 'lost').map((how) => ({ of, nth, how }));

class Killed extends Error {}

/** What kinds of requests go together: methods, and of a call the function's selector. */
function kindsOf(requests: readonly Request[]): string[] {
  const kinds = requests.map(({ method, params }) => {
    const [call] = Array.isArray(params) ? params : [];
    return method === 'eth_call' ? `call ${String((call as { data?: unknown }).data).slice(0, 10)}` : method;
  });
  return [...new Set(kinds)];
}

/** Counts steps and strikes at one of them. */
function createStriker(fault: Fault | undefined) {
  const counts = { request: 0, write: 0 };
  const died = Promise.withResolvers<void>();
  let dead = false;
  const met = { request: new Set<string>(), write: new Set<string>() };
  let counted = 0;
  let struck: readonly string[] = [];
  const die = (): never => {
    dead = true;
    died.resolve();
    throw new Killed();
  };
  /** Whether the fault strikes now. */
  const meets = (of: Fault['of'], kinds: readonly string[]): boolean => {
    if (dead) throw new Killed();
    counts[of] += 1;
    for (const kind of kinds) met[of].add(kind);
    if (fault?.of !== of || (fault.kind !== undefined && !kinds.includes(fault.kind))) return false;
    counted += 1;
    if (fault.nth !== counted) return false;
    struck = kinds;
    return true;
  };
  return {
    counts,
    met,
    died: died.promise,
    struck: () => struck,
    async request<Result>(requests: readonly Request[], work: () => Promise<Result>): Promise<Result> {
      const strikes = meets('request', kindsOf(requests));
      if (strikes && fault?.how === 'diesBefore') die();
      if (strikes && fault?.how === 'fails') throw new RpcError('lost on the way there');
      const result = await work();
      if (dead) throw new Killed();
      if (strikes && fault?.how === 'diesAfter') die();
      if (strikes && fault?.how === 'lost') throw new RpcError('lost on the way back');
      return result;
    },
    write<Result>(sql: string, work: () => Result): Result {
      const strikes = meets('write', [sql]);
      if (strikes && fault?.how === 'diesBefore') die();
      if (strikes && fault?.how === 'fails') throw new Error('disk I/O error');
      const result = work();
      if (strikes && fault?.how === 'diesAfter') die();
      return result;
    },
  };
}

export type Outcome = {
  /** What was struck; empty when the life was over before. */
  struck: readonly string[];
  /** All kinds of steps that there were until the process died. */
  met: Record<Fault['of'], ReadonlySet<string>>;
  steps: { request: number; write: number };
  /** Whether the fault ended the process, and whether the journal held the answer then. */
  ended: boolean;
  answerKnown: boolean;
  modelCalls: number;
  reports: number;
  transactions: number;
  events: string[];
};

const window = 43_200;
const newReport = load('TellorFlex').abi.getEvent('NewReport')?.topicHash ?? '';

/** A model that answers at once, and the offers on chain. */
export async function prepare(stand: Stand): Promise<Provider> {
  stand.mock.onMessage(/./s, { content: 'Yes.' });
  const provider = await openAiProvider({ baseUrl: stand.env.OPENAI_BASE_URL, aliases: new Map(), retries: 0 });
  const first = await startHere({ stand, database: open(':memory:'), provider });
  await first.loop.ready;
  await first.stop();
  return provider;
}

/** A stand of its own, where lives can be lived one after the other, each from the same block on. */
export type Lives = {
  /** One ask, one fault; whatever ends the process, a supervisor starts it again. */
  live(fault?: Fault): Promise<Outcome>;
  stop(): Promise<void>;
};

export async function startLives(): Promise<Lives> {
  const stand = await startStand({ blockTime: 0.05 });
  const provider = await prepare(stand);
  const startAgain = await stand.chain.checkpoint();
  return {
    async live(fault) {
      const outcome = await liveThrough(stand, provider, fault);
      await startAgain();
      return outcome;
    },
    stop: stand.stop,
  };
}

async function liveThrough(stand: Stand, provider: Provider, fault: Fault | undefined): Promise<Outcome> {
  const text = `Question ${Math.random()}`;
  const { chain, market, operator } = stand;
  const [queryId, nonce] = [await stand.ask(text), await chain.rpc.getTransactionCount(operator)];
  const from = await chain.rpc.getBlockNumber();
  const journal = open(':memory:');
  const striker = createStriker(fault);
  const wrapped = databaseThrough(journal, striker.write);
  const rpc = interceptRequests(await connect([chain.url], { chainId: chain.chainId }), striker.request);

  const knows = (): boolean =>
    journal.prepare("SELECT name FROM sqlite_master WHERE name = 'asks'").get() !== undefined &&
    journal.prepare('SELECT 1 FROM asks WHERE query_id = ? AND answer IS NOT NULL').get(queryId) !== undefined;
  const reached = async (state: string): Promise<true> => {
    while ((await market.stateOf(queryId)).state !== state) await new Promise((resolve) => setTimeout(resolve, 20));
    return true;
  };
  let answerKnown = false;
  let restarts = 0;
  let running: HostHere | undefined;
  const start = async (database: DatabaseSync, broken: boolean): Promise<void> => {
    running = await startHere({ stand, database, provider, ...(broken && { rpc }) });
  };
  /** Resolves to false when the process has ended by itself or died. */
  const over = async (): Promise<false> => {
    if (running === undefined) return false;
    const { ended, ready } = running.loop;
    const failed = new Promise<false>((resolve) => {
      for (const part of [ended, ready]) part.catch(() => resolve(false));
    });
    return restarts > 0 ? failed : Promise.race([failed, striker.died.then((): false => false)]);
  };
  /** Until `wait` resolves; a process that ended is started again, without faults. */
  const survive = async (wait: Promise<true>): Promise<void> => {
    while (!(await Promise.race([wait, over()]))) {
      if (restarts++ > 0) throw new Error('It ended without a fault.');
      await running?.stop();
      if (journal.isTransaction) journal.exec('ROLLBACK');
      answerKnown = knows();
      await start(journal, false);
    }
  };

  try {
    await start(wrapped, true).catch(() => undefined);
    await survive(reached('sealed'));
    await chain.increaseTime(window + 5);
    await survive(reached('settled'));
  } finally {
    await running?.stop();
    journal.close();
  }
  const reports = await chain.rpc.getLogs({
    address: stand.deployment.oracle,
    fromBlock: from,
    topics: [newReport, null, null, `0x${stand.hostContract.slice(2).toLowerCase().padStart(64, '0')}`],
  });
  return {
    struck: striker.struck(),
    met: striker.met,
    steps: striker.counts,
    ended: restarts > 0,
    answerKnown,
    modelCalls: stand.mock.getRequests().filter(({ body }) => JSON.stringify(body).includes(text)).length,
    reports: reports.length,
    transactions: (await chain.rpc.getTransactionCount(operator)) - nonce,
    events: (await stand.eventsOf(queryId)).map(({ type }) => type),
  };
}

/** What must be true of an ask whatever struck its host. */
export function expectOnce(outcome: Outcome, fault: Fault | undefined): void {
  const { events, reports, modelCalls, transactions, ended, answerKnown } = outcome;
  const label = `${JSON.stringify(fault)} at ${outcome.struck.join(', ')}`;
  expect(events, label).toEqual(['Asked', 'Delivered', 'Sealed', 'Settled']);
  expect(reports, label).toBe(1);
  expect(transactions, label).toBe(2);
  // Only a model run that ended with the process, before its answer was kept, is made again.
  expect(modelCalls, label).toBeLessThanOrEqual(ended && !answerKnown ? 2 : 1);
}
