import type { Autopay, Tip } from '../../contracts/client/Autopay.ts';
import { ContractError } from '../../contracts/client/ContractError.ts';
import type { Hex } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import { nextReportAt, type Oracle } from '../../contracts/client/Oracle.ts';
import { encodeAnswer } from '../../contracts/client/Query.ts';
import { type Intent, type Outcome, type Sender, SenderStoppedError } from '../../contracts/client/send/Sender.ts';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { Journal } from '../store/Journal.ts';
import type { TipRow } from '../store/Schema.ts';
import type { Actions } from './Actions.ts';
import type { TipAnswer } from './AnswerTip.ts';
import type { Slots } from './Slots.ts';
import { readTipQuestion, type TipQuestion } from './TipQuestion.ts';

export type TipsOptions = {
  autopay: Autopay;
  oracle: Oracle;
  host: HostContract;
  journal: Journal;
  actions: Actions;
  sender: Sender;
  slots: Slots;
  /** The block from which tips are looked for, the first time. */
  fromBlock: number;
  /** Smallest units of what tips are paid in; after Autopay's fee. */
  least: bigint;
  /** The answer, or why there is none. `pays`: what the tip brings, smallest units. @throws what may pass: try again later */
  answer(question: TipQuestion, pays: bigint): Promise<TipAnswer>;
  log: Log;
};

export type Tips = ReturnType<typeof createTips>;

const stretch = 5_000;
const window = 43_200;
const soon = 30;
const later = 600;
/** Reports of one query that are looked at, newest first; a query with more of them is left alone. */
const mostReports = 20;

/** How a query stands: `due` to be reported, `waits` until its tip counts, `ours` or `theirs` the report that earns it, `spent`. */
type Standing =
  | { is: 'due'; tip: Tip; reports: bigint }
  | { is: 'waits' }
  | { is: 'spent' }
  | { is: 'ours'; at: number }
  | { is: 'theirs'; at: number };

/**
 * The second rail: answers LangChainWorkload and ChatGPTResponse queries that were tipped on Tellor's Autopay, reports each to TellorFlex and
 * claims after 12 hours. Only events are read, as the list of funded queries can be spammed; and the host contract itself checks the
 * tip and the number of reports in the second of the report. Works when the market leaves the report slot free.
 */
