import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Call } from '../Call.ts';
import { type Address, address, type Hex, hex } from '../Hex.ts';
import { transaction } from '../support/Sqlite.ts';
import { failedOnChain, type Intent, type Outcome } from './Outcome.ts';

const schema = `
CREATE TABLE IF NOT EXISTS sender_intents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  chain_id INTEGER NOT NULL,
  sender TEXT NOT NULL,
  key TEXT NOT NULL,
  call_to TEXT NOT NULL,
  call_data TEXT NOT NULL,
  call_value TEXT NOT NULL,
  gas_limit TEXT,
  note TEXT,
  query_ids TEXT,
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'signed', 'mined', 'reverted', 'refused')),
  nonce INTEGER,
  fee TEXT,
  fee_at INTEGER,
  hash TEXT,
  block INTEGER,
  timestamp INTEGER,
  gas_used TEXT,
  out_of_gas INTEGER,
  error_data TEXT,
  reason TEXT,
  changed_at INTEGER NOT NULL,
  UNIQUE (chain_id, sender, key)
) STRICT;
CREATE INDEX IF NOT EXISTS sender_intents_state ON sender_intents (chain_id, sender, state, id);
CREATE INDEX IF NOT EXISTS sender_intents_nonce ON sender_intents (chain_id, sender, nonce);
CREATE INDEX IF NOT EXISTS sender_intents_bulk ON sender_intents (changed_at) WHERE call_data != '0x';
CREATE TABLE IF NOT EXISTS sender_attempts (
  hash TEXT PRIMARY KEY,
  intent INTEGER NOT NULL REFERENCES sender_intents (id),
  nonce INTEGER NOT NULL,
  raw TEXT NOT NULL,
  max_fee TEXT NOT NULL,
  priority_fee TEXT NOT NULL,
  signed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sender_attempts_intent ON sender_attempts (intent, nonce);`;

const text = z.string().nullable();
const number = z.number().nullable();
const rowSchema = z.object({
  id: z.number(),
  key: z.string(),
  call_to: z.string(),
  call_data: z.string(),
  call_value: z.string(),
  gas_limit: text,
  note: text,
  query_ids: text,
  state: z.enum(['queued', 'signed', 'mined', 'reverted', 'refused']),
  nonce: number,
  fee: text,
  fee_at: number,
  hash: text,
  block: number,
  timestamp: number,
  gas_used: text,
  out_of_gas: number,
  error_data: text,
  reason: text,
});
export type IntentRow = z.output<typeof rowSchema>;

/** One signed transaction of an intent: a fee bump makes another with the same nonce. Fees in wei per gas. */
export type Attempt = { hash: Hex; nonce: number; raw: Hex; maxFee: bigint; priorityFee: bigint; signedAt: number };
const attemptSchema = z
  .object({
    hash: z.string(),
    nonce: z.number(),
    raw: z.string(),
    max_fee: z.string(),
    priority_fee: z.string(),
    signed_at: z.number(),
  })
  .transform(
    (row): Attempt => ({
      hash: hex(row.hash),
      nonce: row.nonce,
      raw: hex(row.raw),
      maxFee: BigInt(row.max_fee),
      priorityFee: BigInt(row.priority_fee),
      signedAt: row.signed_at,
    }),
  );

export type Journal = ReturnType<typeof createJournal>;

