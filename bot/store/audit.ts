import { nanoid } from 'nanoid';
import type { Chat, Person } from '../core/types.ts';
import { fromJson, toJson } from './Json.ts';
import { chatKey } from './preferences.ts';
import type { Db } from './Tables.ts';

/** Something that an admin did in a chat, or that its rules refused. Never what a person asked. */
export type AuditEntry = { at: number; person: Person; action: string; detail: string };

export async function writeAudit(db: Db, chat: Chat, { at, person, action, detail }: AuditEntry): Promise<void> {
  await db
    .insertInto('audit')
    .values({ id: nanoid(), chat: chatKey(chat), at, person: toJson(person), action, detail })
    .execute();
}

/** Newest first. */
export async function auditOf(db: Db, chat: Chat, limit: number, offset: number): Promise<AuditEntry[]> {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('chat', '=', chatKey(chat))
    .orderBy('at', 'desc')
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map(({ at, person, action, detail }) => ({ at, person: fromJson<Person>(person), action, detail }));
}
