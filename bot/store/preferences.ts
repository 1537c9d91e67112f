import type { Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import type { Db } from './Tables.ts';

/** What a person chose: `model` is the id of the model asked when none is named. */
export type Preference = 'model';

export async function preferenceOf(db: Db, person: Person, name: Preference): Promise<string | undefined> {
  const row = await db
    .selectFrom('preferences')
    .select('value')
    .where('owner', '=', personKey(person))
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
}

/** @param value undefined: forgotten */
export async function setPreference(
  db: Db,
  person: Person,
  name: Preference,
  value: string | undefined,
): Promise<void> {
  const owner = personKey(person);
  if (value === undefined) {
    await db.deleteFrom('preferences').where('owner', '=', owner).where('name', '=', name).execute();
    return;
  }
  await db
    .insertInto('preferences')
    .values({ owner, name, value })
    .onConflict((conflict) => conflict.columns(['owner', 'name']).doUpdateSet({ value }))
    .execute();
}
