import { type Selectable, sql } from 'kysely';
import type { Ask } from '../../contracts/client/Ask.ts';
import type { Hex } from '../../contracts/client/Hex.ts';
import { fromJson } from './Json.ts';
import type { AskRow } from './Schema.ts';
import type { Tables } from './Table.ts';

/** An ask with its struct read. */
export type Entry = Omit<Selectable<AskRow>, 'ask'> & { ask: Ask };

export const entryOf = (row: Selectable<AskRow>): Entry => ({ ...row, ask: fromJson<Ask>(row.ask) });

/**
 * What is to be done, read from the journal. What can't be done any more, as its time is over, is left out: it would stand at the
 * front for ever. Times in unix seconds of the chain's clock.
 */
export function createQueue({ db, all }: Tables) {
  const asks = db.selectFrom('asks').selectAll();
  /** Nothing is under way for it and its pause is over. */
  const free = (now: number) => asks.where('mine', '=', 1).where('action', 'is', null).where('not_before', '<=', now);
  const open = (now: number) => free(now).where('state', '=', 'open').where('deadline', '>', now);

  return {
    /** Asks that no model was tried for yet: each asker's oldest first, so that one with a thousand leaves room for the others. */
    unanswered: (now: number, perAsker: number, limit: number): Pick<AskRow, 'query_id' | 'account'>[] => {
      const ranked = open(now)
        .where('answer', 'is', null)
        .where('failure', 'is', null)
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
      all(open(now).where('answer', 'is not', null).orderBy('asked_at').limit(limit)).map(entryOf),
    /** Given up, not yet declined on chain; those that may be refunded at once first. */
    givenUp: (now: number, limit: number): Entry[] =>
      all(
        open(now)
          .where('failure', 'is not', null)
          .where('answer', 'is', null)
          .orderBy('sole_host', 'desc')
          .orderBy('asked_at')
          .limit(limit),
      ).map(entryOf),
    /** How many asks this host declined since `since`: of one account, or of all. */
    declined: (since: number, account?: string): number =>
      all(
        db
          .selectFrom('asks')
          .select((c) => c.fn.countAll<number>().as('n'))
          .where('mine', '=', 1)
          .where('state', '=', 'declined')
          .where('asked_at', '>', since)
          .where((c) => (account === undefined ? c.lit(true) : c('account', '=', account))),
      )[0]?.n ?? 0,
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
      ).map(entryOf),
    /** On chain, not yet on the oracle and still in time for it, in the order of delivery. */
    unreported: (now: number, limit: number): Entry[] =>
      all(
        free(now)
          .where('state', '=', 'delivered')
          .where('report_due', '>', now)
          .orderBy('delivered_block')
          .orderBy('delivered_log')
          .limit(limit),
      ).map(entryOf),
    /** Asks whose report is still to come: with the others in a batch, and each by itself. */
    toReport: (now: number): { batched: number; alone: number } => {
      const rows = all(
        db
          .selectFrom('asks')
          .select(['by_report', (c) => c.fn.countAll<number>().as('n')])
          .where('mine', '=', 1)
          .where((or) =>
            or.or([
              or.and([or('state', '=', 'open'), or('failure', 'is', null), or('deadline', '>', now)]),
              or.and([or('state', '=', 'delivered'), or('report_due', '>', now)]),
            ]),
          )
          .groupBy('by_report'),
      );
      const of = (wanted: 0 | 1): number => rows.find(({ by_report }) => by_report === wanted)?.n ?? 0;
      return { batched: of(0), alone: of(1) };
    },
    /** Reports that can still be disputed. @param window seconds */
    atRisk: (now: number, window: number): number =>
      all(
        db
          .selectFrom('asks')
          .select((c) => c.fn.count<number>('report_query_id').distinct().as('n'))
          .where('mine', '=', 1)
          .where('state', '=', 'sealed')
          .where('reported_at', '>', now - window),
      )[0]?.n ?? 0,
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

    /** The block in which a report was sealed; undefined when none of its asks was. */
    sealedIn: (reportQueryId: Hex): number | undefined =>
      all(
        db
          .selectFrom('events')
          .innerJoin('asks', 'asks.query_id', 'events.query_id')
          .select('events.block')
          .where('asks.report_query_id', '=', reportQueryId)
          .where('events.type', '=', 'Sealed')
          .limit(1),
      )[0]?.block,

    /** The asks of a report in the order of its root. */
    ofReport: (reportQueryId: Hex): Entry[] => {
      const planned = all(
        db
          .selectFrom('actions')
          .select('query_ids')
          .where('report_query_id', '=', reportQueryId)
          .where('kind', '=', 'report'),
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
      ).map(entryOf);
      if (planned.length === 0) return found;
      const place = new Map(planned.map((id, index) => [id, index]));
      return found
        .filter(({ query_id }) => place.has(query_id))
        .sort((a, b) => (place.get(a.query_id) ?? 0) - (place.get(b.query_id) ?? 0));
    },
  };
}
