import { type Hex, zeroHash } from '../../contracts/client/Hex.ts';
import type { RefundItem } from '../../contracts/client/Market.ts';
import { askByQuery, asksReported, asksToRefund, updateAsk } from '../store/asks.ts';
import { eventsOf, readCursor } from '../store/events.ts';
import type { AskRecord } from './AskRecord.ts';
import type { Context } from './Context.ts';
import { coalesce } from './coalesce.ts';
import { life } from './Life.ts';
import type { Relayer } from './money/Accounts.ts';

export type Refunder = {
  start(): void;
  stop(): void;
};

/** Attempts per ask that cost gas. Anybody can refund, so giving up costs nobody money: only somebody else's gas. */
const maxAttempts = 5;

/** Hosts settle as soon as an answer is final; an hour later something is amiss. */
const settleGraceSeconds = 3_600;
const unsettledEveryMs = 600_000;

/**
 * Sends money back that is due back, unprompted. What is due is decided by the chain's clock and written in the store; the
 * refund's event ends it. An attempt that did not bring that event is made again after `retryMs`.
 */
export function createRefunder(context: Context, sender: Relayer, retryMs = 60_000): Refunder {
  const { store, market, log } = context;
  const trying = new Set<Hex>();
  const timers = new Set<NodeJS.Timeout>();
  let unsubscribe: (() => void) | undefined;
  let unsettled: NodeJS.Timeout | undefined;
  let stopped = false;

  async function run(): Promise<void> {
    for (const record of await asksToRefund(store.db)) begin(record);
  }

  function begin(record: AskRecord): void {
    const { queryId } = record;
    if (!queryId || trying.has(queryId) || record.refundAttempts >= maxAttempts) return;
    trying.add(queryId);
    void refund(record, queryId).catch((error: unknown) => {
      if (!stopped) log.error({ queryId, err: error }, 'a refund failed');
      again(queryId, false);
    });
  }

  /** Answers that should be final and aren't: their dispute may be lost, which no event of the market's tells. */
  async function lookAtUnsettled(): Promise<void> {
    const clock = (await readCursor(store.db))?.clock ?? 0;
    for await (const record of asksReported(store.db)) {
      if (stopped) return;
      const { queryId, status } = record;
      if (!queryId || status.state !== 'reported' || clock < status.finalAt + settleGraceSeconds) continue;
      const item = itemOf(queryId, await eventsOf(store.db, queryId));
      if (item && (await market.isRefundable(item))) begin(record);
    }
  }

  async function refund(record: AskRecord, queryId: Hex): Promise<void> {
    const item = itemOf(queryId, await eventsOf(store.db, queryId));
    if (!item) return;
    log.info({ queryId, reason: 'refundDue' in record.status ? record.status.refundDue : undefined }, 'refunding');
    const outcome = await sender.submit({
      key: `refund:${queryId}:${record.refundAttempts}`,
      call: market.refund([item]),
      note: 'refund',
      queryIds: [queryId],
    });
    if (outcome.type !== 'mined') log.warn({ queryId, outcome }, 'a refund was not made');
    const costGas = 'hash' in outcome && outcome.hash !== undefined;
    again(queryId, costGas, outcome.type === 'mined' ? retryMs * 2 : retryMs);
  }

  /** Looks again later: usually the refund's event has come by then and there is nothing to do. */
  function again(queryId: Hex, costGas: boolean, afterMs = retryMs): void {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void next(queryId, costGas).catch((error: unknown) => log.error({ queryId, err: error }, 'a refund failed'));
    }, afterMs);
    timer.unref();
    timers.add(timer);
  }

  async function next(queryId: Hex, costGas: boolean): Promise<void> {
    const record = await askByQuery(store.db, queryId);
    // What was never sent can be sent under the same key: for want of coin, say, until there is some.
    if (record && costGas) await updateAsk(store.db, { ...record, refundAttempts: record.refundAttempts + 1 });
    trying.delete(queryId);
    await run();
  }

  const look = () =>
    void lookAtUnsettled().catch((error: unknown) => log.warn({ err: error }, 'looking at unsettled asks failed'));
  const kick = coalesce(run, (error) => log.error({ err: error }, 'looking for refunds failed'));

  return {
    start() {
      unsubscribe ??= store.onCommit(({ asks }) => {
        if (asks.size > 0) kick();
      });
      kick();
      look();
      unsettled = setInterval(look, unsettledEveryMs).unref();
    },
    stop() {
      stopped = true;
      clearInterval(unsettled);
      unsubscribe?.();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function itemOf(queryId: Hex, events: Parameters<typeof life>[0]): RefundItem | undefined {
  const lived = life(events, 0);
  if (!lived) return undefined;
  const { ask, answerHash = zeroHash, reportQueryId = zeroHash } = lived;
  return { queryId, answerHash, reportQueryId, ask };
}
