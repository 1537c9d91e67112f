import { distance } from 'fastest-levenshtein';
import { type Hex, zeroAddress } from '../../contracts/client/Hex.ts';
import { english, type Translate } from './I18n.ts';
import type { Catalog, CatalogModel, CatalogOffer } from './Market.ts';
import { modelText, nameText } from './Words.ts';

export type ModelChoice = { ok: true; model: CatalogModel } | { ok: false; message: string };

/** Models that somebody offers to answer, in the order they were listed. */
export function askable(catalog: Catalog): CatalogModel[] {
  return catalog
    .models()
    .filter((model) => catalog.offers(model.id, model.token).length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * The model that a person means: by name (case does not matter; of equal names the first listed), or by `#id`.
 * @param wanted undefined: the default, else the first that can be asked
 */
export function chooseModel(
  catalog: Catalog,
  wanted: string | undefined,
  fallback: string | undefined,
  t: Translate,
): ModelChoice {
  const models = askable(catalog);
  const first = models[0];
  if (!first) {
    return { ok: false, message: t('choice.noneOffered') };
  }
  const name = wanted?.trim() || undefined;
  if (name === undefined) {
    return { ok: true, model: (fallback && find(models, fallback)) || first };
  }
  const model = find(models, name);
  if (model) return { ok: true, model };
  const known = find(catalog.models(), name);
  const list = models.slice(0, 10).map((one) => `**${modelText(one, t)}**`);
  const rest = t('choice.list', { list: list.join(', '), more: models.length > 10 ? 'yes' : 'no' });
  if (known) {
    return { ok: false, message: `${t('choice.notOffered', { model: modelText(known, t) })} ${rest}` };
  }
  const near = models
    .map((one) => ({ one, edits: distance(one.name.toLowerCase(), name.toLowerCase().slice(0, 64)) }))
    .sort((a, b) => a.edits - b.edits)[0];
  const hint =
    near && near.edits <= Math.max(2, near.one.name.length / 2)
      ? [t('choice.didYouMean', { model: modelText(near.one, t) })]
      : [];
  return { ok: false, message: [t('choice.unknown', { model: nameText(name, '?') }), ...hint, rest].join(' ') };
}

/** The model of exactly this name, of this name in another case, or of this `#id`. */
export function find(models: readonly CatalogModel[], name: string): CatalogModel | undefined {
  const lower = name.toLowerCase();
  return (
    models.find((model) => model.name === name) ??
    models.find((model) => model.name.toLowerCase() === lower) ??
    models.find((model) => `#${model.id}` === name)
  );
}

/** What an inline script is asked as: model 0, no seller, paid in the coin. */
export function openModel(workload: Hex): CatalogModel {
  return { id: 0n, name: english('model.own'), seller: zeroAddress, workload, token: zeroAddress, royalty: 0n };
}

export type OfferChoice = { ok: true; offers: CatalogOffer[] } | { ok: false; message: string };

/** Offers that take an input this long, cheapest first. */
export function fittingOffers(catalog: Catalog, model: CatalogModel, inputBytes: number, t: Translate): OfferChoice {
  const name = modelText(model, t);
  const all = catalog.offers(model.id, model.token);
  if (all.length === 0) {
    return { ok: false, message: `${t('choice.notOffered', { model: name })} ${t('choice.nothingTaken')}` };
  }
  const offers = all.filter((offer) => offer.maxInputBytes >= inputBytes);
  if (offers.length > 0) return { ok: true, offers };
  const most = Math.max(...all.map((offer) => offer.maxInputBytes));
  return { ok: false, message: t('choice.tooLong', { bytes: inputBytes, most, model: name }) };
}
