import type { Address } from '../../contracts/client/Hex.ts';
import { accountOf } from '../../contracts/client/Market.ts';
import type { Direct, Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import { fromJson, toJson } from './Json.ts';
import type { Db } from './Tables.ts';

/** A wallet that proved by a signature that it is the person's. Of a person's wallets one is the default. */
export type LinkedWallet = { address: Address; isDefault: boolean; linkedAt: number };

/** The person's wallets, the default first. */
export async function walletsOf(db: Db, person: Person): Promise<LinkedWallet[]> {
  const rows = await db
    .selectFrom('wallets')
    .selectAll()
    .where('owner', '=', personKey(person))
    .orderBy('is_default', 'desc')
    .orderBy('linked_at')
    .execute();
  return rows.map((row) => ({
    address: row.address as Address,
    isDefault: row.is_default === 1,
    linkedAt: row.linked_at,
  }));
}

export async function defaultWallet(db: Db, person: Person): Promise<Address | undefined> {
  return (await walletsOf(db, person))[0]?.address;
}

/**
 * Links a wallet; the newest becomes the default. Its account is watched from now on. The link alone spends nothing.
 * @param direct where the person is told when somebody else links it too
 */
export async function linkWallet(db: Db, person: Person, address: Address, at: number, direct?: Direct): Promise<void> {
  const owner = personKey(person);
  await db.updateTable('wallets').set({ is_default: 0 }).where('owner', '=', owner).execute();
  await db
    .insertInto('wallets')
    .values({
      owner,
      address,
      is_default: 1,
      linked_at: at,
      direct: direct ? toJson(direct) : null,
    })
    .onConflict((conflict) =>
      conflict.columns(['owner', 'address']).doUpdateSet({ is_default: 1, ...(direct && { direct: toJson(direct) }) }),
    )
    .execute();
  await watchAccount(db, accountOf(address));
}

/** @returns false when it is none of the person's */
export async function makeDefault(db: Db, person: Person, address: Address): Promise<boolean> {
  const owner = personKey(person);
  if (!(await walletsOf(db, person)).some((wallet) => wallet.address === address)) return false;
  await db
    .updateTable('wallets')
    .set((select) => ({ is_default: select.case().when('address', '=', address).then(1).else(0).end() }))
    .where('owner', '=', owner)
    .execute();
  return true;
}

/** Forgets a link; of those that are left the oldest becomes the default. @returns false when there was none */
export async function unlinkWallet(db: Db, person: Person, address: Address): Promise<boolean> {
  const owner = personKey(person);
  const { numDeletedRows } = await db
    .deleteFrom('wallets')
    .where('owner', '=', owner)
    .where('address', '=', address)
    .executeTakeFirst();
  await db.deleteFrom('spend_rights').where('owner', '=', owner).where('address', '=', address).execute();
  const [first] = await walletsOf(db, person);
  if (first && !first.isDefault) await makeDefault(db, person, first.address);
  return numDeletedRows > 0n;
}

/** Whether the wallet signed, on a link of this person's own, what may be spent of a token for this person. */
export async function maySpend(db: Db, person: Person, address: Address, token: Address): Promise<boolean> {
  const row = await db
    .selectFrom('spend_rights')
    .select('token')
    .where('owner', '=', personKey(person))
    .where('address', '=', address)
    .where('token', 'in', [token, anyToken])
    .executeTakeFirst();
  return row !== undefined;
}

/** What was signed before rights were kept by token. */
const anyToken = '*';

/**
 * A limit that the wallet signed for this person is on chain.
 * @param nonce of the signature: its upper part is the account's epoch, one more with each revocation of everything. So a new limit
 *   also ends what was signed before such a revocation, whoever it was for
 * @param block where it was mined
 */
export async function letSpend(
  db: Db,
  person: Person,
  address: Address,
  { token, nonce, block }: { token: Address; nonce: bigint; block: number },
): Promise<void> {
  const epoch = Number(nonce >> 48n);
  await db.deleteFrom('spend_rights').where('address', '=', address).where('epoch', '<', epoch).execute();
  await db
    .insertInto('spend_rights')
    .values({ owner: personKey(person), address, token, epoch, block })
    .onConflict((conflict) => conflict.columns(['owner', 'address', 'token']).doUpdateSet({ epoch, block }))
    .execute();
}

/**
 * Nobody whom the wallet is linked to spends from it until it signs anew for that person.
 * @param of `token`: only of this one; `before`: only what was signed before this block, as what was signed later stands
 */
export async function endSpending(
  db: Db,
  address: Address,
  { token, before }: { token?: Address; before?: number } = {},
): Promise<void> {
  let ended = db.deleteFrom('spend_rights').where('address', '=', address);
  if (token !== undefined) ended = ended.where('token', 'in', [token, anyToken]);
  if (before !== undefined) ended = ended.where('block', '<', before);
  await ended.execute();
}

/** The other people who linked this wallet: the key of each, and where each is told of it. */
export async function othersOf(
  db: Db,
  person: Person,
  address: Address,
): Promise<{ owner: string; direct: Direct | undefined }[]> {
  const rows = await db
    .selectFrom('wallets')
    .select(['owner', 'direct'])
    .where('address', '=', address)
    .where('owner', '!=', personKey(person))
    .execute();
  return rows.map(({ owner, direct }) => ({ owner, direct: direct === null ? undefined : fromJson<Direct>(direct) }));
}

/** Keeps what happens to the account on the chain from now on. */
export async function watchAccount(db: Db, account: bigint): Promise<void> {
  await db
    .insertInto('watched_accounts')
    .values({ account: account.toString() })
    .onConflict((conflict) => conflict.column('account').doNothing())
    .execute();
}

export async function isWatched(db: Db, account: bigint): Promise<boolean> {
  const row = await db
    .selectFrom('watched_accounts')
    .select('account')
    .where('account', '=', account.toString())
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of the accounts that are watched. @param accounts some thousands at the most */
export async function watchedAmong(db: Db, accounts: readonly bigint[]): Promise<ReadonlySet<bigint>> {
  const rows = await db
    .selectFrom('watched_accounts')
    .select('account')
    .where('account', 'in', accounts.map(String))
    .execute();
  return new Set(rows.map(({ account }) => BigInt(account)));
}
