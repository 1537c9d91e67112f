import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTick } from 'node:timers/promises';
import { Transaction, type Wallet } from 'ethers';
import { hex } from '../Hex.ts';
import type { Log } from '../support/Log.ts';
import type { Fees, SpendingGuard } from './Fees.ts';
import { type Attempt, callOf, factsOf, type IntentRow, type Journal } from './Journal.ts';
import type { Node } from './Node.ts';
import type { Outcome } from './Outcome.ts';
import { refusalOf } from './Refusal.ts';

/** What the parts of one sender share. */
export type Shared = {
  wallet: Wallet;
  database: DatabaseSync;
  chainId: number;
  journal: Journal;
  node: Node;
  guard: SpendingGuard;
  log: Log;
  isStopped(): boolean;
  /** Tells whoever waits, once the journal knows. */
  settle(row: IntentRow, outcome: Outcome): void;
};

/** An intent in flight. Times in milliseconds. */
export type Flight = {
  row: IntentRow;
  attempts: Attempt[];
  sentAt: number;
  /** The chain's height when the last attempt was signed; `refused` when its fee was too low for a node. */
  since: number | 'unknown' | 'refused';
  /** Looks at which the nonce was used and no receipt found. */
  misses: number;
  missedAt: number;
};

export type Flights = ReturnType<typeof createFlights>;

/** The signed transactions that are not mined yet. */
export function createFlights({ wallet, chainId, journal, node, guard, log, isStopped }: Shared) {
  const flights = new Map<number, Flight>();
  const fly = (row: IntentRow, attempts: Attempt[], since: Flight['since']): Flight => {
    const flight: Flight = { row, attempts, sentAt: 0, since, misses: 0, missedAt: 0 };
    flights.set(row.id, flight);
    return flight;
  };

  return {
    size: () => flights.size,
    get: (intent: number): Flight | undefined => flights.get(intent),
    remove: (intent: number): boolean => flights.delete(intent),
    /** By nonce. */
    all: (): Flight[] => [...flights.values()].sort((a, b) => (a.row.nonce ?? 0) - (b.row.nonce ?? 0)),
    /** The most that all of them can still cost, in wei. */
    reserved: (): bigint =>
      [...flights.values()].reduce((sum, { row }) => sum + BigInt(row.fee ?? 0) + BigInt(row.call_value), 0n),

    /** Takes up what the journal holds as signed. */
    load(): void {
      for (const row of journal.signed()) if (!flights.has(row.id)) fly(row, journal.attempts(row.id), 'unknown');
    },

    /** Signs and journals, in one go: what was not journaled is never sent. @param of.block the chain's height */
    sign(row: IntentRow, of: { nonce: number; gasLimit: bigint; fees: Fees; block: number }): Flight {
      const { nonce, gasLimit, fees, block } = of;
      const attempt = signAttempt(wallet, chainId, row, of);
      const fee = gasLimit * fees.maxFee;
      journal.sign(row.id, attempt, fee);
      guard.note(row.id, fee);
      const attempts = [...(flights.get(row.id)?.attempts ?? []), attempt];
      return fly({ ...row, state: 'signed', nonce, fee: fee.toString() }, attempts, block);
    },

    /** Sends the last attempt; harmless when the node has it already. Never rejects. */
    async broadcast(flight: Flight): Promise<void> {
      const attempt = flight.attempts.at(-1);
      if (!attempt || isStopped()) return;
      flight.sentAt = Date.now();
      const facts = factsOf(flight.row);
      try {
        await node.sendRaw(attempt.raw);
        log.debug({ ...facts, transaction: attempt.hash }, 'transaction sent');
      } catch (error) {
        const refusal = refusalOf(error);
        if (isStopped() || refusal === 'known' || refusal === 'nonceTooLow') return;
        const level = refusal === 'unreachable' ? 'debug' : 'warn';
        log[level]({ ...facts, transaction: attempt.hash, refusal, err: error }, 'transaction not taken; trying again');
        if (refusal === 'underpriced') flight.since = 'refused';
      }
    },
  };
}

/** Other code may hold a transaction open on our connection over an await: what is written then could be rolled back. */
export async function outsideTransaction({ database, isStopped }: Shared): Promise<void> {
  while (!isStopped() && database.isTransaction) await nextTick();
}

function signAttempt(
  wallet: Wallet,
  chainId: number,
  row: IntentRow,
  { nonce, gasLimit, fees }: { nonce: number; gasLimit: bigint; fees: Fees },
): Attempt {
  const { to, data, value } = callOf(row);
  const { maxFee, priorityFee, legacy } = fees;
  const transaction = Transaction.from({
    chainId,
    nonce,
    to,
    data,
    value,
    gasLimit,
    ...(legacy ? { type: 0, gasPrice: maxFee } : { type: 2, maxFeePerGas: maxFee, maxPriorityFeePerGas: priorityFee }),
  });
  transaction.signature = wallet.signingKey.sign(transaction.unsignedHash);
  return {
    hash: hex(transaction.hash ?? ''),
    nonce,
    raw: hex(transaction.serialized),
    maxFee,
    priorityFee,
    signedAt: Date.now(),
  };
}
