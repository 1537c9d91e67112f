import { nanoid } from 'nanoid';
import type { Chat, Message, MessageRef, Person } from '../core/types.ts';
import { fromJson, toJson } from './Json.ts';
import type { Db, PartRow, PostRow } from './Tables.ts';

/** `card`: the ask's one edited message; `answer`: a result that came late; `note`: anything said once. */
export type Role = 'card' | 'answer' | 'note';

export type Post = {
  id: string;
  ask?: string;
  role: Role;
  chat: Chat;
  /** Id of the message that it answers. */
  replyTo?: string;
  updateId?: string;
  onlyFor?: Person;
  /** Key of the person whom a note answers, so that it can be forgotten. */
  owner?: string;
  content: Message;
  result: boolean;
  version: number;
  shown: number;
};

/** `sending`: handed to the platform, outcome unknown; `failed`: surely not sent; `gone`: sent once, can't be reached now. */
export type PartState = 'sending' | 'failed' | 'sent' | 'gone';
export type StoredPart = {
  place: number;
  nonce: string;
  state: PartState;
  ref?: MessageRef;
  shownHash?: string;
  /** When it was sent; while `sending`, when that was first tried. Unix seconds. */
  sentAt?: number;
  /** It was sent again without knowing whether the first arrived, and says so. */
  isRepeated?: true;
};

export function postId(role: 'card' | 'answer', token: string): string {
  return `${role}-${token}`;
}

/**
 * Says `content`, or says it anew: the same content changes nothing.
 * @returns the post's id when there is something to show
 */
export async function putPost(
  db: Db,
  post: Omit<Post, 'id' | 'version' | 'shown'> & { id?: string },
  now: number,
): Promise<string | undefined> {
  const id = post.id ?? `note-${nanoid()}`;
  const content = toJson(post.content);
  const known = await db
    .selectFrom('posts')
    .select(['content', 'version', 'result', 'state'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (known) {
    if (known.content === content) return undefined;
    await db
      .updateTable('posts')
      .set({
        content,
        result: Number(post.result),
        version: known.version + 1,
        // A chat that could not be reached gets one more chance when there is a result.
        state: post.result && known.result === 0 ? 'live' : known.state,
      })
      .where('id', '=', id)
      .execute();
    return id;
  }
  await db
    .insertInto('posts')
    .values({
      id,
      ask: post.ask ?? null,
      role: post.role,
      chat: toJson(post.chat),
      reply_to: post.replyTo ?? null,
      update_id: post.updateId ?? null,
      only_for: post.onlyFor ? toJson(post.onlyFor) : null,
      content,
      owner: post.owner ?? null,
      result: Number(post.result),
      version: 1,
      shown: 0,
      state: 'live',
      created_at: now,
    })
    .execute();
  return id;
}

export async function postById(db: Db, id: string): Promise<Post | undefined> {
  const row = await db
    .selectFrom('posts')
    .selectAll()
    .where('id', '=', id)
    .where('state', '=', 'live')
    .executeTakeFirst();
  return row && postOf(row);
}

/** Posts that aren't shown as they should be, oldest first. */
export async function pendingPosts(db: Db): Promise<{ id: string; chat: Chat }[]> {
  const rows = await db
    .selectFrom('posts')
    .select(['id', 'chat'])
    .where('state', '=', 'live')
    .whereRef('shown', '<', 'version')
    .orderBy('created_at')
    .execute();
  return rows.map((row) => ({ id: row.id, chat: fromJson(row.chat) }));
}

export async function markShown(db: Db, id: string, version: number): Promise<void> {
  await db.updateTable('posts').set({ shown: version }).where('id', '=', id).execute();
}

/** The chat can't be reached: kept for the history, never tried again. */
export async function markGone(db: Db, id: string): Promise<void> {
  await db.updateTable('posts').set({ state: 'gone' }).where('id', '=', id).execute();
}

/** A thread may come or go in how a platform names a message's chat: it is left out. */
function messageKey({ chat, id }: MessageRef): string {
  return `${chat.platform}:${chat.id}:${id}`;
}

/** The post that a message shows, or a part of it, whatever has become of the chat. */
export async function postOfMessage(db: Db, ref: MessageRef): Promise<Post | undefined> {
  const row = await db
    .selectFrom('parts')
    .innerJoin('posts', 'posts.id', 'parts.post')
    .selectAll('posts')
    .where('parts.message_key', '=', messageKey(ref))
    .executeTakeFirst();
  return row && postOf(row);
}

/** Token of the ask that a message, or any part of it, belongs to. */
export async function askOfMessage(db: Db, ref: MessageRef): Promise<string | undefined> {
  const row = await db
    .selectFrom('parts')
    .innerJoin('posts', 'posts.id', 'parts.post')
    .select('posts.ask')
    .where('parts.message_key', '=', messageKey(ref))
    .where('posts.ask', 'is not', null)
    .executeTakeFirst();
  return row?.ask ?? undefined;
}

/** Whether a message is known to be a part of something that the bot said. */
export async function isShown(db: Db, ref: MessageRef): Promise<boolean> {
  const row = await db.selectFrom('parts').select('post').where('message_key', '=', messageKey(ref)).executeTakeFirst();
  return row !== undefined;
}

/** What a log line about a post says: the ask that it is about, too. */
export async function aboutPost(db: Db, id: string): Promise<{ post: string; queryId?: string }> {
  const row = await db
    .selectFrom('posts')
    .innerJoin('asks', 'asks.token', 'posts.ask')
    .select('asks.query_id')
    .where('posts.id', '=', id)
    .executeTakeFirst();
  return { post: id, ...(row?.query_id && { queryId: row.query_id }) };
}

export async function partsOf(db: Db, post: string): Promise<StoredPart[]> {
  const rows = await db.selectFrom('parts').selectAll().where('post', '=', post).orderBy('place').execute();
  return rows.map(partOf);
}

export async function putPart(db: Db, post: string, part: StoredPart): Promise<void> {
  const row = {
    nonce: part.nonce,
    state: part.state,
    message_id: part.ref ? toJson(part.ref) : null,
    message_key: part.ref ? messageKey(part.ref) : null,
    shown_hash: part.shownHash ?? null,
    sent_at: part.sentAt ?? null,
    repeated: part.isRepeated ? 1 : 0,
  };
  await db
    .insertInto('parts')
    .values({ post, place: part.place, ...row })
    .onConflict((conflict) => conflict.columns(['post', 'place']).doUpdateSet(row))
    .execute();
}

function postOf(row: PostRow): Post {
  return {
    id: row.id,
    ...(row.ask !== null && { ask: row.ask }),
    role: row.role as Role,
    chat: fromJson(row.chat),
    ...(row.reply_to !== null && { replyTo: row.reply_to }),
    ...(row.update_id !== null && { updateId: row.update_id }),
    ...(row.only_for !== null && { onlyFor: fromJson(row.only_for) }),
    content: fromJson(row.content),
    ...(row.owner !== null && { owner: row.owner }),
    result: row.result === 1,
    version: row.version,
    shown: row.shown,
  };
}

function partOf(row: PartRow): StoredPart {
  return {
    place: row.place,
    nonce: row.nonce,
    state: row.state as PartState,
    ...(row.message_id !== null && { ref: fromJson(row.message_id) }),
    ...(row.shown_hash !== null && { shownHash: row.shown_hash }),
    ...(row.sent_at !== null && { sentAt: row.sent_at }),
    ...(row.repeated === 1 && { isRepeated: true }),
  };
}