/** What the sender must not forget, in two tables of the caller's database. Every write is one transaction of its own. */
export function createJournal(database: DatabaseSync, chainId: number, sender: Address) {
  database.exec(schema);
  addQueryIds(database);
  const own = [chainId, sender] as const;
  const sql = (statement: string) => database.prepare(statement);
  const rows = (statement: string, ...values: (string | number)[]): IntentRow[] =>
    sql(statement)
      .all(...values)
      .map((row) => rowSchema.parse(row));
  const mine = 'chain_id = ? AND sender = ?';

  return {
    /** Notes an intent. One that was never signed is taken up again, with the new call; of any other the first call stands. */
    add({ key, call, gasLimit, note, queryIds }: Intent): IntentRow {
      return transaction(database, () => {
        sql(`INSERT INTO sender_intents (chain_id, sender, key, call_to, call_data, call_value, gas_limit, note,
            query_ids, changed_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (chain_id, sender, key) DO UPDATE SET state = 'queued', call_to = excluded.call_to,
            call_data = excluded.call_data, call_value = excluded.call_value, gas_limit = excluded.gas_limit, note = excluded.note,
            query_ids = excluded.query_ids, error_data = NULL, reason = NULL, changed_at = excluded.changed_at
          WHERE sender_intents.nonce IS NULL AND sender_intents.state IN ('reverted', 'refused')`).run(
          ...own,
          key,
          call.to,
          call.data,
          call.value.toString(),
          gasLimit?.toString() ?? null,
          note ?? null,
          queryIds ? JSON.stringify(queryIds) : null,
          Date.now(),
        );
        const [row] = rows(`SELECT * FROM sender_intents WHERE ${mine} AND key = ?`, ...own, key);
        if (!row) throw new Error('The journal lost an intent');
        return row;
      });
    },
    find: (key: string): IntentRow | undefined =>
      rows(`SELECT * FROM sender_intents WHERE ${mine} AND key = ?`, ...own, key)[0],
    queued: (limit: number): IntentRow[] =>
      rows(`SELECT * FROM sender_intents WHERE ${mine} AND state = 'queued' ORDER BY id LIMIT ?`, ...own, limit),
    signed: (): IntentRow[] =>
      rows(`SELECT * FROM sender_intents WHERE ${mine} AND state = 'signed' ORDER BY nonce`, ...own),
    attempts: (intent: number): Attempt[] =>
      sql('SELECT * FROM sender_attempts WHERE intent = ? ORDER BY signed_at')
        .all(intent)
        .map((row) => attemptSchema.parse(row)),
    /** The highest nonce ever given, or -1. */
    highestNonce: (): number =>
      z
        .number()
        .parse(
          sql(`SELECT coalesce(max(nonce), -1) AS nonce FROM sender_intents WHERE ${mine}`).get(...own)?.['nonce'],
        ),
    /** Fees of the time since `from` (ms): worst case of those in flight, else what was paid. */
    feesSince: (from: number): { intent: number; fee: bigint; at: number }[] =>
      rows(`SELECT * FROM sender_intents WHERE ${mine} AND fee_at >= ?`, ...own, from).map(({ id, fee, fee_at }) => ({
        intent: id,
        fee: BigInt(fee ?? 0),
        at: fee_at ?? 0,
      })),

    /** Notes a signed transaction, before it is sent. `fee`: the most it can cost, in wei. */
    sign(intent: number, attempt: Attempt, fee: bigint): void {
      transaction(database, () => {
        sql(
          `UPDATE sender_intents SET state = 'signed', nonce = ?, fee = ?, fee_at = ?, changed_at = ? WHERE id = ?`,
        ).run(attempt.nonce, fee.toString(), attempt.signedAt, attempt.signedAt, intent);
        sql(
          `INSERT INTO sender_attempts (hash, intent, nonce, raw, max_fee, priority_fee, signed_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        ).run(
          attempt.hash,
          intent,
          attempt.nonce,
          attempt.raw,
          attempt.maxFee.toString(),
          attempt.priorityFee.toString(),
          attempt.signedAt,
        );
      });
    },
    mined(intent: number, of: { hash: Hex; block: number; timestamp: number; gasUsed: bigint; fee: bigint }): void {
      sql(
        `UPDATE sender_intents SET state = 'mined', hash = ?, block = ?, timestamp = ?, gas_used = ?, fee = ?, changed_at = ? WHERE id = ?`,
      ).run(of.hash, of.block, of.timestamp, of.gasUsed.toString(), of.fee.toString(), Date.now(), intent);
    },
    reverted(
      intent: number,
      of: { hash?: Hex; data?: Hex | undefined; reason: string; fee?: bigint; outOfGas?: boolean },
    ): void {
      sql(
        `UPDATE sender_intents SET state = 'reverted', hash = ?, error_data = ?, reason = ?, fee = ?, out_of_gas = ?, changed_at = ? WHERE id = ?`,
      ).run(
        of.hash ?? null,
        of.data ?? null,
        of.reason,
        of.fee?.toString() ?? null,
        of.outOfGas ? 1 : 0,
        Date.now(),
        intent,
      );
    },
    refused(intent: number, reason: string): void {
      sql(`UPDATE sender_intents SET state = 'refused', reason = ?, changed_at = ? WHERE id = ?`).run(
        reason,
        Date.now(),
        intent,
      );
    },
    /** What the chain forgot (a nonce it has not reached can't be on it) is in flight again. @returns how many */
    reopenFrom(nonce: number): number {
      return Number(
        sql(
          `UPDATE sender_intents SET state = 'signed', hash = NULL, changed_at = ? WHERE ${mine} AND nonce >= ? AND state IN ('mined', 'reverted')`,
        ).run(Date.now(), ...own, nonce).changes,
      );
    },
    /** Drops the bulk of what was done before `before` (ms); keys and outcomes stay. */
    prune(before: number): void {
      const old = `${mine} AND call_data != '0x' AND changed_at < ? AND state IN ('mined', 'reverted')`;
      transaction(database, () => {
        sql(`DELETE FROM sender_attempts WHERE intent IN (SELECT id FROM sender_intents WHERE ${old})`).run(
          ...own,
          before,
        );
        sql(`UPDATE sender_intents SET call_data = '0x' WHERE ${old}`).run(...own, before);
      });
    },
  };
}

/** A table that an earlier version made has no such column. */
function addQueryIds(database: DatabaseSync): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('sender_intents')").all();
  if (columns.some(({ name }) => name === 'query_ids')) return;
  database.exec('ALTER TABLE sender_intents ADD COLUMN query_ids TEXT');
}

/** What a log line says of an intent: its number in the journal, what it is for, and the asks that it is about. */
export function factsOf({ id, note, query_ids }: IntentRow): { intent: number; note?: string } & AboutAsks {
  const [first, ...others] = query_ids === null ? [] : z.array(z.string()).parse(JSON.parse(query_ids));
  return {
    intent: id,
    ...(note !== null && { note }),
    ...(first !== undefined && (others.length > 0 ? { queryIds: [first, ...others] } : { queryId: first })),
  };
}
type AboutAsks = { queryId?: string; queryIds?: string[] };

export function callOf(row: IntentRow): Call {
  return { to: address(row.call_to), data: hex(row.call_data), value: BigInt(row.call_value) };
}

/** Undefined while it is not decided. */
export function outcomeOf(row: IntentRow): Outcome | undefined {
  switch (row.state) {
    case 'mined':
      return {
        type: 'mined',
        hash: hex(row.hash ?? '0x'),
        block: row.block ?? 0,
        timestamp: row.timestamp ?? 0,
        gasUsed: BigInt(row.gas_used ?? 0),
      };
    case 'reverted': {
      const error = failedOnChain(row.error_data === null ? undefined : hex(row.error_data), row.out_of_gas === 1);
      return { type: 'reverted', ...(row.hash !== null && { hash: hex(row.hash) }), error };
    }
    case 'refused':
      return { type: 'refused', reason: row.reason ?? '' };
    default:
      return undefined;
  }
}
