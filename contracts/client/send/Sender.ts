import type { DatabaseSync } from 'node:sqlite';
import type { Wallet } from 'ethers';
import { type Address, address } from '../Hex.ts';
import type { Rpc } from '../Rpc.ts';
import type { Log } from '../support/Log.ts';
import { createSpendingGuard } from './Fees.ts';
import { createFlights, outsideTransaction, type Shared } from './Flights.ts';
import { createIntake } from './Intake.ts';
import { createJournal, outcomeOf } from './Journal.ts';
import { createLookout, type Lookout } from './Lookout.ts';
import { createNode } from './Node.ts';
import type { Intent, Outcome } from './Outcome.ts';

export type { Intent, Outcome } from './Outcome.ts';

export type SenderOptions = {
  rpc: Rpc;
  /** A hot key that nobody else sends from. */
  wallet: Wallet;
  /** The caller's own database: `enqueue` writes within its transaction. */
  database: DatabaseSync;
  chainId: number;
  log: Log;
  /** So long without being mined, while blocks come, and the fee is raised. Default 20,000. */
  bumpAfterMs?: number;
  /** Most that fees may cost within an hour, in wei; above it intents are refused. */
  maxFeePerHour?: bigint;
  /** How often the chain is looked at while something is in flight. Default 100 on an embedded chain (31337), else 1,000. */
  pollMs?: number;
  /** How long a used nonce may have no receipt before another transaction must have used it. Default 15,000. */
  patienceMs?: number;
  /** Default 16: more than that of one key many nodes do not keep. */
  maxInFlight?: number;
};

export type Sender = {
  address: Address;
  /**
   * Sends a transaction once, however often it is asked to: the same key is never sent twice. Resolves when it is mined, or
   * known not to be. An intent that was never signed (refused, or reverted without a hash) is tried again.
   */
  submit(intent: Intent): Promise<Outcome>;
  /** Notes an intent within the caller's own SQLite transaction; it is sent when that is committed. */
  enqueue(intent: Intent): void;
  /** Undefined: not known, or not decided. A reorganisation can make a decided one undecided. */
  outcomeOf(key: string): Outcome | undefined;
  /** Takes up what an earlier run left. Resolves after the first look at the chain. */
  resume(): Promise<void>;
  /** Pending `submit`s reject; the journal goes on at the next `resume`. */
  stop(): Promise<void>;
};

/** The sender was stopped before the outcome was known: it will be known after the next `resume`. */
export class SenderStoppedError extends Error {
  override name = 'SenderStoppedError';
}

/** So long what was mined keeps its bytes; its key and outcome stay. */
const keepMs = 86_400_000;
/** So long after the last mined transaction the chain is still watched for having forgotten it. */
const watchMs = 600_000;
const idlePollMs = 2_000;

export function createSender(options: SenderOptions): Sender {
  const { rpc, wallet, database, chainId, log, bumpAfterMs = 20_000, patienceMs = 15_000 } = options;
  const pollMs = options.pollMs ?? (chainId === 31337 ? 100 : 1_000);
  const from = address(wallet.address);
  const journal = createJournal(database, chainId, from);
  const waiters = new Map<string, PromiseWithResolvers<Outcome>>();
  let stopped = false;
  const shared: Shared = {
    wallet,
    database,
    chainId,
    journal,
    node: createNode(rpc, from),
    guard: createSpendingGuard(options.maxFeePerHour, journal.feesSince(Date.now() - 3_600_000)),
    log,
    isStopped: () => stopped,
    settle(row, outcome) {
      flights.remove(row.id);
      waiters.get(row.key)?.resolve(outcome);
      waiters.delete(row.key);
    },
  };
  const flights = createFlights(shared);
  const intake = createIntake(shared, flights, options.maxInFlight ?? 16);

  let lookout: Lookout | undefined;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let idle = false;
  let unread = false;
  let prunedAt = 0;

  /** The journal of an earlier run is taken up at the first use. */
  function started(): Lookout {
    if (lookout) return lookout;
    lookout = createLookout(shared, flights, { bumpAfterMs, patienceMs });
    flights.load();
    return lookout;
  }

  function pump(): void {
    if (stopped) return;
    try {
      started();
      intake.takeQueued(pump);
      unread = false;
    } catch (error) {
      log.error({ err: error }, 'the sender’s journal can’t be read; trying again');
      unread = true;
    }
    lookSoon();
  }

  /** Soon while something is in flight, seldom while what was mined could still be forgotten, else not at all. */
  function lookSoon(): void {
    const busy = flights.size() > 0 || intake.waits() || unread || lookout?.doubts() === true;
    if (stopped || looking || (timer && !(busy && idle))) return;
    if (!busy && (lookout?.quietFor() ?? 0) > watchMs) return;
    clearTimeout(timer);
    idle = !busy;
    timer = setTimeout(
      () => {
        timer = undefined;
        void look().then(lookSoon);
      },
      busy ? pollMs : Math.max(idlePollMs, pollMs),
    );
    if (idle) timer.unref();
  }

  function look(): Promise<void> {
    looking ??= lookAndPrune()
      .catch((error: unknown) => {
        if (!stopped) log.debug({ err: error }, 'the sender could not look at the chain; trying again');
      })
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  async function lookAndPrune(): Promise<void> {
    await started()
      .look()
      .finally(() => pump());
    if (stopped) return;
    if (Date.now() - prunedAt > 3_600_000) {
      prunedAt = Date.now();
      journal.prune(prunedAt - keepMs);
    }
  }

  return {
    address: from,
    async submit(intent) {
      if (stopped) throw new SenderStoppedError('The sender is stopped');
      const row = journal.add(intent);
      const decided = outcomeOf(row);
      if (decided) return decided;
      const waiter = waiters.get(intent.key) ?? Promise.withResolvers<Outcome>();
      waiters.set(intent.key, waiter);
      pump();
      return waiter.promise;
    },
    enqueue(intent) {
      journal.add(intent);
      setImmediate(() => {
        void outsideTransaction(shared).then(pump);
      });
    },
    outcomeOf(key) {
      const row = journal.find(key);
      return row && outcomeOf(row);
    },
    async resume() {
      await look();
      pump();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      const error = new SenderStoppedError('The sender was stopped before the outcome was known');
      for (const { reject } of waiters.values()) reject(error);
      waiters.clear();
    },
  };
}
