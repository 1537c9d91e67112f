import type { Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import type { Db } from './Tables.ts';

/** What was deleted at once, and what stays until it is over. */
export type Forgotten = { asks: number; staying: number };

/** How many asks one transaction deletes at most: others wait meanwhile. */
const mostAtOnce = 500;

/**
 * Deletes what the bot stores about a person: settings, links, questions with their messages. Asks that money may still depend on
 * stay until they are over, then `sweepForgotten` deletes them. What the chain holds nobody can delete.
 * @param payableUntil unpaid asks that ran out before can't be paid any more. Unix seconds
 */
export async function forgetPerson(db: Db, person: Person, payableUntil: number): Promise<Forgotten> {
  const owner = personKey(person);
  await db.deleteFrom('preferences').where('owner', '=', owner).execute();
  await db.deleteFrom('held').where('owner', '=', owner).execute();
  await db.deleteFrom('wallets').where('owner', '=', owner).execute();
  await db.deleteFrom('spend_rights').where('owner', '=', owner).execute();
  await db.deleteFrom('sales').where('owner', '=', owner).execute();
  await db.deleteFrom('listings').where('owner', '=', owner).execute();
  await db.deleteFrom('relays').where('owner', '=', owner).execute();
  const requests = db.selectFrom('requests').select('token').where('owner', '=', owner);
  await db.deleteFrom('sign_ins').where('request', 'in', requests).execute();
  await db.deleteFrom('requests').where('owner', '=', owner).execute();
  const notes = db.selectFrom('posts').select('id').where('owner', '=', owner);
  await db.deleteFrom('parts').where('post', 'in', notes).execute();
  await db.deleteFrom('posts').where('owner', '=', owner).execute();
  await db.updateTable('asks').set({ forget: 1 }).where('person_key', '=', owner).execute();
  let asks = 0;
  for (let deleted = -1; deleted !== 0; asks += deleted) {
    deleted = await sweepForgotten(db, payableUntil, owner);
  }
  const { count } = await db
    .selectFrom('asks')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('person_key', '=', owner)
    .executeTakeFirstOrThrow();
  return { asks, staying: Number(count) };
}

/**
 * Deletes asks that are to be forgotten and are over, with their messages and what the chain told of them; some at a time.
 * @returns how many
 */
export async function sweepForgotten(db: Db, payableUntil: number, owner?: string): Promise<number> {
  const rows = await db
    .selectFrom('asks')
    .select(['token', 'query_id'])
    .where('forget', '=', 1)
    .$if(owner !== undefined, (query) => query.where('person_key', '=', owner ?? ''))
    .where((where) =>
      where.or([
        where('state', 'in', ['final', 'refunded']),
        where.and([where('state', '=', 'expired'), where('expires_at', '<', payableUntil)]),
      ]),
    )
    // Their last message is shown first.
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('posts')
            .select('posts.id')
            .whereRef('posts.ask', '=', 'asks.token')
            .where('posts.state', '=', 'live')
            .whereRef('posts.shown', '<', 'posts.version'),
        ),
      ),
    )
    // What a group's purse paid counts for the member's cap for a day.
    .where((where) => where.or([where('purse_at', 'is', null), where('purse_at', '<', payableUntil - 86_400)]))
    // A transfer that comes late still pays.
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('transfers')
            .select('transfers.address')
            .whereRef('transfers.ask', '=', 'asks.token')
            .where('transfers.watch_until', '>=', payableUntil),
        ),
      ),
    )
    // An ask goes after those that were paid a second time.
    .where((where) =>
      where.not(
        where.exists(
          where.selectFrom('asks as sibling').select('sibling.token').whereRef('sibling.sibling', '=', 'asks.token'),
        ),
      ),
    )
    .limit(mostAtOnce)
    .execute();
  const tokens = rows.map(({ token }) => token);
  if (tokens.length === 0) return 0;
  const posts = db.selectFrom('posts').select('id').where('ask', 'in', tokens);
  await db.deleteFrom('parts').where('post', 'in', posts).execute();
  await db.deleteFrom('posts').where('ask', 'in', tokens).execute();
  const queries = rows.flatMap(({ query_id }) => (query_id === null ? [] : [query_id]));
  if (queries.length > 0) await db.deleteFrom('events').where('query_id', 'in', queries).execute();
  await db.deleteFrom('asks').where('token', 'in', tokens).execute();
  return tokens.length;
}
