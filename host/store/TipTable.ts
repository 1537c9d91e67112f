import type { Hex } from '../../contracts/client/Hex.ts';
import type { TipRow } from './Schema.ts';
import type { Tables } from './Table.ts';

/** Queries tipped on Autopay, and what this host did about them. Times in unix seconds. */
export function createTipTable({ db, all, run }: Tables) {
  return {
    /** A tip came: the query is looked at again, whatever was thought of it before. */
    noteTip: (queryId: Hex, queryData: Hex): void =>
      run(
        db
          .insertInto('tips')
          .values({
            query_id: queryId,
            query_data: queryData,
            state: 'open',
            answer: null,
            reported_at: null,
            not_before: 0,
          })
          .onConflict((conflict) =>
            conflict
              .column('query_id')
              .doUpdateSet({ not_before: 0, state: 'open' })
              .where('tips.state', '!=', 'reported'),
          ),
      ),
    /** Open ones whose pause is over, those with an answer first, then in the order of their pauses, so that each has its turn. */
    tipsToDo: (now: number, limit: number): TipRow[] =>
      all(
        db
          .selectFrom('tips')
          .selectAll()
          .where('state', '=', 'open')
          .where('not_before', '<=', now)
          .orderBy((c) => c('answer', 'is', null))
          .orderBy('not_before')
          .limit(limit),
      ),
    /** Reported before `before`, not yet claimed. */
    tipsToClaim: (now: number, before: number): TipRow[] =>
      all(
        db
          .selectFrom('tips')
          .selectAll()
          .where('state', '=', 'reported')
          .where('reported_at', '<', before)
          .where('not_before', '<=', now)
          .orderBy('reported_at')
          .limit(10),
      ),
    tip: (queryId: Hex): TipRow | undefined =>
      all(db.selectFrom('tips').selectAll().where('query_id', '=', queryId))[0],
    setTip: (queryId: Hex, change: Partial<Omit<TipRow, 'query_id' | 'query_data'>>): void =>
      run(db.updateTable('tips').set(change).where('query_id', '=', queryId)),
    tipCounts: (): Record<string, number> =>
      Object.fromEntries(
        all(
          db
            .selectFrom('tips')
            .select(['state', (c) => c.fn.countAll<number>().as('n')])
            .groupBy('state'),
        ).map(({ state, n }) => [state, n]),
      ),
  };
}
