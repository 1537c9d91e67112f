import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type Compilable, type Selectable, sql } from 'kysely';
import type { Ask } from '../../contracts/client/Ask.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { kysely, migrate, transaction } from '../../contracts/client/support/Sqlite.ts';
import { fromJson } from './Json.ts';
import { type Life, type LocatedAskEvent, lifeOf } from './Life.ts';
import { type ActionKind, type ActionRow, type AskRow, type DisputeRow, migrations, type Schema } from './Schema.ts';

export type Journal = ReturnType<typeof createJournal>;

/** An ask with its struct read. */
export type Entry = Omit<Selectable<AskRow>, 'ask'> & { ask: Ask };

/**
 * The host's memory: a row per ask and per transaction. Every method is synchronous, so that `atomically` can join several with the
 * sender's own journal in one SQLite transaction.
 * @param host this host's contract
 */
export function createJournal(database: DatabaseSync, host: Address) {
  migrate(database, migrations);
  const db = kysely<Schema>(database);
  const all = <Row>(query: Compilable<Row>): Row[] => {
    const { sql: text, parameters } = query.compile();
    return database.prepare(text).all(...(parameters as SQLInputValue[])) as Row[];
  };
  const run = (query: Compilable<unknown>): void => {
    const { sql: text, parameters } = query.compile();
    database.prepare(text).run(...(parameters as SQLInputValue[]));
  };
  const entry = (row: Selectable<AskRow>): Entry => ({ ...row, ask: fromJson<Ask>(row.ask) });
  const asks = db.selectFrom('asks').selectAll();
  const mine = asks.where('mine', '=', 1);
  /** Nothing is under way for it and its pause is over. */
  const free = (now: number) => mine.where('action', 'is', null).where('not_before', '<=', now);

  const journal = {
    host,
    database,
    all,
    run,
    db,
    atomically: <T>(work: () => T): T => transaction(database, work),

    meta: (name: string): string | undefined =>
      all(db.selectFrom('meta').select('value').where('name', '=', name))[0]?.value,
    setMeta: (name: string, value: string): void =>
      run(
        db
          .insertInto('meta')
          .values({ name, value })
          .onConflict((c) => c.column('name').doUpdateSet({ value })),
      ),

    lifeOf: (queryId: Hex): Life | undefined => {
      const rows = all(
        db.selectFrom('events').select('data').where('query_id', '=', queryId).orderBy('block').orderBy('log_index'),
      );
      return lifeOf(rows.map(({ data }) => fromJson<LocatedAskEvent>(data)));
    },
    entry: (queryId: Hex): Entry | undefined => all(asks.where('query_id', '=', queryId)).map(entry)[0],
    model: (id: bigint) => all(db.selectFrom('models').selectAll().where('model_id', '=', id.toString()))[0],

    /** Asks that no model was tried for yet: each asker's oldest first, so that one with a thousand leaves room for the others. */
    unanswered: (now: number, perAsker: number, limit: number): Pick<AskRow, 'query_id' | 'account'>[] => {
      const ranked = free(now)
        .where('state', '=', 'open')
        .where('answer', 'is', null)
        .where('failure', 'is', null)
        .where('deadline', '>', now)
        .clearSelect()
        .select(['query_id', 'account', 'asked_at'])
        .select(sql<number>`row_number() over (partition by account order by asked_at)`.as('place'));
      return all(
        db
          .selectFrom(ranked.as('ranked'))
          .select(['query_id', 'account'])
          .where('place', '<=', perAsker)
          .orderBy('place')
          .orderBy('asked_at')
          .limit(limit),
      );
    },
    /** Answered, not yet on chain. */
    answered: (now: number, limit: number): Entry[] =>
      all(free(now).where('state', '=', 'open').where('answer', 'is not', null).orderBy('asked_at').limit(limit)).map(
        entry,
      ),
    /** Given up, not yet declined on chain. */
    givenUp: (now: number, limit: number): Entry[] =>
      all(
        free(now)
          .where('state', '=', 'open')
          .where('failure', 'is not', null)
          .where('answer', 'is', null)
          .orderBy('asked_at')
          .limit(limit),
      ).map(entry),
    /** Another host's that it declined, or left alone for its exclusive time; `until`: earliest deadline that is still worth it. */
    abandoned: (now: number, until: number, limit: number): Entry[] =>
      all(
        asks
          .where('mine', '=', 0)
          .where('action', 'is', null)
          .where('not_before', '<=', now)
          .where('deadline', '>', until)
          .where('sole_host', '=', 0)
          .where('failure', 'is', null)
          .where((or) =>
            or.or([or('state', '=', 'declined'), or.and([or('state', '=', 'open'), or('exclusive_until', '<=', now)])]),
          )
          .orderBy('asked_at')
          .limit(limit),
      ).map(entry),
    /** On chain, not yet on the oracle, in the order of delivery. */
    unreported: (now: number, limit: number): Entry[] =>
      all(
        free(now).where('state', '=', 'delivered').orderBy('delivered_block').orderBy('delivered_log').limit(limit),
      ).map(entry),
    /** Reports made before `reportedBefore`. */
    settleable: (now: number, reportedBefore: number, limit: number): Hex[] =>
      all(
        db
          .selectFrom('asks')
          .select('report_query_id')
          .distinct()
          .where('mine', '=', 1)
          .where('state', '=', 'sealed')
          .where('action', 'is', null)
          .where('not_before', '<=', now)
          .where('reported_at', '<', reportedBefore)
          .where('report_query_id', 'is not', null)
          // What is disputed waits for the verdict, and what was lost for its refund.
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('disputes')
                  .select('dispute_id')
                  .whereRef('disputes.report_query_id', '=', 'asks.report_query_id')
                  .where('disputes.state', '!=', 'failed'),
              ),
            ),
          )
          .limit(limit),
      ).flatMap(({ report_query_id }) => (report_query_id === null ? [] : [report_query_id])),

    /** The asks of a report in the order of its root. */
    ofReport: (reportQueryId: Hex): Entry[] => {
      const planned = all(
        db
          .selectFrom('actions')
          .select('query_ids')
          .where('report_query_id', '=', reportQueryId)
          .where('kind', '=', 'report')
          .where('status', 'in', ['mined', 'done']),
      ).flatMap(({ query_ids }) => fromJson<Hex[]>(query_ids));
      const found = all(
        asks
          .where((or) =>
            or.or([
              or('report_query_id', '=', reportQueryId),
              ...(planned.length > 0 ? [or('query_id', 'in', planned)] : []),
            ]),
          )
          .orderBy('delivered_block')
          .orderBy('delivered_log'),
      ).map(entry);
      if (planned.length === 0) return found;
      const place = new Map(planned.map((id, index) => [id, index]));
      return found
        .filter(({ query_id }) => place.has(query_id))
        .sort((a, b) => (place.get(a.query_id) ?? 0) - (place.get(b.query_id) ?? 0));
    },

    saveAnswer: (queryId: Hex, answer: string, by: string): void =>
      run(db.updateTable('asks').set({ answer, answered_by: by, failure: null }).where('query_id', '=', queryId)),
    saveFailure: (queryId: Hex, failure: string): void =>
      run(db.updateTable('asks').set({ failure }).where('query_id', '=', queryId)),
    pause: (queryIds: readonly Hex[], until: number): void => {
      for (const id of queryIds) run(db.updateTable('asks').set({ not_before: until }).where('query_id', '=', id));
    },

    /** Notes a transaction; until it is over, nothing else is done for its asks. */
    beginAction: (action: { key: string; kind: ActionKind; queryIds: readonly Hex[]; reportQueryId?: Hex }): void => {
      const { key, kind, queryIds, reportQueryId } = action;
      run(
        db.insertInto('actions').values({
          key,
          kind,
          query_ids: JSON.stringify(queryIds),
          report_query_id: reportQueryId ?? null,
          status: 'pending',
          block: null,
        }),
      );
      for (const id of queryIds) run(db.updateTable('asks').set({ action: key }).where('query_id', '=', id));
    },
    actions: (...status: ActionRow['status'][]): ActionRow[] =>
      all(db.selectFrom('actions').selectAll().where('status', 'in', status)),
    setAction: (key: string, status: ActionRow['status'], block?: number): void =>
      run(
        db
          .updateTable('actions')
          .set({ status, ...(block !== undefined && { block }) })
          .where('key', '=', key),
      ),
    /** Frees the asks of a transaction. @param failed counts against them, with a pause until `until` */
    release: (key: string, failed?: { until: number }): void =>
      run(
        db
          .updateTable('asks')
          .set((set) => ({
            action: null,
            ...(failed && { failures: set('failures', '+', 1), not_before: failed.until }),
          }))
          .where('action', '=', key),
      ),

    noteDispute: (dispute: DisputeRow): void =>
      run(
        db
          .insertInto('disputes')
          .values(dispute)
          .onConflict((conflict) => conflict.column('dispute_id').doNothing()),
      ),
    openDisputes: () => all(db.selectFrom('disputes').selectAll().where('state', '=', 'open')),
    closeDispute: (id: string, state: DisputeRow['state']): void =>
      run(db.updateTable('disputes').set({ state }).where('dispute_id', '=', id)),
    undoDisputes: (toBlock: number): void => {
      run(db.deleteFrom('disputes').where('block', '>', toBlock));
      if (Number(journal.meta('disputesScanned') ?? 0) > toBlock) journal.setMeta('disputesScanned', String(toBlock));
    },
    countFailure: (queryId: Hex, until: number): void =>
      run(
        db
          .updateTable('asks')
          .set((set) => ({ failures: set('failures', '+', 1), not_before: until }))
          .where('query_id', '=', queryId),
      ),

    actionCounts: () =>
      all(
        db
          .selectFrom('actions')
          .select(['kind', 'status', (c) => c.fn.countAll<number>().as('n')])
          .groupBy(['kind', 'status']),
      ),
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
  return journal;
}
