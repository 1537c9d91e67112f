import { JsonRpcProvider } from 'ethers';
import { expect, test } from 'vitest';
import { load } from '../../contracts/client/Artifact.ts';
import { ContractError } from '../../contracts/client/ContractError.ts';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Hex, zeroHash } from '../../contracts/client/Hex.ts';
import { createHost } from '../../contracts/client/HostContract.ts';
import type { AskEvent, Location } from '../../contracts/client/MarketEvent.ts';
import type { Intent, Outcome } from '../../contracts/client/send/Sender.ts';
import { createLog } from '../../contracts/client/support/Log.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { createActions } from '../../host/reporter/Actions.ts';
import { createDeliveries } from '../../host/reporter/Deliveries.ts';
import { applyEvents } from '../../host/store/applyUpdate.ts';
import { createJournal } from '../../host/store/Journal.ts';
import { ask, asked, at, delivered, idOf, sealed, us } from './events.ts';

const perSecond = 30;
/** Calls are only described. */
const rpc = new JsonRpcProvider('http://127.0.0.1:1', 31337, { staticNetwork: true });
const deployment = { chainId: 31337, market: us } as Deployment;

/**
 * A chain of one-second blocks whose oracle takes one report a second, and an asker who asks thirty questions a second. `timeOf` says
 * at which second a block comes; two in one second are one report too many. `slow`: blocks until a transaction is mined.
 */
async function live(blocks: number, timeOf: (block: number) => number, slow: (block: number) => number) {
  const journal = createJournal(open(':memory:'), us);
  const pool: { intent: Intent; due: number }[] = [];
  const outcomes = new Map<string, Outcome>();
  let block = 0;
  const sender = {
    enqueue: (intent: Intent): void => void pool.push({ intent, due: block + slow(block) }),
    outcomeOf: (key: string): Outcome | undefined => outcomes.get(key),
  };
  const actions = createActions({ journal, sender, log: createLog({ name: 'test', level: 'silent' }) });
  const host = createHost(rpc, us);
  let lastReportAt = 0;
  const slots = {
    terms: async () => ({
      lastReportAt,
      staked: 1_000n,
      stakeAmount: 1n,
      lock: 1,
      reportsPerDay: 100_000,
      usedToday: 0,
    }),
  };
  const plan = createDeliveries({ journal, actions, host, deployment, slots });
  const { abi } = load('IHost');
  const askedAt: number[] = [];
  const sealedAfter = new Map<Hex, number>();
  let reverted = 0;
  let n = 0;

  while (sealedAfter.size < blocks * perSecond && block < blocks * 4) {
    block++;
    const timestamp = 1_000 + timeOf(block);
    const events: (AskEvent & { location: Location })[] = [];
    const emit = (event: AskEvent): void => {
      events.push({ ...event, location: { ...at(block, events.length), timestamp } });
    };
    const seal = (id: Hex): void => {
      const n = Number(id);
      emit(sealed(n, block));
      sealedAfter.set(id, block - (askedAt[n] ?? Number.NaN));
    };
    for (const { intent, due } of pool.splice(0)) {
      if (due > block) {
        pool.push({ intent, due });
        continue;
      }
      const { name, args } = abi.parseTransaction({ data: intent.call.data }) ?? {};
      const may = timestamp > lastReportAt;
      const ids: Hex[] = intent.queryIds === undefined ? [] : [...intent.queryIds];
      if (name === 'deliver') {
        for (const id of ids) emit(delivered(Number(id)));
        // The report inside a delivery may fail; the delivery stands.
        if (args?.[4] === true && may) {
          for (const id of ids) seal(id);
          lastReportAt = timestamp;
        }
      } else if (name === 'report' && may) {
        lastReportAt = timestamp;
        for (const id of ids) seal(id);
      } else {
        reverted++;
        const error = new ContractError('lock', { say: 'The lock is not over.', actor: 'platform', retry: true });
        outcomes.set(intent.key, { type: 'reverted', error });
        continue;
      }
      outcomes.set(intent.key, { type: 'mined', hash: zeroHash, block, timestamp, gasUsed: 0n });
    }
    const first = n + 1;
    if (block <= blocks) n += perSecond;
    for (let fresh = first; fresh <= n; fresh++) {
      askedAt[fresh] = block;
      emit(asked(fresh, { ask: { ...ask, deadline: 1_000_000n } }));
    }
    journal.atomically(() => applyEvents(journal, events));
    for (let fresh = first; fresh <= n; fresh++) journal.saveAnswer(idOf(fresh), 'an answer', 'x');
    actions.reconcile(timestamp, block);
    await plan(timestamp, timestamp);
  }
  return { sealed: sealedAfter.size, slowest: Math.max(...sealedAfter.values()), reverted };
}

test('thirty a second: each is sealed in the next block', async () => {
  const run = await live(
    20,
    (block) => block,
    () => 1,
  );
  expect(run).toEqual({ sealed: 600, slowest: 1, reverted: 0 });
});

test('reports that the oracle refuses are made up for while the questions go on', async () => {
  const run = await live(
    30,
    (block) => block - Math.floor(block / 5),
    () => 1,
  );
  expect(run.sealed).toBe(900);
  expect(run.slowest).toBeLessThanOrEqual(12);
});

test('so it is where every other transaction takes a block more', async () => {
  const run = await live(
    30,
    (block) => block,
    (block) => 1 + (block % 2),
  );
  expect(run.sealed).toBe(900);
  expect(run.slowest).toBeLessThanOrEqual(12);
});
