import { hostRecord } from '../store/hostLog.ts';
import type { Db } from '../store/Tables.ts';
import type { Context } from './Context.ts';
import { type JudgedOffer, rankOffers } from './HostChoice.ts';
import type { CatalogModel, CatalogOffer } from './Market.ts';

/** Records are looked up for so many of the cheapest offers: anybody with a stake may offer, and looking costs time. */
const judgedOffers = 16;

/** The best hosts for a question to `model`, best first, of `offers` in order of price. */
export async function bestOffers(
  { store, rules }: Context,
  model: Pick<CatalogModel, 'id' | 'royalty'>,
  offers: readonly CatalogOffer[],
): Promise<JudgedOffer[]> {
  const judged = await Promise.all(offers.slice(0, judgedOffers).map((offer) => judge(store.db, model.id, offer)));
  return rankOffers(judged, { royalty: model.royalty, answerSeconds: rules.answerSeconds });
}

/** A host is as reliable as it is with every model, but some models take longer than others. */
async function judge(db: Db, model: bigint, offer: CatalogOffer): Promise<JudgedOffer> {
  const [record, ofModel] = await Promise.all([hostRecord(db, offer.host), hostRecord(db, offer.host, model)]);
  return { ...offer, record: { ...record, ...(ofModel.seconds !== undefined && { seconds: ofModel.seconds }) } };
}
