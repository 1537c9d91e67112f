import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Address } from '../../contracts/client/Hex.ts';
import { transaction } from '../../contracts/client/support/Sqlite.ts';

/** What the operator decided for one model and token, instead of the settings' rule. `price` in smallest units. */
export type Decision = { price: bigint } | 'none';

const bookSchema = z.record(z.string(), z.union([z.literal('none'), z.string().regex(/^\d+$/)]));
type Book = z.output<typeof bookSchema>;
const keyOf = (model: bigint, token: Address): string => `${model}:${token}`;

/** The decisions as they are written down: equal texts, equal decisions. */
export function bookText(database: DatabaseSync): string {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'offers'").get();
  return z.object({ value: z.string() }).optional().parse(row)?.value ?? '{}';
}

/** Undefined: the settings' rule holds. */
export function decisionFor(database: DatabaseSync, model: bigint, token: Address): Decision | undefined {
  const decided = read(bookText(database))[keyOf(model, token)];
  return decided === undefined || decided === 'none' ? decided : { price: BigInt(decided) };
}

/**
 * Notes a decision; the process that runs on this journal puts it on chain with the key that only it may use. @param decision
 * undefined: the settings' rule again
 */
export function decide(database: DatabaseSync, model: bigint, token: Address, decision: Decision | undefined): void {
  transaction(database, () => {
    const { [keyOf(model, token)]: _, ...others } = read(bookText(database));
    const book: Book =
      decision === undefined
        ? others
        : { ...others, [keyOf(model, token)]: decision === 'none' ? 'none' : decision.price.toString() };
    database
      .prepare(
        "INSERT INTO meta (name, value) VALUES ('offers', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      )
      .run(JSON.stringify(book));
  });
}

/** The models whose decisions differ between two books. */
export function changedModels(before: string, after: string): bigint[] {
  const [a, b] = [read(before), read(after)];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)].filter((key) => a[key] !== b[key]));
  return [...new Set([...keys].map((key) => BigInt(key.slice(0, key.indexOf(':')))))];
}

function read(text: string): Book {
  return bookSchema.parse(JSON.parse(text));
}
