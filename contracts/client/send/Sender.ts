import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTick } from 'node:timers/promises';
import { Transaction, type Wallet } from 'ethers';
import { explain } from '../ContractError.ts';
import { address, type Hex, hex } from '../Hex.ts';
import { type Rpc, RpcError } from '../Rpc.ts';
import type { Log } from '../support/Log.ts';
import { bump, createSpendingGuard, type Fees } from './Fees.ts';
import { type Attempt, callOf, createJournal, type IntentRow, outcomeOf } from './Journal.ts';
import { createNode, type Preflight, type Receipt } from './Node.ts';
import type { Intent, Outcome } from './Outcome.ts';
import { isRevert, refusalOf } from './Refusal.ts';

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
  address: Hex;
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

/** An intent in flight. Times in milliseconds. */
type Flight = {
  row: IntentRow;
  attempts: Attempt[];
  sentAt: number;
  /** Height of the chain when the last attempt was signed; a raised fee waits for blocks that left it out. */
  sinceBlock: number | undefined;
  /** Looks at which the nonce was used and no receipt found. */
  misses: number;
  missedAt: number;
};

const rebroadcastMs = 5_000;
const keepMs = 86_400_000;
const watchIdleMs = 600_000;
/** Transactions above this are not taken (EIP-7825), nor data above this by most nodes' pools. */
const mostGas = 16_777_216n;
const mostData = 128 * 1024 - 1_024;

