import type { Address } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import { nextReportAt, type Oracle } from '../../contracts/client/Oracle.ts';

/** What decides when the oracle takes this host's next reports. Times in unix seconds, amounts in the oracle's smallest unit. */
export type ReportTerms = {
  lastReportAt: number;
  staked: bigint;
  stakeAmount: bigint;
  /** Seconds between two reports with one stake. */
  lock: number;
  /** What the owner allows the operator, and what it used of it today (UTC). */
  reportsPerDay: number;
  usedToday: number;
};

const day = 86_400;

/** Seconds between two reports, at least 1; Infinity below one stake. */
export function secondsBetween({ staked, stakeAmount, lock }: ReportTerms): number {
  if (stakeAmount === 0n || staked < stakeAmount) return Number.POSITIVE_INFINITY;
  return nextReportAt({ lastReportAt: 0, staked, stakeAmount, lock });
}

/**
 * When this host can make its n-th next report, counted from 0, if it makes each as soon as it can: the oracle's lock and the
 * operator's reports a day both allow it. Unix seconds; Infinity: never.
 */
export function slotAt(n: number, terms: ReportTerms, now: number): number {
  const step = secondsBetween(terms);
  if (!Number.isFinite(step) || terms.reportsPerDay <= 0) return Number.POSITIVE_INFINITY;
  let at = Math.max(now, nextReportAt(terms));
  let left = n;
  const today = Math.floor(now / day);
  for (;;) {
    const dayOf = Math.floor(at / day);
    const end = (dayOf + 1) * day;
    const budget = Math.max(0, terms.reportsPerDay - (dayOf === today ? terms.usedToday : 0));
    const fit = Math.min(budget, Math.ceil((end - at) / step));
    if (left < fit) return at + left * step;
    left -= fit;
    // Where the budget ended first the lock does not hold on midnight; where the day ended first it does.
    at = Math.max(end, at + fit * step);
  }
}

export type Slots = ReturnType<typeof createSlots>;

/** Reads the terms from the chain; the oracle's own, which change seldom, once a minute. */
export function createSlots(of: { oracle: Oracle; host: HostContract; operator: Address }) {
  const { oracle, host, operator } = of;
  let rules: { read: Promise<[bigint, number]>; at: number } | undefined;
  let known: { terms: ReportTerms; at: number } | undefined;

  async function terms(): Promise<ReportTerms> {
    if (rules === undefined || performance.now() - rules.at > 60_000) {
      const read = Promise.all([oracle.stakeAmount(), oracle.reportingLock()]);
      rules = { read, at: performance.now() };
      read.catch(() => {
        rules = undefined;
      });
    }
    const [[stakeAmount, lock], { lastReportAt, staked }, { reportsPerDay, usedToday }] = await Promise.all([
      rules.read,
      oracle.stakerInfo(host.address),
      host.operatorOf(operator),
    ]);
    const read = { lastReportAt, staked, stakeAmount, lock, reportsPerDay, usedToday };
    known = { terms: read, at: performance.now() };
    return read;
  }

  return {
    /** As they are now. */
    terms,
    /** As they were at most two seconds ago: good enough to take or refuse an ask. */
    recent: async (): Promise<ReportTerms> =>
      known !== undefined && performance.now() - known.at < 2_000 ? known.terms : terms(),
  };
}
