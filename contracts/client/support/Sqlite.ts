import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

/**
 * Opens (or makes) a database whose acknowledged writes survive a kill and a power cut.
 * @param file path, or `:memory:`
 */
export function open(file: string): DatabaseSync {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA foreign_keys = ON');
  database.exec('PRAGMA busy_timeout = 5000');
  return database;
}

/**
 * Runs the migrations that this database has not seen, each in its own transaction; `user_version` counts them.
 * Append to the list, never change an entry.
 * @throws Error when the database is newer than the program
 */
export function migrate(database: DatabaseSync, migrations: readonly string[]): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > migrations.length) {
    throw new Error(
      `This database was written by a newer version of the program (${version} migrations, known: ${migrations.length}). Update the program.`,
    );
  }
  migrations.slice(version).forEach((sql, index) => {
    transaction(database, () => {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${version + index + 1}`);
    });
  });
}

/** Runs `work` all or nothing; inside another transaction it becomes a part of it. `work` must be synchronous. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  const inner = database.isTransaction;
  database.exec(inner ? 'SAVEPOINT inner_work' : 'BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec(inner ? 'RELEASE inner_work' : 'COMMIT');
    return result;
  } catch (error) {
    database.exec(inner ? 'ROLLBACK TO inner_work; RELEASE inner_work' : 'ROLLBACK');
    throw error;
  }
}

/** A Kysely over a database of `open`. It has the one connection, so one transaction at a time; others wait their turn. */
export function kysely<DB>(database: DatabaseSync): Kysely<DB> {
  let free = Promise.resolve();
  const statements = createStatements(database);
  const releases = new WeakMap<DatabaseConnection, () => void>();
  return new Kysely<DB>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createDriver: () => ({
        init: async () => {},
        acquireConnection: async () => {
          const before = free;
          const { promise, resolve } = Promise.withResolvers<void>();
          free = promise;
          await before;
          const connection = new Connection(database, statements);
          releases.set(connection, resolve);
          return connection;
        },
        beginTransaction: async () => database.exec('BEGIN IMMEDIATE'),
        commitTransaction: async () => database.exec('COMMIT'),
        rollbackTransaction: async () => database.exec('ROLLBACK'),
        releaseConnection: async (connection) => releases.get(connection)?.(),
        destroy: async () => {},
      }),
    },
  });
}

/** How many statements are kept prepared: a program has fewer, but for lists of varying length. */
const mostStatements = 200;

/**
 * Prepares each SQL text once. A prepared statement's memory is SQLite's, which JavaScript's garbage collection doesn't see and so
 * doesn't hurry to free.
 */
function createStatements(database: DatabaseSync): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const statement = prepared.get(sql) ?? database.prepare(sql);
    // The least recently used is the first.
    prepared.delete(sql);
    prepared.set(sql, statement);
    if (prepared.size > mostStatements) {
      const [oldest] = prepared.keys();
      if (oldest !== undefined) prepared.delete(oldest);
    }
    return statement;
  };
}

class Connection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #prepare: (sql: string) => StatementSync;

  constructor(database: DatabaseSync, prepare: (sql: string) => StatementSync) {
    this.#database = database;
    this.#prepare = prepare;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const statement = this.#prepare(sql);
    const values = parameters as SQLInputValue[];
    if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  async *streamQuery<R>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    // Its own: a statement that is read bit by bit can't be shared.
    for (const row of this.#database.prepare(sql).iterate(...(parameters as SQLInputValue[])))
      yield { rows: [row as R] };
  }
}
