import type { DisputeRow } from './Schema.ts';
import type { Tables } from './Table.ts';

/** The disputes of this host's reports. */
export function createDisputeTable({ db, all, run }: Tables) {
  return {
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
    forgetDisputes: (toBlock: number): void => run(db.deleteFrom('disputes').where('block', '>', toBlock)),
  };
}
