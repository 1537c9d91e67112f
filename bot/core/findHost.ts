import type { Address } from '../../contracts/client/Hex.ts';
import type { Price } from './AskRecord.ts';
import { fittingOffers } from './Choice.ts';
import type { Context } from './Context.ts';
import type { HostChoice } from './HostChoice.ts';
import type { Translate } from './I18n.ts';
import { bestOffers } from './judgedOffers.ts';
import type { CatalogModel, CatalogOffer } from './Market.ts';
import { priceCeiling } from './money/priceCeiling.ts';
import { price } from './Pricing.ts';
import type { Standing } from './purse/planPurse.ts';

/** Who asks, and where; nowhere: from a terminal. */
export type Asker = Omit<Standing, 'chat'> & Partial<Pick<Standing, 'chat'>>;

export type FoundHost = { ok: true; host: Address; price: Price; soleHost: boolean; choice: HostChoice };

/**
 * The best host for a question that the chain still grants its offer, and what it costs now. One above what the asker may pay is taken
 * only when no other is left: then the rule that forbids it says so.
 * @throws ContractError the chain can't be reached, or grants none of the offers
 */
export async function findHost(
  context: Context,
  asker: Asker,
  model: CatalogModel,
  inputBytes: number,
  t: Translate,
): Promise<FoundHost | { ok: false; message: string }> {
  const fitting = fittingOffers(context.catalog, model, inputBytes, t);
  if (!fitting.ok) return fitting;
  const { market } = context;
  const [best, info] = await Promise.all([bestOffers(context, model, fitting.offers), market.tokenInfo(model.token)]);
  const token = { token: model.token, ...info };
  const cheapest = fitting.offers[0]?.price;
  const ceiling = best[0]?.price === cheapest ? undefined : await priceCeiling(context, asker, token);
  const subject = { model: model.id, workload: model.workload, token: model.token, inputBytes };
  const within = best.filter((offer) => ceiling === undefined || model.royalty + offer.price <= ceiling);
  const tried = within.length > 0 ? within : fitting.offers;
  const priced = (await price(market, subject, tried, ceiling)) ?? (await price(market, subject, fitting.offers));
  if (!priced) return { ok: false, message: t('choice.noneOffered') };
  const { host, royalty, hostPrice } = priced;
  return {
    ok: true,
    host,
    price: { amount: royalty + hostPrice, ...token, royalty, hostPrice },
    soleHost: fitting.offers.length === 1,
    choice: choiceOf(fitting.offers, tried, host),
  };
}

function choiceOf(fitting: readonly CatalogOffer[], tried: readonly CatalogOffer[], host: Address): HostChoice {
  const place = tried.findIndex((offer) => offer.host === host);
  const chosen = tried[place];
  const refused = tried.slice(0, Math.max(place, 0));
  const cheaper = fitting.filter(
    (offer) => chosen !== undefined && offer.price < chosen.price && !refused.some(({ host }) => host === offer.host),
  );
  return { offers: fitting.length, cheaper: cheaper.length, refused: refused.length };
}
