import { sql } from 'kysely';
import type { Address } from '../../contracts/client/Hex.ts';
import type { Cap, CapSubject, Use } from '../core/purse/Caps.ts';
import { type Group, groupKey, groupOfKey, type Purse } from '../core/purse/Purse.ts';
import type { Person } from '../core/types.ts';
import { asksOfPurse, personKey } from './asks.ts';
import { fromJson, toJson } from './Json.ts';
import type { Db } from './Tables.ts';
import { watchAccount } from './wallets.ts';

/** A cap as it was set. `name`: of whom, as the platform showed it then: untrusted text. */
export type StoredCap = { subject: CapSubject; name: string; token: Address; cap: Cap };

export async function purseOf(db: Db, group: Group): Promise<Purse | undefined> {
  const row = await db.selectFrom('purses').selectAll().where('group_key', '=', groupKey(group)).executeTakeFirst();
  return (
    row && {
      group,
      account: BigInt(row.account),
      owner: row.owner as Address,
      ...(row.models !== null && { models: fromJson<bigint[]>(row.models) }),
      ...(row.channels !== null && { channels: fromJson<string[]>(row.channels) }),
    }
  );
}

/** Gives a group its purse. @returns false when the group has one already, or the purse is another group's */
export async function bindPurse(
  db: Db,
  { group, account, owner }: Pick<Purse, 'group' | 'account' | 'owner'>,
  at: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('purses')
    .values({
      group_key: groupKey(group),
      account: account.toString(),
      owner,
      models: null,
      channels: null,
      bound_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if ((numInsertedOrUpdatedRows ?? 0n) === 0n) return false;
  await watchAccount(db, account);
  return true;
}

/** A group has its purse no more, nor its caps; what was spent of it stays known. @returns false when it has another, or none */
export async function unbindPurse(db: Db, { group, account }: Pick<Purse, 'group' | 'account'>): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('purses')
    .where('group_key', '=', groupKey(group))
    .where('account', '=', account.toString())
    .executeTakeFirst();
  if (numDeletedRows === 0n) return false;
  await db.deleteFrom('purse_caps').where('group_key', '=', groupKey(group)).execute();
  return true;
}

/** The group that has this purse now. */
export async function groupOfPurse(db: Db, account: bigint): Promise<Group | undefined> {
  const row = await db
    .selectFrom('purses')
    .select('group_key')
    .where('account', '=', account.toString())
    .executeTakeFirst();
  return row && groupOfKey(row.group_key);
}

/** The purses that a wallet took over, of those that are watched: on chain it may have handed them on since. */
export async function handedOverTo(db: Db, wallet: Address): Promise<bigint[]> {
  const rows = await db
    .selectFrom('events')
    .select('account')
    .distinct()
    .where(sql<boolean>`json_extract(body, '$.type') = 'PurseHandedOver'`)
    .where(sql<string>`json_extract(body, '$.to')`, '=', wallet)
    .execute();
  return rows.flatMap(({ account }) => (account === null ? [] : [BigInt(account)]));
}

/** @param rules `null`: all of them */
export async function setPurseRules(
  db: Db,
  group: Group,
  rules: { models?: readonly bigint[] | null; channels?: readonly string[] | null },
): Promise<void> {
  const { models, channels } = rules;
  if (models === undefined && channels === undefined) return;
  await db
    .updateTable('purses')
    .set({
      ...(models !== undefined && { models: models && toJson(models) }),
      ...(channels !== undefined && { channels: channels && toJson(channels) }),
    })
    .where('group_key', '=', groupKey(group))
    .execute();
}

export async function capsOf(db: Db, group: Group, token?: Address): Promise<StoredCap[]> {
  const rows = await db
    .selectFrom('purse_caps')
    .selectAll()
    .where('group_key', '=', groupKey(group))
    .$if(token !== undefined, (query) => query.where('token', '=', String(token)))
    .orderBy('subject')
    .execute();
  return rows.map((row) => ({
    subject: subjectOf(row.subject),
    name: row.name,
    token: row.token as Address,
    cap: { perDay: BigInt(row.per_day), perAsk: BigInt(row.per_ask) },
  }));
}

export async function setCap(db: Db, group: Group, { subject, name, token, cap }: StoredCap): Promise<void> {
  const values = { name, per_day: cap.perDay.toString(), per_ask: cap.perAsk.toString() };
  await db
    .insertInto('purse_caps')
    .values({ group_key: groupKey(group), subject: subjectKey(subject), token, ...values })
    .onConflict((conflict) => conflict.columns(['group_key', 'subject', 'token']).doUpdateSet(values))
    .execute();
}

/** What a member took of a purse since `since` (unix seconds) and did not get back. In one transaction with an ask it can't change between. */
export async function usesOf(
  db: Db,
  of: { group: Group; person: Person; token: Address; since: number },
): Promise<Use[]> {
  const asks = await asksOfPurse(db, { ...of, person: personKey(of.person) });
  return asks.flatMap((record) => {
    const { spend, status, price, taken } = record;
    if (spend?.state !== 'pending' || !spend.purse || status.state === 'refunded') return [];
    const paid = taken ? taken.royalty + taken.hostPrice : price.amount;
    return [{ amount: paid + spend.relayFee, at: spend.purse.at }];
  });
}

function subjectKey(subject: CapSubject): string {
  return subject.type === 'everybody' ? 'everybody' : `${subject.type}:${subject.id}`;
}

function subjectOf(key: string): CapSubject {
  const [, type = '', id = ''] = /^(role|member):(.*)$/s.exec(key) ?? [];
  return type === 'role' || type === 'member' ? { type, id } : { type: 'everybody' };
}
