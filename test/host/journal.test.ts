import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Hex, zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import type { AskEvent } from '../../contracts/client/MarketEvent.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { takeLock } from '../../host/lock.ts';
import { priceOf } from '../../host/reporter/Pricing.ts';
import { reasonText } from '../../host/reporter/Reason.ts';
import { createRunner } from '../../host/reporter/Runner.ts';
import { applyEvents, turnsBefore, undoAbove } from '../../host/store/applyUpdate.ts';
import { createJournal, type Journal } from '../../host/store/Journal.ts';
import { fromJson, toJson } from '../../host/store/Json.ts';
import { databaseThrough } from './between.ts';
import { ask, asked, delivered, idOf, type Located, put, sealed, them, us } from './events.ts';

let folder: string;
let database: DatabaseSync;
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-'));
  database = open(join(folder, 'host.sqlite'));
  journal = createJournal(database, us);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});
const apply = (...events: Located[]) => journal.atomically(() => applyEvents(journal, events));
const ids = (rows: { query_id: Hex }[]) => rows.map(({ query_id }) => query_id);

describe('the journal', () => {
  test('follows an ask from the question to the money', () => {
    apply(put(asked(1), 1), put(asked(2), 1, 1), put(asked(3, { host: them, ask: { ...ask, host: them } }), 2));
    expect(ids(journal.unanswered(1_100, 10, 10))).toEqual([idOf(1), idOf(2)]);
    expect(journal.entry(idOf(1))?.ask).toEqual(ask);
    journal.saveAnswer(idOf(1), 'a1', 'guide/guide');
    journal.saveFailure(idOf(2), 'no');
    expect(ids(journal.unanswered(1_100, 10, 10))).toEqual([]);
    expect(ids(journal.answered(1_100, 10))).toEqual([idOf(1)]);
    expect(ids(journal.givenUp(1_100, 10))).toEqual([idOf(2)]);
    journal.beginAction({ key: 'k', kind: 'deliver', queryIds: [idOf(1)], reportQueryId: idOf(70) });
    expect(ids(journal.answered(1_100, 10))).toEqual([]);
    apply(put(delivered(1), 3), put({ type: 'Declined', queryId: idOf(2), host: us, reason: 'no' }, 3, 1));
    journal.release('k');
    expect(ids(journal.unreported(1_100, 10))).toEqual([idOf(1)]);
    apply(put(sealed(1, 70), 4));
    expect(journal.settleable(9_999, 2_000, 5)).toEqual([]);
    expect(journal.settleable(9_999, 2_001, 5)).toEqual([idOf(70)]);
    apply(put({ type: 'Settled', queryId: idOf(1), host: us, seller: them, hostPrice: 5n, royalty: 2n }, 5));
    expect(journal.settleable(9_999, 9_999, 5)).toEqual([]);
    expect(journal.counts()).toEqual({ declined: 1, settled: 1 });
  });

  test('keeps a take-over to us and away from us', () => {
    apply(put(asked(1), 1), put(asked(2, { host: them, ask: { ...ask, host: them } }), 1, 1));
    apply(
      put({ type: 'TakenOver', queryId: idOf(1), host: them, ask: { ...ask, host: them } }, 2),
      put({ type: 'TakenOver', queryId: idOf(2), host: us, ask: { ...ask, exclusiveUntil: 900n } }, 2, 1),
    );
    expect(ids(journal.unanswered(1_100, 10, 10))).toEqual([idOf(2)]);
    expect(journal.entry(idOf(2))?.ask.exclusiveUntil).toBe(900n);
  });

  test('gives the items of a report in the order of its root', () => {
    apply(put(asked(1), 1), put(asked(2), 1, 1), put(asked(3), 1, 2));
    apply(put(delivered(3), 3, 0), put(delivered(1), 3, 2), put(delivered(2), 4, 0));
    apply(put(sealed(1, 70), 5, 0), put(sealed(3, 70), 5, 1));
    expect(ids(journal.ofReport(idOf(70)))).toEqual([idOf(3), idOf(1)]);
    // A report of its own noted its order, and an item that was not sealed is part of the root all the same.
    journal.beginAction({ key: 'r', kind: 'report', queryIds: [idOf(2), idOf(1), idOf(3)], reportQueryId: idOf(70) });
    journal.setAction('r', 'done');
    expect(ids(journal.ofReport(idOf(70)))).toEqual([idOf(2), idOf(1), idOf(3)]);
  });

  test('an answer survives the undoing and the return of its ask', () => {
    apply(put(asked(1), 5));
    journal.saveAnswer(idOf(1), 'a1', 'x');
    journal.atomically(() => undoAbove(journal, 4));
    expect(journal.entry(idOf(1))).toMatchObject({ state: 'none', answer: 'a1' });
    expect(journal.answered(9_999, 10)).toEqual([]);
    apply(put(asked(1), 6));
    expect(journal.unanswered(9_999, 10, 10)).toEqual([]);
    expect(ids(journal.answered(9_999, 10))).toEqual([idOf(1)]);
  });

  test('after any undoing the rows are those of a journal that never saw the undone blocks', () => {
    const kinds = fc.constantFrom('asked', 'delivered', 'sealed', 'declined', 'refunded', 'takenOver', 'back');
    const step = fc.record({ kind: kinds, n: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.integer({ min: 0, max: 25 }), (steps, cut) => {
        const events = steps.map(({ kind, n }, index) => put(eventOf(kind, n), index + 1));
        const [one, two] = [createJournal(open(':memory:'), us), createJournal(open(':memory:'), us)];
        applyEvents(one, events);
        undoAbove(one, cut);
        applyEvents(two, events.slice(0, cut));
        const rows = (of: Journal) =>
          of.all(of.db.selectFrom('asks').selectAll().where('state', '!=', 'none').orderBy('query_id'));
        expect(rows(one)).toEqual(rows(two));
        applyEvents(one, events);
        applyEvents(one, events);
        applyEvents(two, events);
        expect(rows(one)).toEqual(rows(two));
      }),
      { numRuns: 60 },
    );
  });

  test('a crash at any write leaves all of an update or nothing of it', () => {
    const first = [put(asked(1), 1), put(asked(2), 1, 1)];
    const second = [put(delivered(1), 2), put(sealed(1, 70), 2, 1), put(asked(3), 2, 2)];
    const write = (of: Journal) =>
      of.atomically(() => {
        of.setMeta('cursor', '2');
        applyEvents(of, second);
      });
    let crashes = 0;
    for (let nth = 1; ; nth++) {
      const base = open(':memory:');
      const tested = createJournal(base, us);
      applyEvents(tested, first);
      tested.setMeta('cursor', '1');
      const before = toJson(tested.all(tested.db.selectFrom('asks').selectAll()));
      let writes = 0;
      const { run } = tested;
      const crashing = createJournalThatThrows(base, () => ++writes === nth);
      let crashed = false;
      try {
        write(crashing);
      } catch {
        crashed = true;
      }
      if (!crashed) break;
      crashes++;
      expect(tested.meta('cursor')).toBe('1');
      expect(toJson(tested.all(tested.db.selectFrom('asks').selectAll()))).toBe(before);
      expect(run).toBe(tested.run);
      write(tested);
      expect(tested.entry(idOf(1))?.state).toBe('sealed');
    }
    expect(crashes).toBeGreaterThan(5);
  });

  test('rebuilds a conversation, newest turns first kept, and stops at an unanswered one', () => {
    apply(put(asked(1), 1), put(delivered(1), 2));
    apply(put(asked(2, { parent: idOf(1) }), 3), put(delivered(2), 4));
    apply(put(asked(3, { parent: idOf(2) }), 5), put(asked(4, { parent: idOf(3) }), 6));
    expect(turnsBefore(journal, idOf(2), 5).map(({ answer }) => answer)).toEqual(['a1', 'a2']);
    expect(turnsBefore(journal, idOf(2), 1).map(({ answer }) => answer)).toEqual(['a2']);
    expect(turnsBefore(journal, idOf(3), 5)).toEqual([]);
    expect(turnsBefore(journal, zeroHash, 5)).toEqual([]);
  });

  test('an asker with hundreds of asks leaves room for one that came later', () => {
    apply(
      ...Array.from({ length: 300 }, (_, n) => put(asked(n + 1), 1, n)),
      put(asked(900, { ask: { ...ask, account: 7n } }), 2),
    );
    const found = journal.unanswered(1_100, 4, 16);
    expect(found).toHaveLength(5);
    expect(ids(found).slice(0, 2)).toEqual([idOf(1), idOf(900)]);
  });

  test('bigints and texts that look like them survive JSON', () => {
    const value = { a: 5n, b: [{ c: -(2n ** 255n) }], text: '{"$bigint":"5"}', five: '5n' };
    expect(fromJson(toJson(value))).toEqual(value);
  });
});

