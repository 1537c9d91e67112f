import { explain } from '../../../contracts/client/ContractError.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { purseAccount } from '../../../contracts/client/Market.ts';
import { handedOverTo } from '../../store/purses.ts';
import type { Db } from '../../store/Tables.ts';
import type { Accounts } from '../money/Accounts.ts';

type Owners = Pick<Accounts, 'ownerOf'>;

/**
 * The purses that a wallet owns now, as the chain says: those opened for it, the first `most`, and those it took over since the bot
 * watches them. Which group a purse was opened for plays no part, so one that no group has any more is found too.
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
  const unread = Math.max(0, Number(count) - most);
  const opened = Array.from({ length: Number(count) - unread }, (_, index) => purseAccount(wallet, BigInt(index + 1)));
  const candidates = [...new Set([...opened, ...takenOver])];
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
