import type { Order } from '../../../contracts/client/Ask.ts';
import type { Hex } from '../../../contracts/client/Hex.ts';
import { encodeWorkload, workloadSalt } from '../../../contracts/client/Query.ts';
import type { Context } from '../Context.ts';

/** The queryId that an ask will have which the bot's own key opens. */
export function queryIdOf({ market, accounts }: Context, { workload, parent, userSalt }: Order, input: string): Hex {
  const salt = workloadSalt({ chainId: market.chainId, market: market.market, opener: accounts.spender, userSalt });
  return encodeWorkload({ workload, input, parent, salt }).queryId;
}