function eventOf(kind: string, n: number): AskEvent {
  const queryId = idOf(n);
  if (kind === 'asked') return asked(n);
  if (kind === 'delivered') return delivered(n);
  if (kind === 'sealed') return sealed(n, 70);
  if (kind === 'declined') return { type: 'Declined', queryId, host: us, reason: '' };
  if (kind === 'refunded') return { type: 'Refunded', queryId, account: 1n, reason: 'overdue', amount: 7n };
  return {
    type: 'TakenOver',
    queryId,
    host: kind === 'back' ? us : them,
    ask: { ...ask, host: kind === 'back' ? us : them },
  };
}

/** The same database through statements of which one throws instead of writing. */
function createJournalThatThrows(base: DatabaseSync, now: () => boolean): Journal {
  return createJournal(
    databaseThrough(base, (_, work) => {
      if (now()) throw new Error('crash');
      return work();
    }),
    us,
  );
}

test('one process a data folder', () => {
  const unlock = takeLock(join(folder, 'host.lock'));
  expect(() => takeLock(join(folder, 'host.lock'))).toThrow('HOST_DATA_DIR');
  unlock();
  takeLock(join(folder, 'host.lock'))();
});

test('the runner is fair: an asker with a hundred asks does not keep the others waiting', async () => {
  const started: string[] = [];
  const waiting = Array.from({ length: 100 }, (_, n) => ({ query_id: idOf(n), account: 'greedy' }));
  waiting.push({ query_id: idOf(200), account: 'a' }, { query_id: idOf(201), account: 'b' });
  const ends: (() => void)[] = [];
  const runner = createRunner(4, (id) => {
    started.push(id);
    return new Promise((resolve) => ends.push(resolve));
  });
  runner.fill(waiting);
  expect(started).toEqual([idOf(0), idOf(200), idOf(201), idOf(1)]);
  runner.fill(waiting);
  expect(runner.running()).toBe(4);
  const alone = createRunner(4, () => new Promise((resolve) => ends.push(resolve)));
  alone.fill(waiting.slice(0, 100));
  expect(alone.running()).toBe(3);
  for (const end of ends) end();
  await alone.stop();
  await runner.stop();
  expect(runner.running()).toBe(0);
});

test('a reason has at most 256 bytes and is never cut inside a character', () => {
  expect(reasonText(' a\n b ')).toBe('a b');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const reason = reasonText(text);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(256);
      expect(reason.isWellFormed()).toBe(true);
    }),
  );
});

test('prices follow the one rule', () => {
  const pricing = { coin: 7n, token: 9n, royaltyFreeIsFree: true };
  const price = (id: bigint, token: typeof us, royalty: bigint, free = true) =>
    priceOf({ id, token, royalty }, { ...pricing, royaltyFreeIsFree: free }, { token: us });
  expect(price(1n, zeroAddress, 1n)).toBe(7n);
  expect(price(1n, us, 1n)).toBe(9n);
  expect(price(1n, us, 0n)).toBe(0n);
  expect(price(1n, us, 0n, false)).toBe(9n);
  expect(price(0n, us, 0n)).toBe(9n);
  expect(price(1n, them, 0n)).toBeUndefined();
});
