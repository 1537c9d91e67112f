import type { Address } from '../../contracts/client/Hex.ts';
import { accountOf } from '../../contracts/client/Market.ts';
import type { Person } from '../core/types.ts';
import { personKey } from './asks.ts';
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

/** Links a wallet; the newest becomes the default. Its account is watched from now on. */
export async function linkWallet(db: Db, person: Person, address: Address, at: number): Promise<void> {
  const owner = personKey(person);
  await db.updateTable('wallets').set({ is_default: 0 }).where('owner', '=', owner).execute();
  await db
    .insertInto('wallets')
    .values({ owner, address, is_default: 1, linked_at: at })
    .onConflict((conflict) => conflict.columns(['owner', 'address']).doUpdateSet({ is_default: 1 }))
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
  const [first] = await walletsOf(db, person);
  if (first && !first.isDefault) await makeDefault(db, person, first.address);
  return numDeletedRows > 0n;
}

/** Keys of the other people who linked this wallet. */
export async function othersOf(db: Db, person: Person, address: Address): Promise<string[]> {
  const rows = await db
    .selectFrom('wallets')
    .select('owner')
    .where('address', '=', address)
    .where('owner', '!=', personKey(person))
    .execute();
  return rows.map((row) => row.owner);
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
