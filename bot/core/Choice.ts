import { distance } from 'fastest-levenshtein';
import { type Hex, zeroAddress } from '../../contracts/client/Hex.ts';
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
export function chooseModel(catalog: Catalog, wanted: string | undefined, fallback: string | undefined): ModelChoice {
  const models = askable(catalog);
  const first = models[0];
  if (!first) {
    return {
      ok: false,
      message: 'No host offers an answer right now, for any model. Nothing was taken; try again later.',
    };
  }
  const name = wanted?.trim() || undefined;
  if (name === undefined) {
    return { ok: true, model: (fallback && find(models, fallback)) || first };
  }
  const model = find(models, name);
  if (model) return { ok: true, model };
  const known = find(catalog.models(), name);
  const list = models.slice(0, 10).map((one) => `**${modelText(one)}**`);
  const rest = models.length > 10 ? ' and more: /models' : '';
  if (known) {
    return {
      ok: false,
      message: `No host offers to answer for **${modelText(known)}** right now. These can be asked: ${list.join(', ')}${rest}.`,
    };
  }
  const near = models
    .map((one) => ({ one, edits: distance(one.name.toLowerCase(), name.toLowerCase().slice(0, 64)) }))
    .sort((a, b) => a.edits - b.edits)[0];
  const hint =
    near && near.edits <= Math.max(2, near.one.name.length / 2)
      ? ` Did you mean **${nameText(near.one.name, '')}**?`
      : '';
  return {
    ok: false,
    message: `There is no model named **${nameText(name, '?')}**.${hint} These can be asked: ${list.join(', ')}${rest}.`,
  };
}

function find(models: readonly CatalogModel[], name: string): CatalogModel | undefined {
  const lower = name.toLowerCase();
  return (
    models.find((model) => model.name === name) ??
    models.find((model) => model.name.toLowerCase() === lower) ??
    models.find((model) => `#${model.id}` === name)
  );
}

/** What an inline script is asked as: model 0, no seller, paid in the coin. */
export function openModel(workload: Hex): CatalogModel {
  return { id: 0n, name: 'your own workload', seller: zeroAddress, workload, token: zeroAddress, royalty: 0n };
}

export type OfferChoice = { ok: true; offers: CatalogOffer[] } | { ok: false; message: string };

/** Offers that take an input this long: cheapest first; of equal prices the better record, then the shorter exclusive time. */
export function fittingOffers(catalog: Catalog, model: CatalogModel, inputBytes: number): OfferChoice {
  const name = modelText(model);
  const all = catalog.offers(model.id, model.token);
  if (all.length === 0) {
    return { ok: false, message: `No host offers to answer for **${name}** right now. Nothing was taken.` };
  }
  const offers = all
    .filter((offer) => offer.maxInputBytes >= inputBytes)
    .sort(
      (a, b) =>
        (a.price < b.price ? -1 : a.price > b.price ? 1 : 0) ||
        (b.record ?? 0) - (a.record ?? 0) ||
        a.exclusiveSeconds - b.exclusiveSeconds,
    );
  if (offers.length > 0) return { ok: true, offers };
  const longest = Math.max(...all.map((offer) => offer.maxInputBytes));
  return {
    ok: false,
    message: `The question is ${inputBytes} bytes long; hosts take at most ${longest} for **${name}**. Shorten it and ask again; nothing was taken.`,
  };
}
