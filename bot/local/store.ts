import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { languages } from '../core/I18n.ts';
import type { Message, SentFile } from '../core/types.ts';

/** Somebody at a browser window. */
export type Member = { id: string; name: string };

/** What stands in one line of the channel. */
export type Body = { type: 'person'; text: string; files?: readonly SentFile[] } | { type: 'bot'; message: Message };

/** One line of the channel. Times in unix milliseconds; `revision` grows with every change in the channel. */
export type Entry = {
  id: number;
  revision: number;
  author?: Member;
  at: number;
  editedAt?: number;
  replyTo?: number;
  onlyFor?: string;
  /** Token of the ask whose card this is. */
  ask?: string;
  body: Body;
};

const buttonSchema = z.union([
  z.object({ type: z.literal('link'), label: z.string(), url: z.string() }),
  z.object({ type: z.literal('press'), label: z.string(), data: z.string() }),
  z.object({ type: z.literal('write'), label: z.string() }),
]);
const fileSchema = z.union([
  z.object({ name: z.string(), text: z.string() }),
  z.object({
    name: z.string(),
    picture: z.object({
      alt: z.string(),
      bars: z.array(z.object({ number: z.number(), value: z.string(), share: z.number() })),
    }),
  }),
]);
const messageSchema = z.object({
  language: z.enum(languages).exactOptional(),
  text: z.string(),
  answer: z.string().exactOptional(),
  footer: z.string().exactOptional(),
  buttons: z.array(buttonSchema).exactOptional(),
  file: fileSchema.exactOptional(),
});
const sentFileSchema = z.union([
  z.object({ name: z.string(), text: z.string() }),
  z.object({ name: z.string(), refused: z.enum(['tooLarge', 'tooMany', 'notText', 'unreachable']) }),
]);
const bodySchema: z.ZodType<Body> = z.union([
  z.object({ type: z.literal('person'), text: z.string(), files: z.array(sentFileSchema).exactOptional() }),
  z.object({ type: z.literal('bot'), message: messageSchema }),
]);
const rowSchema = z.object({
  id: z.number(),
  revision: z.number(),
  author: z.string().nullable(),
  name: z.string().nullable(),
  at: z.number(),
  edited_at: z.number().nullable(),
  reply_to: z.number().nullable(),
  only_for: z.string().nullable(),
  ask: z.string().nullable(),
  body: z.string(),
});

const schema = `
  CREATE TABLE IF NOT EXISTS members (id TEXT PRIMARY KEY, name TEXT NOT NULL, joined_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL UNIQUE,
    author TEXT REFERENCES members (id),
    at INTEGER NOT NULL,
    edited_at INTEGER,
    reply_to INTEGER,
    only_for TEXT,
    ask TEXT,
    nonce TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    pending INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;
const columns =
  'messages.id, revision, author, members.name, at, edited_at, reply_to, only_for, ask, body FROM messages LEFT JOIN members ON members.id = author';

/** The local channel's memory, in a file of its own: who was here and what was said. */
export type LocalStore = ReturnType<typeof openLocalStore>;

/** @param file path of the SQLite file, or `:memory:` */
export function openLocalStore(file: string) {
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;',
  );
  database.exec(schema);
  const nextRevision = '(SELECT coalesce(max(revision), 0) + 1 FROM messages)';
  const selectMember = database.prepare('SELECT id, name FROM members WHERE id = ?');
  const insertMember = database.prepare('INSERT OR IGNORE INTO members (id, name, joined_at) VALUES (?, ?, ?)');
  const updateName = database.prepare('UPDATE members SET name = ? WHERE id = ?');
  const insert = database.prepare(
    `INSERT OR IGNORE INTO messages (revision, author, at, reply_to, only_for, ask, nonce, body, pending)
     VALUES (${nextRevision}, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const byNonce = database.prepare(`SELECT ${columns} WHERE nonce = ?`);
  const byId = database.prepare(`SELECT ${columns} WHERE messages.id = ?`);
  const changed = database.prepare(
    `SELECT ${columns} WHERE revision > ? AND (only_for IS NULL OR only_for = ?)
       AND messages.id > (SELECT coalesce(max(id), 0) FROM messages) - ? ORDER BY revision`,
  );
  const unanswered = database.prepare(`SELECT ${columns} WHERE pending = 1 ORDER BY messages.id`);
  const touchAll = database.prepare('SELECT id FROM messages WHERE author = ? ORDER BY id DESC LIMIT ?');
  const touch = database.prepare(`UPDATE messages SET revision = ${nextRevision} WHERE id = ?`);
  const setBody = database.prepare(
    `UPDATE messages SET body = ?, edited_at = ?, revision = ${nextRevision} WHERE id = ?`,
  );
  const setHandled = database.prepare('UPDATE messages SET pending = 0 WHERE id = ?');

  const member = (id: string): Member | undefined => {
    const row = selectMember.get(id);
    return row && z.object({ id: z.string(), name: z.string() }).parse(row);
  };

  return {
    member,
    addMember(id: string, name: string): Member {
      insertMember.run(id, name, Date.now());
      return member(id) ?? { id, name };
    },
    /** Their recent lines count as changed, so that every window shows the new name. */
    rename(id: string, name: string, recent: number): void {
      updateName.run(name, id);
      for (const row of touchAll.all(id, recent)) touch.run(Number(row['id']));
    },
    /** Adds a line; a nonce that was used before returns the line it made then. */
    add(line: {
      author?: string;
      body: Body;
      nonce: string;
      replyTo?: number;
      onlyFor?: string;
      ask?: string;
      pending?: boolean;
    }): {
      entry: Entry;
      isNew: boolean;
    } {
      const result = insert.run(
        line.author ?? null,
        Date.now(),
        line.replyTo ?? null,
        line.onlyFor ?? null,
        line.ask ?? null,
        line.nonce,
        JSON.stringify(line.body),
        line.pending ? 1 : 0,
      );
      const row = byNonce.get(line.nonce);
      if (!row) throw new Error('The local channel lost a line that it had just stored');
      return { entry: toEntry(row), isNew: Number(result.changes) === 1 };
    },
    entry(id: number): Entry | undefined {
      const row = byId.get(id);
      return row && toEntry(row);
    },
    replace(id: number, body: Body): void {
      setBody.run(JSON.stringify(body), Date.now(), id);
    },
    /** The line counts as changed: what it shows beside its text did. */
    touch(id: number): void {
      touch.run(id);
    },
    /** Lines that changed after `revision` and that `memberId` may see, among the newest `window`, oldest change first. */
    since(revision: number, memberId: string, window: number): Entry[] {
      return changed.all(revision, memberId, window).map(toEntry);
    },
    /** Commands that were stored but not handled to the end, from before a crash. */
    pending(): Entry[] {
      return unanswered.all().map(toEntry);
    },
    handled(id: number): void {
      setHandled.run(id);
    },
    close(): void {
      database.close();
    },
  };
}

function toEntry(row: unknown): Entry {
  const { id, revision, author, name, at, edited_at, reply_to, only_for, ask, body } = rowSchema.parse(row);
  return {
    id,
    revision,
    at,
    body: bodySchema.parse(JSON.parse(body)),
    ...(author !== null && { author: { id: author, name: name ?? 'Somebody' } }),
    ...(edited_at !== null && { editedAt: edited_at }),
    ...(reply_to !== null && { replyTo: reply_to }),
    ...(only_for !== null && { onlyFor: only_for }),
    ...(ask !== null && { ask }),
  };
}
