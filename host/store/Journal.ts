import type { DatabaseSync } from 'node:sqlite';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { migrate, transaction } from '../../contracts/client/support/Sqlite.ts';
import { createActionTable } from './ActionTable.ts';
import { createDisputeTable } from './DisputeTable.ts';
import { fromJson } from './Json.ts';
import { type Life, type LocatedAskEvent, lifeOf } from './Life.ts';
import { createQueue, type Entry, entryOf } from './Queue.ts';
import { migrations } from './Schema.ts';
import { openTables } from './Table.ts';
import { createTipTable } from './TipTable.ts';

export type { Entry } from './Queue.ts';
export type Journal = ReturnType<typeof createJournal>;

/**
 * The host's memory: a row per ask and per transaction. Every method is synchronous, so that `atomically` can join several with the
 * sender's own journal in one SQLite transaction.
 * @param host this host's contract
 */
export function createJournal(database: DatabaseSync, host: Address) {
  migrate(database, migrations);
  const tables = openTables(database);
  const { db, all, run } = tables;

  const meta = (name: string): string | undefined =>
    all(db.selectFrom('meta').select('value').where('name', '=', name))[0]?.value;
  const setMeta = (name: string, value: string): void =>
    run(
      db
        .insertInto('meta')
        .values({ name, value })
        .onConflict((c) => c.column('name').doUpdateSet({ value })),
    );
  const disputes = createDisputeTable(tables);

  return {
    host,
    database,
    all,
    run,
    db,
    atomically: <T>(work: () => T): T => transaction(database, work),
    meta,
    setMeta,
    ...createQueue(tables),
    ...createActionTable(tables),
    ...disputes,
    ...createTipTable(tables),

    lifeOf: (queryId: Hex): Life | undefined => {
      const rows = all(
        db.selectFrom('events').select('data').where('query_id', '=', queryId).orderBy('block').orderBy('log_index'),
      );
      return lifeOf(rows.map(({ data }) => fromJson<LocatedAskEvent>(data)));
    },
    entry: (queryId: Hex): Entry | undefined =>
      all(db.selectFrom('asks').selectAll().where('query_id', '=', queryId)).map(entryOf)[0],
    model: (id: bigint) => all(db.selectFrom('models').selectAll().where('model_id', '=', id.toString()))[0],

    saveAnswer: (queryId: Hex, answer: string, by: string): void =>
      run(db.updateTable('asks').set({ answer, answered_by: by, failure: null }).where('query_id', '=', queryId)),
    saveFailure: (queryId: Hex, failure: string): void =>
      run(db.updateTable('asks').set({ failure }).where('query_id', '=', queryId)),
    pause: (queryIds: readonly Hex[], until: number): void => {
      for (const id of queryIds) run(db.updateTable('asks').set({ not_before: until }).where('query_id', '=', id));
    },
    countFailure: (queryId: Hex, until: number): void =>
      run(
        db
          .updateTable('asks')
          .set((set) => ({ failures: set('failures', '+', 1), not_before: until }))
          .where('query_id', '=', queryId),
      ),
    undoDisputes: (toBlock: number): void => {
      disputes.forgetDisputes(toBlock);
      if (Number(meta('disputesScanned') ?? 0) > toBlock) setMeta('disputesScanned', String(toBlock));
    },
    /** One more alert of that kind; `figuresOf` shows how many. */
    countAlert: (kind: string): void => setMeta(`alerts:${kind}`, String(Number(meta(`alerts:${kind}`) ?? 0) + 1)),
    /** This host's asks by their state. */
    counts: (): Record<string, number> =>
      Object.fromEntries(
        all(
          db
            .selectFrom('asks')
            .select(['state', (c) => c.fn.countAll<number>().as('n')])
            .where('mine', '=', 1)
            .groupBy('state'),
        ).map(({ state, n }) => [state, n]),
      ),
  };
}
