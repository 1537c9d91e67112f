import type { Address } from '../../../contracts/client/Hex.ts';
import { lockedOf } from '../../store/asks.ts';
import type { Context } from '../Context.ts';
import type { Key, Translate } from '../I18n.ts';
import { amountText, clockText } from '../Words.ts';

/** What an account has of a token: free, held by open questions, and what the bot may spend of it. */
export type Holding = Awaited<ReturnType<typeof holdingOf>>;

/** Amounts in the token's smallest unit. @throws ContractError when the chain can't be read */
export async function holdingOf({ accounts, market, store }: Context, account: bigint, token: Address) {
  const [info, amount, allowance, locked] = await Promise.all([
    market.tokenInfo(token),
    accounts.balanceOf(account, token),
    accounts.allowanceOf(account, token),
    lockedOf(store.db, account, token),
  ]);
  return { info, amount, allowance, locked, isEmpty: amount === 0n && locked === 0n && !allowance.active };
}

/** @param has how the free part is said */
export function hasLine(
  { info, amount, locked }: Holding,
  has: Extract<Key, 'balance.has' | 'purse.has'>,
  t: Translate,
): string {
  const held = locked > 0n ? `; ${t('balance.locked', { amount: amountText(locked, info, t) })}` : '';
  return `- ${t(has, { amount: amountText(amount, info, t) })}${held}`;
}

/** The limit as it stands. @param now unix seconds */
export function limitLine({ info, allowance: { available, terms } }: Holding, now: number, t: Translate): string {
  return `  - ${t('balance.limit', {
    left: amountText(available, info, t),
    perAsk: amountText(terms.perAsk, info, t),
    until: clockText(Number(terms.expiry), now),
  })}`;
}
