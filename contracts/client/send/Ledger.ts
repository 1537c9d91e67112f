import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/** Transactions that are not yet on chain. */
export type Backlog = {
  /** Waiting to be signed. */
  queued: number;
  /** Sent, not mined. */
  inFlight: number;
  /** When the oldest of them was asked for (queued) or first signed; unix milliseconds. Undefined: there is none. */
  oldestAt: number | undefined;
};

const backlogSchema = z.object({ queued: z.number(), inFlight: z.number(), oldestAt: z.number().nullable() });

/** What a sender has still to do, read from its journal. */
export function backlogOf(database: DatabaseSync): Backlog {
  if (!exists(database)) return { queued: 0, inFlight: 0, oldestAt: undefined };
  const row = database
    .prepare(
      `SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'signed') AS inFlight,
        min(coalesce((SELECT min(signed_at) FROM sender_attempts WHERE intent = sender_intents.id), changed_at)) AS oldestAt
      FROM sender_intents WHERE state IN ('queued', 'signed')`,
    )
    .get();
  const { oldestAt, ...counts } = backlogSchema.parse(row);
  return { ...counts, oldestAt: oldestAt ?? undefined };
}

const feeSchema = z.object({ day: z.string(), fee: z.string() });

/** Fees of the mined transactions, wei, by UTC day (`2026-11-28`), oldest first. */
export function feesByDay(database: DatabaseSync): ReadonlyMap<string, bigint> {
  const days = new Map<string, bigint>();
  if (!exists(database)) return days;
  const rows = database
    .prepare(
      `SELECT date(fee_at / 1000, 'unixepoch') AS day, fee FROM sender_intents
      WHERE state IN ('mined', 'reverted') AND hash IS NOT NULL AND fee IS NOT NULL AND fee_at IS NOT NULL ORDER BY fee_at`,
    )
    .iterate();
  for (const row of rows) {
    const { day, fee } = feeSchema.parse(row);
    days.set(day, (days.get(day) ?? 0n) + BigInt(fee));
  }
  return days;
}

function exists(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sender_intents'").get() !== undefined;
}
