import { beforeEach, describe, expect, test } from 'vitest';
import type { Hex } from '../../contracts/client/Hex.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { batchOf } from '../../host/reporter/Batch.ts';
import { applyEvents, turnsBefore, undoAbove } from '../../host/store/applyUpdate.ts';
import { createJournal, type Journal } from '../../host/store/Journal.ts';
import { ask, asked, delivered, idOf, put, sealed, us } from './events.ts';

let journal: Journal;
beforeEach(() => {
  journal = createJournal(open(':memory:'), us);
});
let logIndex = 0;
const apply = (...events: Parameters<typeof put>[0][]) =>
  journal.atomically(() =>
    applyEvents(
      journal,
      events.map((event) => put(event, 1, logIndex++)),
    ),
  );
const ids = (rows: readonly { query_id: Hex }[]) => rows.map(({ query_id }) => query_id);
const soon = { ask: { ...ask, deadline: 1_200n } };

describe('what is over does not stand in the way of what is not', () => {
  test('answers and refusals past their deadline', () => {
    apply(...Array.from({ length: 300 }, (_, n) => asked(n + 1, soon)), asked(900), asked(901));
    for (let n = 1; n <= 150; n++) journal.saveAnswer(idOf(n), 'late', 'x');
    for (let n = 151; n <= 300; n++) journal.saveFailure(idOf(n), 'late');
    journal.saveAnswer(idOf(900), 'in time', 'x');
    journal.saveFailure(idOf(901), 'no');
    expect(ids(journal.answered(1_300, 128))).toEqual([idOf(900)]);
    expect(ids(journal.givenUp(1_300, 128))).toEqual([idOf(901)]);
  });

  test('deliveries that were not reported in time', () => {
    const slow = { ask: { ...ask, reportWithin: 90_000n } };
    apply(
      ...Array.from({ length: 300 }, (_, n) => asked(n + 1)),
      asked(900, slow),
      ...Array.from({ length: 300 }, (_, n) => delivered(n + 1)),
      delivered(900),
    );
    expect(journal.unreported(1_100, 500)).toHaveLength(301);
    expect(ids(journal.unreported(1_001 + 3_601, 256))).toEqual([idOf(900)]);
    expect(journal.toReport(1_001 + 3_601)).toEqual({ batched: 1, alone: 0 });
  });
});

test('what waits for a report, and what is at risk', () => {
  const own = { ask: { ...ask, byReport: true } };
  apply(asked(1), asked(2, own), asked(3), asked(4), asked(5), delivered(3), delivered(4), sealed(4, 70));
  journal.saveFailure(idOf(5), 'no');
  expect(journal.toReport(1_100)).toEqual({ batched: 2, alone: 1 });
  expect(journal.atRisk(2_100, 43_200)).toBe(1);
  expect(journal.atRisk(2_000 + 43_200, 43_200)).toBe(0);
});

test('a thousand events that anybody can cause leave no trace', () => {
  apply(
    asked(1),
    ...Array.from({ length: 1_000 }, () => ({ type: 'Skipped', queryId: idOf(1), reason: '0x12345678' }) as const),
  );
  expect(journal.all(journal.db.selectFrom('events').select('type'))).toEqual([{ type: 'Asked' }]);
  expect(journal.entry(idOf(1))?.state).toBe('open');
});

test('a conversation costs no more than so many bytes', () => {
  const long = 'x'.repeat(30_000);
  for (let n = 1; n <= 5; n++) apply(asked(n, { input: long, parent: n === 1 ? idOf(0) : idOf(n - 1) }), delivered(n));
  expect(turnsBefore(journal, idOf(5), 50)).toHaveLength(2);
});

test('after a reorganisation a transaction is under way again, and its asks wait for it', () => {
  journal.atomically(() => applyEvents(journal, [put(asked(1), 1), put(asked(2), 1, 1)]));
  for (const n of [1, 2]) journal.saveAnswer(idOf(n), 'a', 'x');
  journal.beginAction({ key: 'd', kind: 'deliver', queryIds: [idOf(1), idOf(2)], reportQueryId: idOf(70) });
  journal.setAction('d', 'done', 5);
  journal.release('d');
  journal.atomically(() => applyEvents(journal, [put(delivered(1), 5), put(delivered(2), 5, 1)]));
  undoAbove(journal, 4);
  expect(ids(journal.answered(1_100, 9))).toEqual([idOf(1), idOf(2)]);
  expect(journal.actionsAbove(4).map(({ key }) => key)).toEqual(['d']);
  for (const action of journal.actionsAbove(4)) journal.reopenAction(action);
  expect(journal.answered(1_100, 9)).toEqual([]);
  expect(journal.actions('pending')).toMatchObject([{ key: 'd', block: null }]);
});

test('a batch that failed goes on in halves, what never failed beside it', () => {
  apply(...Array.from({ length: 200 }, (_, n) => asked(n + 1)));
  for (let n = 1; n <= 200; n++) journal.saveAnswer(idOf(n), 'a', 'x');
  const sizes = [];
  for (let round = 0; round < 9; round++) {
    const batch = batchOf(journal.answered(1_100, 128).slice(0, 128));
    sizes.push(batch.length);
    journal.beginAction({ key: `${round}`, kind: 'deliver', queryIds: ids(batch) });
    journal.release(`${round}`, { until: 1_100, counts: true });
  }
  expect(sizes).toEqual([128, 64, 32, 16, 8, 4, 2, 1, 1]);
});
