import { type ReportTerms, slotAt } from './Slots.ts';

/** Most answers in one report; the market takes as many. */
export const answersPerReport = 256;
/** Between the moment when a report is possible and its block, seconds. */
const spare = 60;

/** Asks whose report is still to come: those that share one, and those that want their own. */
export type ToReport = { batched: number; alone: number };

/** When an ask that is taken now would be reported, after all those before it; `alone`: by a report of its own. Unix seconds. */
export function reportedBy(waiting: ToReport, alone: boolean, terms: ReportTerms, now: number): number {
  const batches = Math.ceil((waiting.batched + (alone ? 0 : 1)) / answersPerReport);
  return slotAt(waiting.alone + batches - (alone ? 0 : 1), terms, now) + spare;
}

/**
 * Why this host can't promise to report an answer within `reportWithin` seconds, for its operator; undefined when it can.
 */
export function lateness(waiting: ToReport, reportWithin: number, terms: ReportTerms, now: number): string | undefined {
  const at = reportedBy(waiting, false, terms, now);
  if (at <= now + reportWithin) return undefined;
  if (!Number.isFinite(at))
    return 'TellorFlex takes no report of this host: it has no stake, or its operator no reports a day.';
  const used = terms.usedToday >= terms.reportsPerDay ? ' The operator has used its reports of today.' : '';
  return `Offers promise a report within ${reportWithin} s; the next free one is in ${Math.ceil(at - now)} s, after ${waiting.batched + waiting.alone} answers that wait.${used} More stakes, or more reports a day, would help.`;
}

/** What can be lost: each report of the dispute window is backed by one stake. Amounts in the oracle's smallest unit. */
export type AtRisk = { reports: number; atRisk: bigint; staked: bigint };

export function atRisk(reports: number, terms: Pick<ReportTerms, 'staked' | 'stakeAmount'>): AtRisk {
  return { reports, atRisk: BigInt(reports) * terms.stakeAmount, staked: terms.staked };
}
