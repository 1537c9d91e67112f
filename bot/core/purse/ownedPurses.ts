import { explain } from '../../../contracts/client/ContractError.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { purseAccount } from '../../../contracts/client/Market.ts';
import { handedOverTo } from '../../store/purses.ts';
import type { Db } from '../../store/Tables.ts';
import { watchedAmong } from '../../store/wallets.ts';
import type { Accounts } from '../money/Accounts.ts';

type Owners = Pick<Accounts, 'ownerOf'>;

/** Of so many that were opened for one wallet it is known which the bot ever had to do with. */
const mostCompared = 2_000;

/**
 * The purses that a wallet owns now, as the chain says: of those opened for it all that the bot ever had to do with and `most` others,
 * and those it took over since the bot watches them. Which group a purse was opened for plays no part, so one that no group has any
 * more is found too; anybody may open others in the wallet's name, which hides none of its own.
 * @returns also how many that were opened for it have not been looked at
 * @throws ContractError when the chain can't be read
 */
export async function ownedPurses(
  accounts: Owners,
  db: Db,
  wallet: Address,
  most: number,
): Promise<{ owned: bigint[]; unread: number }> {
  const [count, takenOver] = await Promise.all([countPurses(accounts, wallet), handedOverTo(db, wallet)]);
  const opened = Array.from({ length: Math.min(Number(count), mostCompared) }, (_, index) =>
    purseAccount(wallet, BigInt(index + 1)),
  );
  const watched = await watchedAmong(db, opened);
  const others = opened.filter((account) => !watched.has(account));
  const unread = Number(count) - opened.length + Math.max(0, others.length - most);
  const candidates = [...new Set([...watched, ...others.slice(0, most), ...takenOver])];
  const owners = await Promise.all(candidates.map((account) => pursesOwner(accounts, account)));
  return { owned: candidates.filter((_, index) => owners[index] === wallet), unread };
}

/** How many purses were ever opened for a wallet, by anybody. They are counted from 1 without gaps. */
export async function countPurses(accounts: Owners, wallet: Address): Promise<bigint> {
  const isOpen = async (count: bigint) => (await pursesOwner(accounts, purseAccount(wallet, count))) !== undefined;
  let open = 0n;
  let step = 1n;
  // Doubling, so that a stranger who opens thousands in somebody's name costs the reader little.
  while (await isOpen(open + step)) {
    open += step;
    step *= 2n;
  }
  while (step > 1n) {
    step /= 2n;
    if (await isOpen(open + step)) open += step;
  }
  return open;
}

/** Undefined: there is no such purse. @throws ContractError the chain can't be read */
export async function pursesOwner(accounts: Owners, account: bigint): Promise<Address | undefined> {
  try {
    return await accounts.ownerOf(account);
  } catch (error) {
    if (explain(error).code === 'AccountUnknown') return undefined;
    throw error;
  }
}
