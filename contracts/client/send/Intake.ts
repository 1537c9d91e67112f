import { format } from '../Amount.ts';
import { explain } from '../ContractError.ts';
import { RpcError } from '../Rpc.ts';
import { type Flights, outsideTransaction, type Shared } from './Flights.ts';
import { callOf, factsOf, type IntentRow } from './Journal.ts';
import type { Preflight } from './Node.ts';
import { isRevert } from './Refusal.ts';

/** Transactions above this are not taken (EIP-7825), nor data above this by most nodes' pools. */
const mostGas = 16_777_216n;
const mostData = 128 * 1024 - 1_024;
/** So many failed questions about one intent, while the node itself can be reached, and it is refused. */
const mostTries = 12;

export type Intake = ReturnType<typeof createIntake>;

/** Takes intents out of the queue: checked and estimated together, signed one after the other. */
export function createIntake(shared: Shared, flights: Flights, maxInFlight: number) {
  const { journal, node, guard, log, settle, isStopped } = shared;
  const preparing = new Set<number>();
  const notBefore = new Map<number, { at: number; tries: number }>();
  /** Nonces are given in the order of submission, whatever the order in which the estimates return. */
  let line: Promise<void> = Promise.resolve();

  /** Takes up as many as there is room for. `after` runs when each is decided. */
  function takeQueued(after: () => void): void {
    const room = maxInFlight - flights.size() - preparing.size;
    if (room <= 0) return;
    const now = Date.now();
    const rows = journal
      .queued(maxInFlight + preparing.size + notBefore.size)
      .filter(({ id }) => !preparing.has(id) && (notBefore.get(id)?.at ?? 0) <= now)
      .slice(0, room);
    for (const row of rows) {
      preparing.add(row.id);
      const facts = node.preflight(callOf(row), row.gas_limit === null ? undefined : BigInt(row.gas_limit)).then(
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
        after();
      });
    }
  }

  async function decide(row: IntentRow, facts: { value: Preflight } | { error: unknown }): Promise<void> {
    await outsideTransaction(shared);
    if (isStopped()) return;
    if ('error' in facts) return later(row, facts.error);
    const { gas, fees, balance, nonce, block } = facts.value;
    if ('error' in gas) return unsendable(row, gas.error);
    const { data, value } = callOf(row);
    const gasLimit = gas.limit;
    const fee = gasLimit * fees.maxFee;
    const bytes = data.length / 2 - 1;
    const needed = flights.reserved() + fee + value;
    const reason =
      gasLimit > mostGas
        ? `It needs ${gasLimit} gas; a transaction may have ${mostGas} at most.`
        : bytes > mostData
          ? `Its data has ${bytes} bytes; nodes take ${mostData} at most.`
          : balance < needed
            ? `The key ${shared.wallet.address} holds ${format(balance, 18)} of the chain’s coin; ${format(needed, 18)} may be needed. Send it more.`
            : guard.allows(row.id, fee)
              ? undefined
              : 'The fees of this hour would go above the limit that was set.';
    if (reason !== undefined) return refuse(row, reason);
    const flight = flights.sign(row, { nonce: Math.max(nonce, journal.highestNonce() + 1), gasLimit, fees, block });
    log.debug({ ...factsOf(row), nonce: flight.row.nonce }, 'transaction signed');
    notBefore.delete(row.id);
    void flights.broadcast(flight);
  }

  /** The estimate failed: because the call would revert, for want of coin, or because the node could not say. */
  function unsendable(row: IntentRow, error: unknown): void {
    const explained = explain(error);
    const { code, data, sentence: reason } = explained;
    if (code === 'insufficientFunds') refuse(row, reason);
    else if (!isRevert(error) && data === undefined) later(row, error);
    else {
      journal.reverted(row.id, { data, reason });
      log.info({ ...factsOf(row), code, reason }, 'transaction would revert; not sent');
      notBefore.delete(row.id);
      settle(row, { type: 'reverted', error: explained });
    }
  }

  function refuse(row: IntentRow, reason: string): void {
    journal.refused(row.id, reason);
    log.warn({ ...factsOf(row), reason }, 'transaction not sent');
    notBefore.delete(row.id);
    settle(row, { type: 'refused', reason });
  }

  function later(row: IntentRow, error: unknown): void {
    if (isStopped()) return;
    const tries = (notBefore.get(row.id)?.tries ?? 0) + 1;
    notBefore.set(row.id, { at: Date.now() + Math.min(3_000, 50 * 2 ** tries), tries });
    const level = tries === 3 ? 'warn' : 'debug';
    log[level]({ ...factsOf(row), err: error }, 'transaction could not be prepared; trying again');
    if (tries >= mostTries && !(error instanceof RpcError)) {
      refuse(row, `The node gives no estimate: ${explain(error).sentence}`);
    }
  }

  return {
    takeQueued,
    /** Whether an intent waits for its next try. */
    waits: (): boolean => notBefore.size > 0,
  };
}
