import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import type { CatalogEntry } from '../runtime/models/Catalog.ts';
import { tokenKey } from '../runtime/models/Rates.ts';
import type { Decision } from '../store/OfferBook.ts';

/** What a host charges for one answer, beside the seller's royalty. Amounts in the token's smallest unit. */
export type Pricing = {
  /** For models paid in the chain's coin. */
  coin: bigint;
  /** For models paid in the deployment's token (LANG). */
  token: bigint;
  /** Models whose seller asks nothing are answered for nothing too. */
  royaltyFreeIsFree: boolean;
};

/**
 * The rule, whole: a model without royalty costs nothing where the operator said so (`HOST_FREE=true`; always so on the embedded
 * chain unless said otherwise); else what the models file offers for the language model in this token; else a model paid in coin costs
 * `HOST_PRICE_COIN`, one paid in LANG `HOST_PRICE_TOKEN`; in any other token the host does not answer. An open ask (model 0, a script of the asker's own) always costs the full price.
 * @param offer the models file's prices for the language model that would answer
 * @returns smallest units; undefined: no offer
 */
export function priceOf(
  model: { id: bigint; token: Address; royalty: bigint },
  pricing: Pricing,
  deployment: Pick<Deployment, 'token'>,
  offer?: CatalogEntry['offer'],
): bigint | undefined {
  const full =
    offer?.get(tokenKey(model.token, deployment)) ??
    (model.token === zeroAddress ? pricing.coin : model.token === deployment.token ? pricing.token : undefined);
  if (full === undefined) return undefined;
  return model.id !== 0n && model.royalty === 0n && pricing.royaltyFreeIsFree ? 0n : full;
}

/** What this host asks for an answer of a model, smallest units; undefined: no offer. `listed`: the models file's prices. */
export type Prices = (
  model: { id: bigint; token: Address; royalty: bigint },
  listed?: CatalogEntry['offer'],
) => bigint | undefined;

/** @param decided what the operator decided for a model and token; it comes before every rule */
export function createPrices(
  pricing: Pricing,
  deployment: Pick<Deployment, 'token'>,
  decided: (model: bigint, token: Address) => Decision | undefined,
): Prices {
  return (model, listed) => {
    const decision = decided(model.id, model.token);
    if (decision === undefined) return priceOf(model, pricing, deployment, listed);
    return decision === 'none' ? undefined : decision.price;
  };
}
