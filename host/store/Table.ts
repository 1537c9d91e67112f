import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Compilable } from 'kysely';
import { kysely } from '../../contracts/client/support/Sqlite.ts';
import type { Schema } from './Schema.ts';

export type Tables = ReturnType<typeof openTables>;

/** Typed queries over the journal's database, synchronous; each statement is prepared once. */
export function openTables(database: DatabaseSync) {
  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = prepared.get(sql);
    if (known) return known;
    const made = database.prepare(sql);
    // Lists of ids make statements of many lengths.
    if (prepared.size < 200) prepared.set(sql, made);
    return made;
  };
  return {
    db: kysely<Schema>(database),
    all: <Row>(query: Compilable<Row>): Row[] => {
      const { sql, parameters } = query.compile();
      return statement(sql).all(...(parameters as SQLInputValue[])) as Row[];
    },
    run: (query: Compilable<unknown>): void => {
      const { sql, parameters } = query.compile();
      statement(sql).run(...(parameters as SQLInputValue[]));
    },
  };
}
