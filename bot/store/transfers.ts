import type { Order } from '../../contracts/client/Ask.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { fromJson, toJson } from './Json.ts';
import type { Db, TransferRow } from './Tables.ts';

/**
 * A deposit address that somebody was shown. `ask`: it pays for exactly this one, until `openUntil`; absent: it fills an account.
 * Times in unix seconds; `watchUntil` by the wall clock, `openUntil` by the chain's.
 */
export type Transfer = {
  address: Address;
  account: bigint;
  salt: Hex;
  ask?: { token: string; order: Order; openUntil: number };
  shownAt: number;
  watchUntil: number;
  /** How often it was swept: part of each sweep's key. */
  sweeps: number;
  /** The day of the last sweep, in days since 1970 (UTC), and how many there were on it. */
  sweptOn: number;
  sweepsThatDay: number;
};

/** Watches an address, or goes on watching it. */
export async function watchTransfer(
  db: Db,
  transfer: Omit<Transfer, 'sweeps' | 'sweptOn' | 'sweepsThatDay'>,
): Promise<void> {
  const { address, account, salt, ask, shownAt, watchUntil } = transfer;
  await db
    .insertInto('transfers')
    .values({
      address,
      account: account.toString(),
      salt,
      ask: ask?.token ?? null,
      terms: ask ? toJson({ order: ask.order, openUntil: ask.openUntil }) : null,
      shown_at: shownAt,
      watch_until: watchUntil,
      sweeps: 0,
      swept_on: 0,
      sweeps_that_day: 0,
    })
    .onConflict((conflict) => conflict.column('address').doUpdateSet({ shown_at: shownAt, watch_until: watchUntil }))
    .execute();
}

/** What is watched at `now`; unless `all`, only what was shown since `since`. */
export async function watchedTransfers(db: Db, now: number, since: number, all: boolean): Promise<Transfer[]> {
  const rows = await db
    .selectFrom('transfers')
    .selectAll()
    .where('watch_until', '>', now)
    .where('shown_at', '>', all ? 0 : since)
    .orderBy('shown_at')
    .execute();
  return rows.map(transferOf);
}

/** @param day of the sweep, in days since 1970 (UTC). @returns how many there were on that day, this one included */
export async function countSweep(db: Db, address: Address, day: number): Promise<number> {
  const { sweeps_that_day } = await db
    .updateTable('transfers')
    .set((row) => ({
      sweeps: row('sweeps', '+', 1),
      sweeps_that_day: row
        .case()
        .when('swept_on', '=', day)
        .then(row('sweeps_that_day', '+', 1))
        .else(1)
        .end(),
      swept_on: day,
    }))
    .where('address', '=', address)
    .returning('sweeps_that_day')
    .executeTakeFirstOrThrow();
  return sweeps_that_day;
}

function transferOf(row: TransferRow): Transfer {
  return {
    address: row.address as Address,
    account: BigInt(row.account),
    salt: row.salt as Hex,
    ...(row.ask !== null &&
      row.terms !== null && {
        ask: { token: row.ask, ...fromJson<{ order: Order; openUntil: number }>(row.terms) },
      }),
    shownAt: row.shown_at,
    watchUntil: row.watch_until,
    sweeps: row.sweeps,
    sweptOn: row.swept_on,
    sweepsThatDay: row.sweeps_that_day,
  };
}
