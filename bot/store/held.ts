import { nanoid } from 'nanoid';
import type { Incoming, Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import { fromJson, toJson } from './Json.ts';
import type { Db } from './Tables.ts';

/** A question of somebody who has not agreed yet, as it came from the platform. */
export type HeldQuestion = Extract<Incoming, { type: 'command' }>;

/** @returns its id, unguessable */
export function newHeldId(): string {
  return nanoid();
}

export async function holdQuestion(db: Db, id: string, question: HeldQuestion, at: number): Promise<void> {
  const owner = personKey(question.person);
  await db
    .insertInto('held')
    .values({ id, owner, event: toJson(question), at })
    .execute();
}

/** Undefined when there is none of this person's: it was asked, or forgotten. */
export async function heldQuestion(db: Db, id: string, person: Person): Promise<HeldQuestion | undefined> {
  const row = await db
    .selectFrom('held')
    .select('event')
    .where('id', '=', id)
    .where('owner', '=', personKey(person))
    .executeTakeFirst();
  return row && fromJson<HeldQuestion>(row.event);
}

/** How many of the person's questions wait since `since`. */
export async function heldSince(db: Db, person: Person, since: number): Promise<number> {
  const { count } = await db
    .selectFrom('held')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('owner', '=', personKey(person))
    .where('at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** @returns false when it was not there any more */
export async function dropHeld(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('held').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}
