import fc from 'fast-check';
import { expect, test } from 'vitest';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import { createJournal as createSenderJournal } from '../../contracts/client/send/Journal.ts';
import { backlogOf, feesByDay } from '../../contracts/client/send/Ledger.ts';
import { figuresOf } from '../../host/store/Figures.ts';
import { idOf, lang, live, memoryJournal, us } from './history.ts';

const noon = Date.parse('2026-11-20T12:00:00Z') / 1_000;
const day = 86_400;

test('an empty journal adds up to nothing', () => {
  expect(figuresOf(memoryJournal().database, noon)).toMatchObject({
    asks: [],
    earned: [],
    expected: [],
    waited: { median: undefined, p95: undefined },
    reportsAtRisk: 0,
    disputes: [],
    alerts: [],
    givenUp: [],
  });
});

test('counts what is earned, expected and at risk, by day, model and token', () => {
  const journal = memoryJournal();
  live(journal, { n: 1, state: 'settled', price: 5n, askedAt: noon, settledAt: noon + day });
  live(journal, { n: 2, state: 'settled', price: 7n, askedAt: noon, settledAt: noon + day, waits: 40 });
  live(journal, { n: 3, state: 'settled', price: 11n, token: lang, model: 2n, settledAt: noon + 2 * day });
  live(journal, { n: 4, state: 'delivered', price: 3n, askedAt: noon });
  live(journal, { n: 5, state: 'sealed', price: 4n, askedAt: noon, report: 5 });
  live(journal, { n: 6, state: 'sealed', price: 4n, askedAt: noon, report: 5 });
  live(journal, { n: 7, state: 'open', model: 0n, askedAt: noon });
  live(journal, { n: 8, state: 'declined', askedAt: noon });
  journal.saveFailure(idOf(8), 'The model failed.');
  const figures = figuresOf(journal.database, noon + 100);
  expect(figures.earned).toEqual([
    { day: '2026-11-21', model: '1', token: zeroAddress, asks: 2, amount: 12n },
    { day: '2026-11-22', model: '2', token: lang, asks: 1, amount: 11n },
  ]);
  expect(figures.expected).toEqual([{ token: zeroAddress, asks: 3, amount: 11n }]);
  expect(figures.asks).toEqual([
    { model: '0', state: 'open', asks: 1 },
    { model: '1', state: 'declined', asks: 1 },
    { model: '1', state: 'delivered', asks: 1 },
    { model: '1', state: 'sealed', asks: 2 },
    { model: '1', state: 'settled', asks: 2 },
    { model: '2', state: 'settled', asks: 1 },
  ]);
  // Two of the settled ones were reported within the last 12 hours too, for the journal can't know that nobody disputes them.
  expect(figures.reportsAtRisk).toBe(3);
  expect(figuresOf(journal.database, noon + 43_300).reportsAtRisk).toBe(0);
  expect(figures.givenUp).toEqual([{ reason: 'The model failed.', asks: 1 }]);
  expect(figures.waited).toMatchObject({ median: 3, p95: 40 });
  expect(figures.waited.buckets.filter(({ asks }) => asks > 0)).toEqual([
    { le: 5, asks: 5 },
    { le: 60, asks: 1 },
  ]);
});

test('no unit is lost or made, however large the prices', () => {
  const price = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
  const past = fc.record({
    price,
    model: fc.bigInt({ min: 0n, max: 3n }),
    token: fc.constantFrom(zeroAddress, lang),
    settledAt: fc.integer({ min: noon, max: noon + 5 * day }),
    state: fc.constantFrom('settled' as const, 'sealed' as const, 'delivered' as const, 'open' as const),
  });
  fc.assert(
    fc.property(fc.array(past, { maxLength: 25 }), (lives) => {
      const journal = memoryJournal();
      lives.forEach((one, index) => void live(journal, { n: index + 1, ...one }));
      const { earned, expected, asks } = figuresOf(journal.database, noon);
      const sum = (rows: readonly { amount: bigint }[]) => rows.reduce((total, { amount }) => total + amount, 0n);
      const of = (...states: string[]) =>
        lives.filter(({ state }) => states.includes(state)).reduce((total, one) => total + one.price, 0n);
      expect(sum(earned)).toBe(of('settled'));
      expect(sum(expected)).toBe(of('sealed', 'delivered'));
      expect(asks.reduce((total, one) => total + one.asks, 0)).toBe(lives.length);
      expect(new Set(earned.map(({ day: of, model, token }) => `${of} ${model} ${token}`)).size).toBe(earned.length);
      journal.database.close();
    }),
    { numRuns: 40 },
  );
});

test('the sender’s ledger: what waits since when, and what was paid by day', () => {
  const journal = memoryJournal();
  expect(backlogOf(journal.database)).toEqual({ queued: 0, inFlight: 0, oldestAt: undefined });
  expect(feesByDay(journal.database)).toEqual(new Map());
  const sender = createSenderJournal(journal.database, 1, us);
  const call = { to: us, data: '0x', value: 0n } as const;
  const rows = ['a', 'b', 'c'].map((key) => sender.add({ key, call }));
  const signedAt = Date.parse('2026-11-20T12:00:00Z');
  const attempt = { raw: '0x', maxFee: 1n, priorityFee: 1n, signedAt } as const;
  for (const [index, row] of rows.slice(0, 2).entries())
    sender.sign(row.id, { ...attempt, hash: idOf(index), nonce: index }, 1_000n);
  expect(backlogOf(journal.database)).toEqual({ queued: 1, inFlight: 2, oldestAt: signedAt });
  sender.mined(rows[0]?.id ?? 0, { hash: idOf(0), block: 1, timestamp: 1, gasUsed: 21_000n, fee: 40n });
  sender.reverted(rows[1]?.id ?? 0, { hash: idOf(1), reason: 'no', fee: 2n });
  expect(backlogOf(journal.database)).toMatchObject({ queued: 1, inFlight: 0 });
  expect(feesByDay(journal.database)).toEqual(new Map([['2026-11-20', 42n]]));
});
