import type { Platform } from '../core/types.ts';
import type { Db } from './Tables.ts';

export async function isHandled(db: Db, platform: Platform, updateId: string): Promise<boolean> {
  const row = await db
    .selectFrom('updates')
    .select('at')
    .where('platform', '=', platform)
    .where('update_id', '=', updateId)
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns false when it was handled before */
export async function markHandled(db: Db, platform: Platform, updateId: string, at: number): Promise<boolean> {
  const result = await db
    .insertInto('updates')
    .values({ platform, update_id: updateId, at })
    .onConflict((conflict) => conflict.columns(['platform', 'update_id']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Forgets updates older than `before`: no platform repeats them that late. */
export async function forgetUpdates(db: Db, before: number): Promise<void> {
  await db.deleteFrom('updates').where('at', '<', before).execute();
}
