import { explain } from '../../contracts/client/ContractError.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { CatalogOffer, MarketAccess } from './Market.ts';

export type Priced = { host: Address; royalty: bigint; hostPrice: bigint };

/** Offers are tried in order, at most this many: each costs a request to the chain. */
const maxTries = 4;

/**
 * What the first of `offers` that the chain still grants costs now.
 * @param maxPrice dearer ones are passed over; absent: any price
 * @returns undefined when each is dearer
 * @throws ContractError the first reason when none is granted
 */
export async function price(
  market: MarketAccess,
  subject: { model: bigint; workload: Hex; token: Address; inputBytes: number },
  offers: readonly Pick<CatalogOffer, 'host'>[],
  maxPrice?: bigint,
): Promise<Priced | undefined> {
  let reason: unknown;
  for (const { host } of offers.slice(0, maxTries)) {
    try {
      const { royalty, hostPrice } = await market.quote({ ...subject, host });
      if (maxPrice === undefined || royalty + hostPrice <= maxPrice) return { host, royalty, hostPrice };
    } catch (error) {
      if (explain(error).code === 'network') throw error;
      reason ??= error;
    }
  }
  if (reason) throw reason;
  return undefined;
}