export function createTips(options: TipsOptions) {
  const { autopay, oracle, host, journal, actions, sender, slots, log } = options;

  async function scan(to: number): Promise<void> {
    for (;;) {
      const from = Number(journal.meta('tipsScanned') ?? options.fromBlock - 1) + 1;
      if (from > to) return;
      const end = Math.min(to, from + stretch - 1);
      const tips = await autopay.tipsIn(from, end);
      journal.atomically(() => {
        for (const { queryId, queryData } of tips)
          if (readTipQuestion(queryData) !== undefined) journal.noteTip(queryId, queryData);
        journal.setMeta('tipsScanned', String(end));
      });
    }
  }

  /** @param now unix seconds of the newest block */
  async function standing(queryId: Hex, now: number): Promise<Standing> {
    const [tip, reports] = await Promise.all([autopay.newestTip(queryId), oracle.valueCount(queryId)]);
    if (tip === undefined || tip.amount === 0n || reports > BigInt(mostReports)) return { is: 'spent' };
    for (let index = reports - 1n; index >= 0n; index--) {
      const at = await oracle.timestampAt(queryId, index);
      if (at < tip.timestamp) break;
      if (await oracle.isInDispute(queryId, at)) continue;
      // The first undisputed one since the tip earns it; those after it are looked at too, to find it.
      const earlier = await firstSince(queryId, tip.timestamp, index, at);
      const reporter = await oracle.reporterAt(queryId, earlier);
      return reporter === host.address ? { is: 'ours', at: earlier } : { is: 'theirs', at: earlier };
    }
    return tip.timestamp > now ? { is: 'waits' } : { is: 'due', tip, reports };
  }

  async function firstSince(queryId: Hex, since: number, below: bigint, known: number): Promise<number> {
    let first = known;
    for (let index = below - 1n; index >= 0n; index--) {
      const at = await oracle.timestampAt(queryId, index);
      if (at < since) break;
      if (!(await oracle.isInDispute(queryId, at))) first = at;
    }
    return first;
  }

  const pass = (queryId: Hex, why: string): void => {
    journal.setTip(queryId, { state: 'passed' });
    log.info({ queryId, why }, 'a tip is left alone');
  };

  async function work(row: TipRow, now: number): Promise<void> {
    const { query_id: queryId } = row;
    const question = readTipQuestion(row.query_data);
    if (question === undefined) return pass(queryId, 'It is no question that this host reads.');
    const stands = await standing(queryId, now);
    if (stands.is === 'ours')
      return journal.setTip(queryId, { state: 'reported', reported_at: stands.at, not_before: 0 });
    if (stands.is === 'spent') return pass(queryId, 'The tip is spent.');
    if (stands.is === 'waits') return journal.setTip(queryId, { not_before: now + 1 });
    if (stands.is === 'theirs') {
      // Within the window it may still be disputed, and the tip is then anybody's again.
      if (now > stands.at + window) pass(queryId, 'Another reporter has earned it.');
      else journal.setTip(queryId, { not_before: now + later });
      return;
    }
    const pays = stands.tip.amount - (stands.tip.amount * (await autopay.fee())) / 1_000n;
    if (pays < options.least) return pass(queryId, 'The tip is too small.');
    const text = row.answer ?? (await answered(queryId, question, pays, now));
    if (text === undefined) return;
    await report(row, text, now);
  }

  async function answered(queryId: Hex, question: TipQuestion, pays: bigint, now: number): Promise<string | undefined> {
    const result = await options.answer(question, pays);
    if (!result.ok) {
      if (result.again) journal.setTip(queryId, { not_before: now + later });
      else pass(queryId, result.reason);
      return undefined;
    }
    // Kept before anything is sent: no crash from here on costs a second model call.
    journal.setTip(queryId, { answer: result.text });
    return result.text;
  }

  /** Looks again first: answering took its time. */
  async function report(
    { query_id: queryId, query_data: queryData }: TipRow,
    text: string,
    now: number,
  ): Promise<void> {
    const [stands, terms] = await Promise.all([standing(queryId, now), slots.terms()]);
    if (stands.is !== 'due') return;
    const free = nextReportAt(terms) <= now && terms.usedToday < terms.reportsPerDay;
    if (!free || actions.busy('deliver', 'report', 'deliverByReport'))
      return journal.setTip(queryId, { not_before: now + 2 });
    const { tip, reports } = stands;
    const outcome = await send({
      // The same for the same tip and number of reports: a restart asks for the same transaction again.
      key: `tip:${queryId}:${tip.timestamp}:${reports}`,
      call: host.calls.reportTipped(queryId, encodeAnswer(text), reports, queryData, tip.amount),
      note: 'tip',
      queryIds: [queryId],
    });
    if (outcome?.type === 'mined') {
      journal.setTip(queryId, { state: 'reported', reported_at: outcome.timestamp, not_before: 0 });
      log.info({ queryId, tip: tip.amount, transaction: outcome.hash }, 'a tip is answered and reported');
    } else if (outcome !== undefined) {
      const reason = outcome.type === 'reverted' ? outcome.error.sentence : outcome.reason;
      log.info({ queryId, reason }, 'a tip could not be reported now');
      journal.setTip(queryId, { not_before: now + soon });
    }
  }

  async function claim({ query_id: queryId, reported_at }: TipRow, now: number): Promise<void> {
    const at = reported_at ?? 0;
    // A reorganisation took the report away: it is looked at from the start.
    if ((await oracle.reporterAt(queryId, at)) !== host.address)
      return journal.setTip(queryId, { state: 'open', reported_at: null, not_before: now });
    // Disputed, the tip is anybody's again; what this host thinks of it is decided by its vote, not by a second report.
    if (await oracle.isInDispute(queryId, at)) return pass(queryId, 'The report was disputed.');
    const outcome = await send({
      key: `claimTip:${queryId}:${at}`,
      call: host.calls.claimTips(queryId, [BigInt(at)]),
      note: 'claimTip',
      queryIds: [queryId],
    });
    if (outcome?.type === 'mined') {
      journal.setTip(queryId, { state: 'claimed' });
      log.info({ queryId, transaction: outcome.hash }, 'a tip is claimed');
    } else if (outcome !== undefined) {
      const reason = outcome.type === 'reverted' ? outcome.error.sentence : outcome.reason;
      log.warn({ queryId, reason }, 'a tip could not be claimed now');
      journal.setTip(queryId, { not_before: now + 3_600 });
    }
  }

  async function send(intent: Intent): Promise<Outcome | undefined> {
    return sender.submit(intent).catch((error: unknown) => {
      if (error instanceof SenderStoppedError) return undefined;
      throw error;
    });
  }

  /** One bad query must not keep the others waiting. */
  async function guarded(row: TipRow, now: number, act: (row: TipRow, now: number) => Promise<void>): Promise<void> {
    try {
      await act(row, now);
    } catch (error) {
      if (!(error instanceof ContractError) || error.code === 'network') throw error;
      log.warn({ queryId: row.query_id, err: error }, 'a tip could not be looked at; trying again later');
      journal.setTip(row.query_id, { not_before: now + later });
    }
  }

  return {
    /** @param followed newest block handled @param now unix seconds of that block */
    check: async (followed: number, now: number): Promise<void> => {
      await scan(followed);
      for (const row of journal.tipsToClaim(now, now - window - 1)) await guarded(row, now, claim);
      for (const row of journal.tipsToDo(now, 5)) await guarded(row, now, work);
    },
    /** After a reorganisation: tips above the block are found again if they are there again; what was reported is looked at anew. */
    undo: (toBlock: number): void => {
      if (Number(journal.meta('tipsScanned') ?? 0) > toBlock) journal.setMeta('tipsScanned', String(toBlock));
    },
  };
}
