import { randomBytes } from 'node:crypto';
import { hash } from '../../contracts/client/AskHash.ts';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Hex, hex, zeroHash } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import { nextReportAt } from '../../contracts/client/Oracle.ts';
import { encodeBatch, encodeWorkload, workloadSalt } from '../../contracts/client/Query.ts';
import type { Entry, Journal } from '../store/Journal.ts';
import type { Actions } from './Actions.ts';
import { batchOf, mostItems } from './Batch.ts';
import { deliverByReportGasLimitOf, gasLimitOf, reportGasLimitOf } from './GasLimits.ts';
import { answersPerReport } from './Risk.ts';
import { type Slots, secondsBetween } from './Slots.ts';

export type DeliveriesOptions = {
  journal: Journal;
  actions: Actions;
  host: HostContract;
  deployment: Deployment;
  slots: Pick<Slots, 'terms'>;
};

/** Deliveries under way at a time, where so many answers wait that another is worth its price. */
const mostFlying = 3;
const worthAnother = 24;
/** Reports that come so seldom, in seconds, are worth waiting for more answers to share them. */
const seldom = 12;
/** Where reports come often, answers whose report was refused wait for so many turns at most; a turn is at least a second. */
const mostTurns = 3;
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
  /** Keys of deliveries under way; one from before a restart counts as if it brought a report. */
  const withoutReport = new Set<string>();

  /**
   * Whether the oracle takes a report in the next block and the operator may still make one today. `probably`: good enough where a refused
   * report leaves the delivery standing. `surely`: the lock is over by now, so that a report alone does not revert.
   */
  async function look(now: number, blockTime: number) {
    const terms = await slots.terms();
    const at = nextReportAt(terms);
    const budget = terms.usedToday < terms.reportsPerDay;
    const turn = secondsBetween(terms);
    return {
      probably: budget && at <= blockTime + 1,
      surely: budget && at <= now,
      seldom: turn > seldom,
      turn,
    };
  }

  function deliverBatch(entries: readonly Entry[], withReport: boolean): void {
    const batch = BigInt(hex(`0x${randomBytes(32).toString('hex')}`));
    const key = `deliver:${batch.toString(16)}`;
    if (!withReport) withoutReport.add(key);
    actions.begin({
      key,
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
      gasLimit: deliverByReportGasLimitOf(text, queryData),
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
      // Not estimated: the node's newest block may be the one before the lock is over.
      gasLimit: reportGasLimitOf(entries.length),
    });
  }

  const batchQueryId = (batch: bigint): Hex =>
    encodeBatch({ chainId: deployment.chainId, market: deployment.market, host: host.address, batch }).queryId;

  /** Half of the time to report in is over, or where reports come often a few turns. */
  const urgent =
    (now: number, { seldom, turn }: { seldom: boolean; turn: number }) =>
    ({ delivered_at, ask }: Entry): boolean => {
      const half = Number(ask.reportWithin) / 2;
      return now > (delivered_at ?? now) + (seldom ? half : Math.min(half, mostTurns * Math.max(1, turn)));
    };

  /** @param now unix seconds, the chain's @param blockTime that of the newest block */
  return async function plan(now: number, blockTime: number): Promise<void> {
    const flying = actions.pending('deliver');
    const isReporting = actions.busy('report') || flying.some((key) => !withoutReport.has(key));
    for (const key of withoutReport) if (!flying.includes(key)) withoutReport.delete(key);
    if (actions.busy('deliverByReport') || flying.length >= mostFlying) return;
    const more = flying.length > 0 || isReporting;
    // Two in one block would be two reports in one second, of which the oracle takes one.
    if (more && blockTime <= lastBlockTime) return;
    const ready = journal.answered(now, mostItems);
    const unreported = journal.unreported(now, answersPerReport);
    if (ready.length < (more ? worthAnother : 1) && (more || unreported.length === 0)) return;
    const slot = await look(now, blockTime);
    const isUrgent = urgent(now, slot);
    const together = ready.filter(({ by_report }) => by_report === 0);
    const late = unreported.filter(({ by_report }) => by_report === 0);
    // Where reports come often a turn missed costs little, and between two blocks none may ever be sure.
    const shared = late.length > 0 && (slot.surely || (!slot.seldom && late.some(isUrgent)));
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
    } else if (more) {
      // What is reported alone waits until no report is under way; more deliveries with one must not keep it from that.
      const urges = unreported.some(isUrgent);
      if (shared && urges && !isReporting) report(late);
      deliver(together, !urges && !actions.busy('report'));
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
      if (shared && slot.seldom && together.length > 0 && !deliveredBeforeReport && !late.some(isUrgent)) {
        deliveredBeforeReport = true;
        deliver(together, false);
      } else if (shared && (slot.seldom || together.length === 0 || late.length >= mostItems || late.some(isUrgent))) {
        deliveredBeforeReport = false;
        report(late);
        // The report has this block's turn; these need not wait for it.
        if (!slot.seldom && together.length >= worthAnother) deliver(together, false);
      } else deliver(together, true);
    }
  };

  function deliver(entries: readonly Entry[], withReport: boolean): void {
    const batch = batchOf(entries);
    if (batch.length > 0) deliverBatch(batch, withReport);
  }
}
