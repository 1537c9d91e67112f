import { type RawBuilder, sql } from 'kysely';
import { type Group, groupKey } from '../core/purse/Purse.ts';
import { toJson } from './Json.ts';
import { chatKey } from './preferences.ts';
import type { Db } from './Tables.ts';

/**
 * All that is kept about a group goes with it to its new id: settings, purse with caps and what was spent of it, questions and what is
 * to be said about them. The second time there is nothing left to move. A purse that the new id has already stays as it is.
 * @returns false when both had one: the old purse and its caps stay where they were
 */
export async function moveGroup(db: Db, from: Group, to: Group): Promise<boolean> {
  await moveSettings(db, from, to);
  await moveQuestions(db, from, to);
  return movePurse(db, from, to);
}

/** An administrator who speaks as the group is a person with its id: what is his goes along. */
async function moveSettings(db: Db, from: Group, to: Group): Promise<void> {
  const [chat, person] = [chatKey(from), groupKey(from)];
  const rows = await db
    .selectFrom('preferences')
    .selectAll()
    .where((where) =>
      where.or([
        where('owner', 'in', [chat, person]),
        where(sql`substr(owner, 1, ${chat.length + 1})`, '=', `${chat}:`),
      ]),
    )
    .execute();
  for (const { owner, name, value } of rows) {
    const moved = owner === person ? groupKey(to) : `${chatKey(to)}${owner.slice(chat.length)}`;
    // What was chosen in the new chat since counts.
    await db
      .insertInto('preferences')
      .values({ owner: moved, name, value })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await db.deleteFrom('preferences').where('owner', '=', owner).where('name', '=', name).execute();
  }
  await db
    .updateTable('audit')
    .set({ chat: chatKey(to) })
    .where('chat', '=', chat)
    .execute();
}

/** Messages get other ids when a group moves: nothing replies to one of before. */
async function moveQuestions(db: Db, from: Group, to: Group): Promise<void> {
  const old = toJson({ platform: from.platform, id: from.id });
  // Ids stand so in JSON alone: within a text the quotation marks would be escaped.
  const begin = old.slice(0, -1);
  const moved = toJson({ platform: to.platform, id: to.id }).slice(0, -1);
  const inNew = (column: string): RawBuilder<string> => sql<string>`replace(${sql.ref(column)}, ${begin}, ${moved})`;
  const chat = { chat: inNew('chat'), reply_to: null };
  const isThere = sql<boolean>`substr(chat, 1, ${begin.length + 1}) in (${old}, ${`${begin},`})`;
  await db.updateTable('asks').set(chat).where(isThere).execute();
  await db.updateTable('posts').set(chat).where(isThere).execute();
  await db
    .updateTable('listings')
    .set({ chat: inNew('chat') })
    .where(isThere)
    .execute();
  const [was, is] = [groupKey(from), groupKey(to)];
  await db
    .updateTable('asks')
    .set({ person_key: is, person: inNew('person') })
    .where('person_key', '=', was)
    .execute();
  await db
    .updateTable('sales')
    .set({ chat: chatKey(to) })
    .where('chat', '=', chatKey(from))
    .execute();
  await db
    .updateTable('requests')
    .set({ body: inNew('body') })
    .where('outcome', 'is', null)
    .where(sql<boolean>`instr(body, ${begin}) > 0`)
    .execute();
  await db
    .updateTable('held')
    .set({
      owner: sql<string>`case when owner = ${was} then ${is} else owner end`,
      event: sql<string>`replace(${inNew('event')}, ${groupJson(from.id)}, ${groupJson(to.id)})`,
    })
    .where(sql<boolean>`instr(event, ${begin}) > 0`)
    .execute();
}

async function movePurse(db: Db, from: Group, to: Group): Promise<boolean> {
  const [old, next] = [groupKey(from), groupKey(to)];
  const bound = await db.selectFrom('purses').select('group_key').where('group_key', 'in', [old, next]).execute();
  if (bound.length === 2) return false;
  await db.updateTable('purses').set({ group_key: next }).where('group_key', '=', old).execute();
  await db
    .updateTable('purse_caps')
    .set({
      group_key: next,
      subject: sql<string>`case when subject = ${`member:${from.id}`} then ${`member:${to.id}`} else subject end`,
    })
    .where('group_key', '=', old)
    .execute();
  await db.updateTable('asks').set({ purse: next }).where('purse', '=', old).execute();
  await db
    .updateTable('asks')
    .set({ spend: sql<string>`replace(spend, ${groupJson(old)}, ${groupJson(next)})` })
    .where(sql<boolean>`instr(spend, ${groupJson(old)}) > 0`)
    .execute();
  return true;
}

/** A group, by its id or key, as it stands in JSON. */
function groupJson(of: string): string {
  return `"group":${toJson(of)}`;
}
