import type { Hex } from '../../contracts/client/Hex.ts';
import type { AccountEvent, Location, RegistryEvent } from '../../contracts/client/MarketEvent.ts';
import type { PlacedEvent } from '../core/Life.ts';
import { fromJson, toJson } from './Json.ts';
import type { Db } from './Tables.ts';

export type PlacedRegistryEvent = RegistryEvent & { location: Location };
export type PlacedAccountEvent = AccountEvent & { location: Location };

/** What an event belongs to; neither for one of the registry. */
export type Subject = { queryId?: Hex; account?: bigint };

/** Keeps an event; the same place on the chain again changes nothing. */
export async function insertEvent(db: Db, event: { location: Location }, of: Subject = {}): Promise<void> {
  await db
    .insertInto('events')
    .values({
      block: event.location.block,
      log_index: event.location.logIndex,
      query_id: of.queryId ?? null,
      account: of.account?.toString() ?? null,
      body: toJson(event),
    })
    .onConflict((conflict) => conflict.columns(['block', 'log_index']).doNothing())
    .execute();
}

export async function eventsOf(db: Db, queryId: Hex): Promise<PlacedEvent[]> {
  const rows = await db.selectFrom('events').select('body').where('query_id', '=', queryId).execute();
  return rows.map((row) => fromJson<PlacedEvent>(row.body));
}

/** The registry's events in the chain's order. */
export async function registryEvents(db: Db): Promise<PlacedRegistryEvent[]> {
  const rows = await db
    .selectFrom('events')
    .select('body')
    .where('query_id', 'is', null)
    .where('account', 'is', null)
    .orderBy('block')
    .orderBy('log_index')
    .execute();
  return rows.map((row) => fromJson<PlacedRegistryEvent>(row.body));
}

/** What befell one of the accounts that are watched, oldest first. */
export async function accountEvents(db: Db, account: bigint): Promise<PlacedAccountEvent[]> {
  const rows = await db
    .selectFrom('events')
    .select('body')
    .where('account', '=', account.toString())
    .orderBy('block')
    .orderBy('log_index')
    .execute();
  return rows.map((row) => fromJson<PlacedAccountEvent>(row.body));
}

/** Forgets everything above `block`. @returns the asks and accounts that lost events */
export async function undoEvents(db: Db, block: number): Promise<{ asks: Hex[]; accounts: bigint[] }> {
  const rows = await db
    .selectFrom('events')
    .select(['query_id', 'account'])
    .distinct()
    .where('block', '>', block)
    .execute();
  await db.deleteFrom('events').where('block', '>', block).execute();
  return {
    asks: rows.flatMap((row) => (row.query_id === null ? [] : [row.query_id as Hex])),
    accounts: rows.flatMap((row) => (row.account === null ? [] : [BigInt(row.account)])),
  };
}

/** Up to where the chain was handled, and the timestamp of that block. */
export async function readCursor(db: Db): Promise<{ body: string; clock: number } | undefined> {
  return await db.selectFrom('cursor').select(['body', 'clock']).where('id', '=', 1).executeTakeFirst();
}

/** @param clock undefined: as it was */
export async function writeCursor(db: Db, body: string, clock?: number): Promise<void> {
  await db
    .insertInto('cursor')
    .values({ id: 1, body, clock: clock ?? 0 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ body, ...(clock !== undefined && { clock }) }))
    .execute();
}
