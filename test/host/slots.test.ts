import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextReportAt } from '../../contracts/client/Oracle.ts';
import { atRisk, lateness, reportedBy } from '../../host/reporter/Risk.ts';
import { type ReportTerms, secondsBetween, slotAt } from '../../host/reporter/Slots.ts';

const noon = 86_400 * 20_000 + 43_200;
const terms = (of: Partial<ReportTerms> = {}): ReportTerms => ({
  lastReportAt: noon - 10,
  staked: 100n,
  stakeAmount: 10n,
  lock: 43_200,
  reportsPerDay: 1_000,
  usedToday: 0,
  ...of,
});

/** Second by second, as TellorFlex and the Host contract decide it. */
function simulate(n: number, of: ReportTerms, now: number): number {
  let { lastReportAt } = of;
  let used = of.usedToday;
  let made = 0;
  for (let at = now; ; at++) {
    if (at > now && at % 86_400 === 0) used = 0;
    const waited = BigInt(at - lastReportAt) * 1000n > (BigInt(of.lock) * 1000n) / (of.staked / of.stakeAmount);
    if (!waited || used >= of.reportsPerDay) continue;
    if (made++ === n) return at;
    lastReportAt = at;
    used++;
  }
}

describe('when the next reports can be made', () => {
  test('is what a second by second run of the oracle says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: -9_000, max: 43_000 }),
        fc.integer({ min: 0, max: 9_000 }),
        (n, stakes, reportsPerDay, usedToday, sinceNoon, sinceReport) => {
          const now = noon + sinceNoon;
          const of = terms({ staked: BigInt(stakes) * 10n, reportsPerDay, usedToday, lastReportAt: now - sinceReport });
          expect(slotAt(n, of, now)).toBe(simulate(n, of, now));
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is never without a stake or a budget', () => {
    expect(slotAt(0, terms({ staked: 9n }), noon)).toBe(Number.POSITIVE_INFINITY);
    expect(slotAt(0, terms({ reportsPerDay: 0 }), noon)).toBe(Number.POSITIVE_INFINITY);
    expect(secondsBetween(terms({ staked: 9n }))).toBe(Number.POSITIVE_INFINITY);
  });

  test('the next one is the oracle’s own', () => {
    expect(slotAt(0, terms(), noon)).toBe(nextReportAt(terms()));
  });
});

describe('what can be promised', () => {
  test('256 answers share a report; each that wants its own takes a slot', () => {
    const step = secondsBetween(terms());
    const first = nextReportAt(terms());
    const by = (batched: number, alone: number, own = false) => reportedBy({ batched, alone }, own, terms(), noon) - 60;
    expect(by(0, 0)).toBe(first);
    expect(by(255, 0)).toBe(first);
    expect(by(256, 0)).toBe(first + step);
    expect(by(0, 3)).toBe(first + 3 * step);
    expect(by(10, 3, true)).toBe(first + 4 * step);
  });

  test('says what is wrong and what would help', () => {
    expect(lateness({ batched: 10, alone: 0 }, 9_000, terms(), noon)).toBeUndefined();
    expect(lateness({ batched: 300, alone: 2 }, 9_000, terms(), noon)).toMatchInlineSnapshot(
      `"Offers promise a report within 9000 s; the next free one is in 17334 s, after 302 answers that wait. More stakes, or more reports a day, would help."`,
    );
    expect(lateness({ batched: 0, alone: 0 }, 3_600, terms({ usedToday: 1_000 }), noon)).toMatch(
      /The operator has used its reports of today/,
    );
    expect(lateness({ batched: 0, alone: 0 }, 3_600, terms({ staked: 0n }), noon)).toMatch(/no stake/);
  });

  test('what is at risk is a stake for each report that can be disputed', () => {
    expect(atRisk(3, terms())).toEqual({ reports: 3, atRisk: 30n, staked: 100n });
  });
});
