import { Transaction } from 'ethers';
import { bump, type Fees } from './Fees.ts';
import { type Flight, type Flights, outsideTransaction, type Shared } from './Flights.ts';
import { callOf, factsOf, outcomeOf } from './Journal.ts';
import type { Receipt } from './Node.ts';

const rebroadcastMs = 5_000;
/** Looks without a receipt before another transaction is believed to have taken the nonce. */
const mostMisses = 10;

export type Lookout = ReturnType<typeof createLookout>;

/** Looks at the chain and sees to each transaction in flight: mined, stuck, lost or forgotten. */
export function createLookout(shared: Shared, flights: Flights, options: { bumpAfterMs: number; patienceMs: number }) {
  const { journal, node, guard, log, settle, isStopped } = shared;
  let highestMined = journal.highestNonce();
  let lastMinedAt = highestMined >= 0 ? Date.now() : 0;
  let forgotten = 0;

  async function look(): Promise<void> {
    const { nonce, block, fees } = await node.look();
    await outsideTransaction(shared);
    if (isStopped()) return;
    reopen(nonce);
    flights.load();
    const used = flights.all().filter(({ row }) => row.nonce !== null && row.nonce < nonce);
    const concluded = await Promise.allSettled(used.map((flight) => conclude(flight, { nonce, fees, block })));
    if (isStopped()) return;
    for (const { row } of flights.all()) {
      const flight = flights.get(row.id);
      if (flight && row.nonce === nonce) raiseFee(flight, fees, block);
      const last = flights.get(row.id);
      if (last && Date.now() - last.sentAt > rebroadcastMs) void flights.broadcast(last);
    }
    for (const one of concluded) if (one.status === 'rejected') throw one.reason;
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
    const transactions = journal.reopenFrom(nonce);
    if (transactions > 0) log.warn({ transactions }, 'the chain forgot transactions; sending them again');
  }

  type Now = { nonce: number; fees: Fees; block: number };

  /** The nonce is used: by one of the attempts, whose receipt tells how it went, or by a stranger with our key. */
  async function conclude(flight: Flight, { nonce, fees, block }: Now): Promise<void> {
    const { row, attempts } = flight;
    const receipt = await node.receiptOf(attempts.map(({ hash }) => hash));
    await outsideTransaction(shared);
    if (isStopped() || !flights.get(row.id)) return;
    if (receipt) return record(flight, receipt);
    flight.misses += 1;
    if (flight.misses === 1) flight.missedAt = Date.now();
    if (flight.misses < mostMisses || Date.now() - flight.missedAt < options.patienceMs) return;
    log.warn({ ...factsOf(row), nonce: row.nonce }, 'another transaction of this key took the nonce; signing again');
    const { gasLimit } = Transaction.from(attempts.at(-1)?.raw ?? '0x');
    const next = Math.max(nonce, journal.highestNonce() + 1);
    void flights.broadcast(flights.sign(row, { nonce: next, gasLimit, fees, block }));
  }

  async function record({ row }: Flight, receipt: Receipt): Promise<void> {
    const { hash, block, timestamp, gasUsed, fee } = receipt;
    const facts = { ...factsOf(row), transaction: hash, block };
    guard.note(row.id, fee);
    lastMinedAt = Date.now();
    highestMined = Math.max(highestMined, row.nonce ?? -1);
    if (receipt.success) {
      journal.mined(row.id, { hash, block, timestamp, gasUsed, fee });
      log.debug({ ...facts, gasUsed }, 'transaction mined');
      return settle(row, { type: 'mined', hash, block, timestamp, gasUsed });
    }
    const { data, outOfGas } = await node.whyFailed(callOf(row), receipt);
    await outsideTransaction(shared);
    if (isStopped()) return;
    journal.reverted(row.id, { hash, data, reason: 'on chain', fee, outOfGas });
    const after = journal.find(row.key);
    const outcome = after && outcomeOf(after);
    log.warn({ ...facts, outcome }, 'transaction reverted on chain');
    if (outcome) settle(row, outcome);
  }

  /** Replaces the transaction that is next in line when blocks leave it out. */
  function raiseFee(flight: Flight, fees: Fees, block: number): void {
    const last = flight.attempts.at(-1);
    if (!last) return;
    if (flight.since === 'unknown') flight.since = block;
    if (flight.since !== 'refused') {
      const leftOut = block >= flight.since + 2;
      if (!leftOut || Date.now() - last.signedAt < options.bumpAfterMs) return;
    }
    const { gasLimit } = Transaction.from(last.raw);
    const raised = bump(last, fees);
    if (!raised || !guard.allows(flight.row.id, gasLimit * raised.maxFee)) {
      flight.since = block;
      return;
    }
    log.info({ ...factsOf(flight.row), nonce: last.nonce, from: last.maxFee, to: raised.maxFee }, 'raising the fee');
    void flights.broadcast(flights.sign(flight.row, { nonce: last.nonce, gasLimit, fees: raised, block }));
  }

  return {
    /** @throws whatever the node's silence throws */
    look,
    /** Whether the chain seems to have forgotten something; the next look tells. */
    doubts: (): boolean => forgotten > 0,
    /** Milliseconds since the last transaction was mined. */
    quietFor: (): number => Date.now() - lastMinedAt,
  };
}