export function createSender(options: SenderOptions): Sender {
  const { rpc, wallet, database, chainId, log, bumpAfterMs = 20_000, maxInFlight = 16, patienceMs = 15_000 } = options;
  const pollMs = options.pollMs ?? (chainId === 31337 ? 100 : 1_000);
  const from = address(wallet.address);
  const journal = createJournal(database, chainId, from);
  const node = createNode(rpc, from);
  const guard = createSpendingGuard(options.maxFeePerHour, journal.feesSince(Date.now() - 3_600_000));

  const flights = new Map<number, Flight>();
  const preparing = new Set<number>();
  const notBefore = new Map<number, { at: number; tries: number }>();
  const waiters = new Map<string, PromiseWithResolvers<Outcome>>();
  let started = false;
  let stopped = false;
  /** Nonces are given in the order of submission, whatever the order in which the estimates return. */
  let line: Promise<void> = Promise.resolve();
  let watching: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let idle = false;
  let unread = false;
  let lastMinedAt = 0;
  let prunedAt = 0;
  let highestMined = -1;
  let forgotten = 0;

  function start(): void {
    if (started) return;
    started = true;
    prune();
    for (const row of journal.signed()) take(row);
    highestMined = journal.highestNonce();
    lastMinedAt = highestMined >= 0 ? Date.now() : 0;
  }

  /** What was mined a day ago keeps its key and outcome, not its bytes. */
  function prune(): void {
    if (Date.now() - prunedAt < 3_600_000) return;
    prunedAt = Date.now();
    journal.prune(prunedAt - keepMs);
  }

  function take(row: IntentRow): void {
    flights.set(row.id, {
      row,
      attempts: journal.attempts(row.id),
      sentAt: 0,
      sinceBlock: undefined,
      misses: 0,
      missedAt: 0,
    });
  }

  /** Other code may hold a transaction open on our connection over an await: what is written then could be rolled back. */
  async function outsideTransaction(): Promise<void> {
    while (!stopped && database.isTransaction) await nextTick();
  }

  /** Takes queued intents up as far as there is room. */
  function pump(): void {
    if (stopped) return;
    try {
      takeQueued();
      unread = false;
    } catch (error) {
      log.error({ err: error }, 'the sender’s journal can’t be read; trying again');
      unread = true;
    }
    watchSoon();
  }

  function takeQueued(): void {
    start();
    const room = maxInFlight - flights.size - preparing.size;
    if (room <= 0) return;
    const now = Date.now();
    const rows = journal
      .queued(maxInFlight + preparing.size + notBefore.size)
      .filter(({ id }) => !preparing.has(id) && (notBefore.get(id)?.at ?? 0) <= now)
      .slice(0, room);
    for (const row of rows) {
      preparing.add(row.id);
      const facts = node.preflight(callOf(row)).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      line = line.then(async () => {
        try {
          await decide(row, await facts);
        } catch (error) {
          later(row, error);
        } finally {
          preparing.delete(row.id);
        }
        pump();
      });
    }
  }

  async function decide(row: IntentRow, facts: { value: Preflight } | { error: unknown }): Promise<void> {
    await outsideTransaction();
    if (stopped) return;
    if ('error' in facts) return later(row, facts.error);
    const { gas, fees, balance, nonce, block } = facts.value;
    if ('error' in gas) return unsendable(row, gas.error);
    const call = callOf(row);
    const gasLimit = row.gas_limit === null ? gas.limit : BigInt(row.gas_limit);
    if (gasLimit > mostGas) return refuse(row, `It needs ${gasLimit} gas; a transaction may have ${mostGas} at most.`);
    if (call.data.length / 2 > mostData)
      return refuse(row, `Its data has ${call.data.length / 2} bytes; nodes take ${mostData} at most.`);
    const fee = gasLimit * fees.maxFee;
    const reserved = [...flights.values()].reduce(
      (sum, flight) => sum + BigInt(flight.row.fee ?? 0) + BigInt(flight.row.call_value),
      0n,
    );
    if (balance < reserved + fee + call.value) {
      return refuse(
        row,
        `The key ${from} holds ${balance} wei; ${reserved + fee + call.value} may be needed. Send it more of the chain’s coin.`,
      );
    }
    if (!guard.allows(row.id, fee))
      return refuse(row, `Fees of the last hour would go above the limit of ${options.maxFeePerHour} wei.`);
    const flight = sign(row, { nonce: Math.max(nonce, journal.highestNonce() + 1), gasLimit, fees, block });
    log.debug({ key: row.key, note: row.note, nonce: flight.row.nonce }, 'transaction signed');
    void broadcast(flight);
    watchSoon();
  }

  /** The estimate failed: because the call would revert, for want of coin, or because the node could not say. */
  function unsendable(row: IntentRow, error: unknown): void {
    const explained = explain(error);
    if (explained.code === 'insufficientFunds') {
      refuse(row, explained.sentence);
      return;
    }
    if (!isRevert(error) && explained.data === undefined) {
      later(row, error);
      return;
    }
    journal.reverted(row.id, { data: explained.data, reason: explained.sentence });
    log.info(
      { key: row.key, note: row.note, code: explained.code, reason: explained.sentence },
      'transaction would revert; not sent',
    );
    settle(row, { type: 'reverted', error: explained });
  }

  function refuse(row: IntentRow, reason: string): void {
    journal.refused(row.id, reason);
    log.warn({ key: row.key, note: row.note, reason }, 'transaction not sent');
    settle(row, { type: 'refused', reason });
  }

  function later(row: IntentRow, error: unknown): void {
    if (stopped) return;
    const tries = (notBefore.get(row.id)?.tries ?? 0) + 1;
    notBefore.set(row.id, { at: Date.now() + Math.min(10_000, 100 * 2 ** tries), tries });
    log[tries === 3 ? 'warn' : 'debug'](
      { key: row.key, err: error },
      'transaction could not be prepared; trying again',
    );
    if (tries < 12 || error instanceof RpcError) return;
    notBefore.delete(row.id);
    refuse(row, `The node gives no estimate: ${explain(error).sentence}`);
  }

  function settle(row: IntentRow, outcome: Outcome): void {
    flights.delete(row.id);
    notBefore.delete(row.id);
    waiters.get(row.key)?.resolve(outcome);
    waiters.delete(row.key);
  }

  /** Signs and journals, in one go: what was not journaled is never sent. */
  function sign(
    row: IntentRow,
    of: { nonce: number; gasLimit: bigint; fees: Fees; block: number | undefined },
  ): Flight {
    const { to, data, value } = callOf(row);
    const { nonce, gasLimit, fees, block } = of;
    const transaction = Transaction.from({
      chainId,
      nonce,
      to,
      data,
      value,
      gasLimit,
      ...(fees.legacy
        ? { type: 0, gasPrice: fees.maxFee }
        : { type: 2, maxFeePerGas: fees.maxFee, maxPriorityFeePerGas: fees.priorityFee }),
    });
    transaction.signature = wallet.signingKey.sign(transaction.unsignedHash);
    const attempt: Attempt = {
      hash: hex(transaction.hash ?? ''),
      nonce,
      raw: hex(transaction.serialized),
      maxFee: fees.maxFee,
      priorityFee: fees.priorityFee,
      signedAt: Date.now(),
    };
    const fee = gasLimit * fees.maxFee;
    journal.sign(row.id, attempt, fee);
    guard.note(row.id, fee);
    const attempts = [...(flights.get(row.id)?.attempts ?? []), attempt];
    const flight: Flight = {
      row: { ...row, state: 'signed', nonce, fee: fee.toString() },
      attempts,
      sentAt: 0,
      sinceBlock: block,
      misses: 0,
      missedAt: 0,
    };
    flights.set(row.id, flight);
    return flight;
  }

  async function broadcast(flight: Flight): Promise<void> {
    const attempt = flight.attempts.at(-1);
    if (!attempt || stopped) return;
    flight.sentAt = Date.now();
    const { key, note } = flight.row;
    try {
      await node.sendRaw(attempt.raw);
      log.debug({ key, note, transaction: attempt.hash }, 'transaction sent');
    } catch (error) {
      if (stopped) return;
      const refusal = refusalOf(error);
      if (refusal === 'known' || refusal === 'nonceTooLow') return;
      log[refusal === 'unreachable' ? 'debug' : 'warn'](
        { key, note, transaction: attempt.hash, refusal, err: error },
        'transaction not taken; trying again',
      );
      if (refusal === 'underpriced') flight.sinceBlock = Number.NEGATIVE_INFINITY;
    }
  }

  /** Looks again soon while something is in flight, seldom while what was mined could still be forgotten, else not at all. */
  function watchSoon(): void {
    const busy = flights.size > 0 || notBefore.size > 0 || forgotten > 0 || unread;
    if (stopped || watching || (timer && !(busy && idle))) return;
    if (!busy && Date.now() - lastMinedAt > watchIdleMs) return;
    clearTimeout(timer);
    idle = !busy;
    timer = setTimeout(
      () => {
        timer = undefined;
        void look().then(watchSoon);
      },
      busy ? pollMs : Math.max(2_000, pollMs),
    );
    if (idle) timer.unref();
  }

  function look(): Promise<void> {
    watching ??= watch()
      .catch((error: unknown) => {
        if (!stopped) log.debug({ err: error }, 'the sender could not look at the chain; trying again');
      })
      .finally(() => {
        watching = undefined;
      });
    return watching;
  }

  async function watch(): Promise<void> {
    const { nonce, block, fees } = await node.look();
    await outsideTransaction();
    if (stopped) return;
    prune();
    reopen(nonce);
    for (const row of journal.signed()) if (!flights.has(row.id)) take(row);
    const used = [...flights.values()].filter(({ row }) => row.nonce !== null && row.nonce < nonce);
    await Promise.all(used.map((flight) => conclude(flight, nonce, fees, block)));
    if (stopped) return;
    const waiting = [...flights.values()].sort((a, b) => (a.row.nonce ?? 0) - (b.row.nonce ?? 0));
    for (const flight of waiting) {
      if (flight.row.nonce === nonce) raiseFee(flight, fees, block);
      const now = flights.get(flight.row.id);
      if (now && Date.now() - now.sentAt > rebroadcastMs) void broadcast(now);
    }
    pump();
  }

  /** A nonce that the chain has not reached can't be on it: what was mined there is in flight again. Believed at the second look. */
  function reopen(nonce: number): void {
    if (nonce > highestMined) {
      forgotten = 0;
      return;
    }
    forgotten += 1;
    if (forgotten < 2) return;
    forgotten = 0;
    highestMined = nonce - 1;
    const count = journal.reopenFrom(nonce);
    if (count === 0) return;
    log.warn({ transactions: count }, 'the chain forgot transactions; sending them again');
  }

  /** The nonce is used: by one of the attempts, whose receipt tells how it went, or by a stranger with our key. */
  async function conclude(flight: Flight, nonce: number, fees: Fees, block: number): Promise<void> {
    const receipt = await node.receiptOf(flight.attempts.map(({ hash }) => hash));
    await outsideTransaction();
    if (stopped || !flights.has(flight.row.id)) return;
    if (receipt) return record(flight, receipt);
    flight.misses += 1;
    if (flight.misses === 1) flight.missedAt = Date.now();
    if (flight.misses < 10 || Date.now() - flight.missedAt < patienceMs) return;
    log.warn(
      { key: flight.row.key, nonce: flight.row.nonce },
      'another transaction of this key took the nonce; signing again',
    );
    const last = Transaction.from(flight.attempts.at(-1)?.raw ?? '0x');
    flights.delete(flight.row.id);
    const next = Math.max(nonce, journal.highestNonce() + 1);
    void broadcast(sign(flight.row, { nonce: next, gasLimit: last.gasLimit, fees, block }));
  }

  async function record({ row }: Flight, receipt: Receipt): Promise<void> {
    const { hash, block, timestamp, gasUsed, fee } = receipt;
    guard.note(row.id, fee);
    lastMinedAt = Date.now();
    highestMined = Math.max(highestMined, row.nonce ?? -1);
    if (receipt.success) {
      journal.mined(row.id, { hash, block, timestamp, gasUsed, fee });
      log.debug({ key: row.key, note: row.note, transaction: hash, block, gasUsed }, 'transaction mined');
      return settle(row, { type: 'mined', hash, block, timestamp, gasUsed });
    }
    const { data, outOfGas } = await node.whyFailed(callOf(row), receipt);
    await outsideTransaction();
    if (stopped) return;
    journal.reverted(row.id, { hash, data, reason: 'on chain', fee, outOfGas });
    const after = journal.find(row.key);
    const outcome = after && outcomeOf(after);
    log.warn({ key: row.key, note: row.note, transaction: hash, block, outcome }, 'transaction reverted on chain');
    if (outcome) settle(row, outcome);
  }

  /** Replaces the transaction that is next in line when blocks leave it out. */
  function raiseFee(flight: Flight, fees: Fees, block: number): void {
    const last = flight.attempts.at(-1);
    if (!last) return;
    flight.sinceBlock ??= block;
    const refused = flight.sinceBlock === Number.NEGATIVE_INFINITY;
    if (!refused && (Date.now() - last.signedAt < bumpAfterMs || block < flight.sinceBlock + 2)) return;
    const { gasLimit } = Transaction.from(last.raw);
    const raised = bump(last, fees);
    if (!raised || !guard.allows(flight.row.id, gasLimit * raised.maxFee)) {
      flight.sinceBlock = block;
      return;
    }
    log.info({ key: flight.row.key, nonce: last.nonce, from: last.maxFee, to: raised.maxFee }, 'raising the fee');
    void broadcast(sign(flight.row, { nonce: last.nonce, gasLimit, fees: raised, block }));
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
        void outsideTransaction().then(pump);
      });
    },
    outcomeOf(key) {
      const row = journal.find(key);
      return row && outcomeOf(row);
    },
    async resume() {
      start();
      await look();
      pump();
      watchSoon();
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
