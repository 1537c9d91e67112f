import { customAlphabet, nanoid } from 'nanoid';
import { type PaymentRequest, requestSeconds } from '../core/money/PaymentRequest.ts';
import type { Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import { fromJson, toJson } from './Json.ts';
import type { Db, RequestRow } from './Tables.ts';

/** A link that one person was given. Times in unix seconds. */
export type StoredRequest = {
  /** Unguessable; the link's fragment. */
  token: string;
  person: Person;
  request: PaymentRequest;
  /** Shown in the chat and on the page, so that somebody else's link is noticed. */
  code: string;
  createdAt: number;
  expiresAt: number;
  outcome?: string;
};

/** No letters or digits that are taken for each other. */
const newCode = customAlphabet('ABCDEFGHJKMNPQRSTUVWXYZ23456789', 4);

export async function createRequest(
  db: Db,
  person: Person,
  request: PaymentRequest,
  now: number,
): Promise<StoredRequest> {
  const stored: StoredRequest = {
    token: nanoid(24),
    person,
    request,
    code: newCode(),
    createdAt: now,
    expiresAt: now + requestSeconds[request.type],
  };
  await db
    .insertInto('requests')
    .values({
      token: stored.token,
      owner: personKey(person),
      person: toJson(person),
      body: toJson(request),
      code: stored.code,
      created_at: now,
      expires_at: stored.expiresAt,
      draft: null,
      outcome: null,
    })
    .execute();
  return stored;
}

export async function requestByToken(db: Db, token: string): Promise<StoredRequest | undefined> {
  const row = await db.selectFrom('requests').selectAll().where('token', '=', token).executeTakeFirst();
  return row && storedOf(row);
}

/** Notes what came of it. @returns false when something had come of it before */
export async function finishRequest(db: Db, token: string, outcome: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('requests')
    .set({ outcome })
    .where('token', '=', token)
    .where('outcome', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Keeps what a wallet was asked to sign, so that exactly that is sent when the signature comes. */
export async function keepDraft(db: Db, token: string, draft: unknown): Promise<void> {
  await db
    .updateTable('requests')
    .set({ draft: toJson(draft) })
    .where('token', '=', token)
    .execute();
}

/** The type is the writer's promise, as in `fromJson`. */
export async function draftOf<T>(db: Db, token: string): Promise<T | undefined> {
  const row = await db.selectFrom('requests').select('draft').where('token', '=', token).executeTakeFirst();
  return row?.draft == null ? undefined : fromJson<T>(row.draft);
}

/** Drops what ran out before `before`. */
export async function forgetRequests(db: Db, before: number): Promise<void> {
  await db.deleteFrom('sign_ins').where('expires_at', '<', before).execute();
  await db
    .deleteFrom('requests')
    .where('expires_at', '<', before)
    .where('token', 'not in', db.selectFrom('sign_ins').select('request'))
    .execute();
  await db.deleteFrom('relays').where('at', '<', before).execute();
}

function storedOf(row: RequestRow): StoredRequest {
  return {
    token: row.token,
    person: fromJson(row.person),
    request: fromJson(row.body),
    code: row.code,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.outcome !== null && { outcome: row.outcome }),
  };
}
