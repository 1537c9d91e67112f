import type { Hex } from '../../contracts/client/Hex.ts';
import { fromJson } from './Json.ts';
import type { ActionKind, ActionRow } from './Schema.ts';
import type { Tables } from './Table.ts';

/** The transactions under way and done, and which asks wait for them. */
export function createActionTable({ db, all, run }: Tables) {
  const hold = (key: string, queryIds: readonly Hex[]): void => {
    for (const id of queryIds) run(db.updateTable('asks').set({ action: key }).where('query_id', '=', id));
  };
  return {
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
      hold(key, queryIds);
    },
    actions: (...status: ActionRow['status'][]): ActionRow[] =>
      all(db.selectFrom('actions').selectAll().where('status', 'in', status)),
    /** Those that were mined above `block`. */
    actionsAbove: (block: number): ActionRow[] =>
      all(db.selectFrom('actions').selectAll().where('status', 'in', ['mined', 'done']).where('block', '>', block)),
    setAction: (key: string, status: ActionRow['status'], block?: number): void =>
      run(
        db
          .updateTable('actions')
          .set({ status, ...(block !== undefined && { block }) })
          .where('key', '=', key),
      ),
    /** A transaction that was mined is under way again: its asks wait for it, unless another has them by now. */
    reopenAction: ({ key, query_ids }: ActionRow): void => {
      run(db.updateTable('actions').set({ status: 'pending', block: null }).where('key', '=', key));
      for (const id of fromJson<Hex[]>(query_ids))
        run(db.updateTable('asks').set({ action: key }).where('query_id', '=', id).where('action', 'is', null));
    },
    /** Frees the asks of a transaction. @param failed with a pause until `until`; `counts`: against them */
    release: (key: string, failed?: { until: number; counts: boolean }): void =>
      run(
        db
          .updateTable('asks')
          .set((set) => ({
            action: null,
            ...(failed?.counts && { failures: set('failures', '+', 1) }),
            ...(failed && { not_before: failed.until }),
          }))
          .where('action', '=', key),
      ),
    actionCounts: () =>
      all(
        db
          .selectFrom('actions')
          .select(['kind', 'status', (c) => c.fn.countAll<number>().as('n')])
          .groupBy(['kind', 'status']),
      ),
  };
}
