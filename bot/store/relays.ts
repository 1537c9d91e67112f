import type { Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import type { Db } from './Tables.ts';

/** Notes a transaction whose gas the bot pays for a person, unless there were `most` since `since` (unix seconds). */
export async function mayRelay(
  db: Db,
  person: Person,
  of: { at: number; since: number; most: number },
): Promise<boolean> {
  const owner = personKey(person);
  const { count } = await db
    .selectFrom('relays')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('owner', '=', owner)
    .where('at', '>', of.since)
    .executeTakeFirstOrThrow();
  if (count >= of.most) return false;
  await db.insertInto('relays').values({ owner, at: of.at }).execute();
  return true;
}
