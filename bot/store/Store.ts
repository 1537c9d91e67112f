import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { kysely, migrate } from '../../contracts/client/support/Sqlite.ts';
import type { Chat } from '../core/types.ts';
import { migrations } from './migrations.ts';
import type { Db, Tables } from './Tables.ts';

/** What a transaction touched, told to the listeners once it is on disk. */
export type Changes = {
  /** Posts with something to show, and where. */
  posts: Map<string, Chat>;
  /** Tokens of asks whose view is new. */
  asks: Set<string>;
  /** Accounts that something happened to on the chain. */
  accounts: Set<bigint>;
};

export type Store = {
  db: Kysely<Tables>;
  /** One transaction: all of `work` is kept, or none of it. Listeners run after it, never for a failed one. */
  commit<T>(work: (db: Db, changes: Changes) => Promise<T>): Promise<T>;
  onCommit(listener: (changes: Changes) => void): () => void;
};

/** @param database opened by `Sqlite.open`; the caller closes it */
export function createStore(database: DatabaseSync): Store {
  migrate(database, migrations);
  const db = kysely<Tables>(database);
  const listeners = new Set<(changes: Changes) => void>();
  return {
    db,
    async commit(work) {
      const changes: Changes = { posts: new Map(), asks: new Set(), accounts: new Set() };
      const result = await db.transaction().execute((transaction) => work(transaction, changes));
      for (const listener of listeners) listener(changes);
      return result;
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
