import { randomBytes } from 'node:crypto';
import { hash } from '../../contracts/client/AskHash.ts';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Hex, hex, zeroHash } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import { nextReportAt } from '../../contracts/client/Oracle.ts';
import { encodeBatch, encodeWorkload, workloadSalt } from '../../contracts/client/Query.ts';
import type { Entry, Journal } from '../store/Journal.ts';
import type { Actions } from './Actions.ts';
import { batchOf, gasLimitOf, mostGas, mostItems } from './Batch.ts';
import { answersPerReport } from './Risk.ts';
import { type Slots, secondsBetween } from './Slots.ts';

export type DeliveriesOptions = {
  journal: Journal;
  actions: Actions;
  host: HostContract;
  deployment: Deployment;
  slots: Slots;
};

/** Deliveries under way at a time, where so many answers wait that another is worth its price. */
const mostFlying = 3;
const worthAnother = 24;
/** Reports that come so seldom, in seconds, are worth waiting for more answers to share them. */
const seldom = 12;
/** An answer that wants a report of its own is delivered without one when its deadline is so near, seconds. */
const pressing = 60;

/**
 * One transaction at a time brings answers to the chain: a delivery with all the answers that piled up meanwhile, and the report in the
 * same transaction when the lock allows it, else a report later for many deliveries. Reports that an ask wants for itself take
 * turns with those of batches, so that neither kind keeps the other waiting.
 */
export function createDeliveries({ journal, actions, host, deployment, slots }: DeliveriesOptions) {
  let aloneWasLast = false;
  let lastBlockTime = 0;
  let deliveredBeforeReport = false;
  let pressedWasLast = false;

  /**
   * Whether the oracle takes a report in the next block and the operator may still make one today. `probably`: good enough where a refused
   * report leaves the delivery standing. `surely`: the lock is over by now, so that a report alone does not revert.
   */
  async function look(now: number, blockTime: number) {
    const terms = await slots.terms();
    const at = nextReportAt(terms);
    const budget = terms.usedToday < terms.reportsPerDay;
    return {
      probably: budget && at <= blockTime + 1,
      surely: budget && at <= now,
      seldom: secondsBetween(terms) > seldom,
    };
  }

  function deliverBatch(entries: readonly Entry[], withReport: boolean): void {
    const batch = BigInt(hex(`0x${randomBytes(32).toString('hex')}`));
    actions.begin({
      key: `deliver:${batch.toString(16)}`,
      kind: 'deliver',
      queryIds: entries.map(({ query_id }) => query_id),
      reportQueryId: batchQueryId(batch),
      call: host.calls.deliver(
        batch,
        entries.map(({ query_id }) => query_id),
        entries.map(({ ask }) => ask),
        entries.map(({ answer }) => answer ?? ''),
        withReport,
      ),
      // Not estimated: the least gas that succeeds may be one with which the report, whose failure is caught, runs dry.
      gasLimit: gasLimitOf(entries),
    });
  }

  function deliverByReport({ query_id, ask, answer }: Entry): void {
    const life = journal.lifeOf(query_id);
    // Delivered before, it is the text on chain that is reported.
    const text = life?.delivered?.answer ?? answer;
    if (life === undefined || text === null) return;
    const { chainId, market: at } = deployment;
    const salt = workloadSalt({ chainId, market: at, opener: ask.opener, userSalt: life.userSalt });
    const { queryData } = encodeWorkload({ workload: life.workload, input: life.input, parent: life.parent, salt });
    actions.begin({
      key: `deliverByReport:${query_id}:${randomBytes(6).toString('hex')}`,
      kind: 'deliverByReport',
      queryIds: [query_id],
      reportQueryId: query_id,
      call: host.calls.deliverByReport(query_id, ask, text, queryData),
      gasLimit: least(900_000n + BigInt(Buffer.byteLength(text)) * 900n, mostGas),
    });
  }

  function report(entries: readonly Entry[]): void {
    const batch = BigInt(hex(`0x${randomBytes(32).toString('hex')}`));
    actions.begin({
      key: `report:${batch.toString(16)}`,
      kind: 'report',
      queryIds: entries.map(({ query_id }) => query_id),
      reportQueryId: batchQueryId(batch),
      call: host.calls.report(
        batch,
        entries.map(({ query_id, ask, answer_hash }) => ({
          queryId: query_id,
          askHash: hash(ask),
          answerHash: answer_hash ?? zeroHash,
        })),
      ),
    });
  }

  const batchQueryId = (batch: bigint): Hex =>
    encodeBatch({ chainId: deployment.chainId, market: deployment.market, host: host.address, batch }).queryId;

  /** Half of the time to report in is over. */
  const urgent =
    (now: number) =>
    ({ delivered_at, ask }: Entry): boolean =>
      now > (delivered_at ?? now) + Number(ask.reportWithin) / 2;

  /** @param now unix seconds, the chain's @param blockTime that of the newest block */
  return async function plan(now: number, blockTime: number): Promise<void> {
    const flying = actions.count('deliver');
    if (actions.busy('deliverByReport', 'report') || flying >= mostFlying) return;
    // Two in one block would be two reports in one second, of which the oracle takes one.
    if (flying > 0 && blockTime <= lastBlockTime) return;
    const ready = journal.answered(now, mostItems);
    const unreported = journal.unreported(now, answersPerReport);
    if (ready.length === 0 && unreported.length === 0) return;
    // What is reported alone waits until nothing is under way; more deliveries must not keep it from that.
    if (flying > 0 && (ready.length < worthAnother || unreported.some(urgent(now)))) return;
    const slot = await look(now, blockTime);
    const together = ready.filter(({ by_report }) => by_report === 0);
    const late = unreported.filter(({ by_report }) => by_report === 0);
    const alone =
      (slot.surely ? unreported.find(({ by_report }) => by_report === 1) : undefined) ??
      ready.find(({ by_report }) => by_report === 1);
    lastBlockTime = blockTime;
    const pressed = ready.filter(
      ({ by_report, deadline, query_id }) =>
        by_report === 1 && query_id !== alone?.query_id && deadline < now + pressing,
    );

    if (!slot.probably) {
      deliver(ready, false);
    } else if (flying > 0) {
      deliver(together, true);
    } else if (pressed.length > 0 && !pressedWasLast) {
      pressedWasLast = true;
      deliver([...together, ...pressed], false);
    } else if (alone !== undefined && !(aloneWasLast && together.length + late.length > 0)) {
      aloneWasLast = true;
      pressedWasLast = false;
      deliverByReport(alone);
    } else {
      aloneWasLast = false;
      pressedWasLast = false;
      const shared = slot.surely && late.length > 0;
      if (shared && slot.seldom && together.length > 0 && !deliveredBeforeReport && !late.some(urgent(now))) {
        deliveredBeforeReport = true;
        deliver(together, false);
      } else if (
        shared &&
        (slot.seldom || together.length === 0 || late.length >= mostItems || late.some(urgent(now)))
      ) {
        deliveredBeforeReport = false;
        report(late);
      } else deliver(together, true);
    }
  };

  function deliver(entries: readonly Entry[], withReport: boolean): void {
    const batch = batchOf(entries);
    if (batch.length > 0) deliverBatch(batch, withReport);
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
