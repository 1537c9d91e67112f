import type { Address } from '../../../contracts/client/Hex.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { priceLabel } from '../Words.ts';

/** A model as its page shows it: a seller's words are untrusted text. `price`: with its cheapest host; absent: nobody offers it. */
export type ModelView = {
  id: bigint;
  name: string;
  description: string;
  example: string;
  seller: Address;
  hosts: number;
  price?: string;
};

/** Undefined: there is no such model, or it is retired. */
export async function modelView(
  { catalog, market }: Context,
  id: bigint,
  t: Translate,
): Promise<ModelView | undefined> {
  const model = catalog.models().find((one) => one.id === id);
  if (!model) return undefined;
  const offers = catalog.offers(id, model.token);
  const [cheapest] = offers;
  const token = cheapest && (await market.tokenInfo(model.token));
  return {
    id,
    name: model.name,
    description: model.description ?? '',
    example: model.example ?? '',
    seller: model.seller,
    hosts: offers.length,
    ...(cheapest && token && { price: priceLabel(model.royalty + cheapest.price, token, t) }),
  };
}
