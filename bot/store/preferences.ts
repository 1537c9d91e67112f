import type { Address } from '../../contracts/client/Hex.ts';
import type { Chat, Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import type { Db } from './Tables.ts';

/**
 * `model`: id of the model asked when none is named. `language`: the code of the one to speak. `askFirst:` a token's amount in
 * smallest units above which a button is wanted before the bot pays.
 */
/** `agreed`: when the person agreed that questions are public, unix seconds. */
/** What the admins of a chat rule there (core/HouseRules.ts). */
export type Rule = 'who' | 'models' | 'price' | 'often';

export type Preference = `rule.${Rule}` | 'agreed' | 'language' | 'model' | `askFirst:${Address}`;

/** What a person chose. */
export function preferenceOf(db: Db, person: Person, name: Preference): Promise<string | undefined> {
  return read(db, personKey(person), name);
}

/** What was chosen for a chat: for its thread, else for the whole of it. */
export async function chatPreferenceOf(db: Db, chat: Chat, name: Preference): Promise<string | undefined> {
  const own = chat.thread === undefined ? undefined : await read(db, chatKey(chat), name);
  return own ?? read(db, chatKey({ platform: chat.platform, id: chat.id }), name);
}

/** @param value undefined: forgotten */
export function setPreference(db: Db, person: Person, name: Preference, value: string | undefined): Promise<void> {
  return write(db, personKey(person), name, value);
}

/** For exactly this chat, or this thread of it. @param value undefined: forgotten */
export function setChatPreference(db: Db, chat: Chat, name: Preference, value: string | undefined): Promise<void> {
  return write(db, chatKey(chat), name, value);
}

/** No person's key begins with this word. */
export function chatKey({ platform, id, thread }: Chat): string {
  return `chat:${platform}:${id}${thread === undefined ? '' : `:${thread}`}`;
}

async function read(db: Db, owner: string, name: Preference): Promise<string | undefined> {
  const row = await db
    .selectFrom('preferences')
    .select('value')
    .where('owner', '=', owner)
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
}

async function write(db: Db, owner: string, name: Preference, value: string | undefined): Promise<void> {
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
