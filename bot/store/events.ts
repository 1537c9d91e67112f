import type { Hex } from '../../contracts/client/Hex.ts';
import type { Location, RegistryEvent } from '../../contracts/client/MarketEvent.ts';
import type { PlacedEvent } from '../core/Life.ts';
import { fromJson, toJson } from './Json.ts';
import type { Db } from './Tables.ts';

export type PlacedRegistryEvent = RegistryEvent & { location: Location };

/** Keeps an event; the same place on the chain again changes nothing. */
export async function insertEvent(db: Db, event: { location: Location }, queryId: Hex | null): Promise<void> {
  await db
    .insertInto('events')
    .values({
      block: event.location.block,
      log_index: event.location.logIndex,
      query_id: queryId,
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
    .orderBy('block')
    .orderBy('log_index')
    .execute();
  return rows.map((row) => fromJson<PlacedRegistryEvent>(row.body));
}

/** Forgets everything above `block`. @returns the asks that lost events */
export async function undoEvents(db: Db, block: number): Promise<Hex[]> {
  const rows = await db
    .selectFrom('events')
    .select('query_id')
    .distinct()
    .where('block', '>', block)
    .where('query_id', 'is not', null)
    .execute();
  await db.deleteFrom('events').where('block', '>', block).execute();
  return rows.flatMap((row) => (row.query_id === null ? [] : [row.query_id as Hex]));
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
