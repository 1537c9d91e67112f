import type { Db } from './Tables.ts';

/** Notes a nonce that this server made for one request. Times in unix seconds. */
export async function issueNonce(db: Db, of: { nonce: string; request: string; expiresAt: number }): Promise<void> {
  await db
    .insertInto('sign_ins')
    .values({ nonce: of.nonce, request: of.request, expires_at: of.expiresAt, used_at: null })
    .execute();
}

export async function nonceOf(db: Db, nonce: string): Promise<{ request: string; usedAt?: number } | undefined> {
  const row = await db.selectFrom('sign_ins').selectAll().where('nonce', '=', nonce).executeTakeFirst();
  return row && { request: row.request, ...(row.used_at !== null && { usedAt: row.used_at }) };
}

/** Uses a nonce up, once. @returns false when it was used before or never made for this request */
export async function useNonce(db: Db, of: { nonce: string; request: string; at: number }): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sign_ins')
    .set({ used_at: of.at })
    .where('nonce', '=', of.nonce)
    .where('request', '=', of.request)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
