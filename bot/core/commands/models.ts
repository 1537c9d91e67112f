import { type HostRecord, hostRecord } from '../../store/hostLog.ts';
import { askable } from '../Choice.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import type { CatalogModel } from '../Market.ts';
import { plain } from '../markdown/plain.ts';
import type { Message } from '../types.ts';
import { addressText, durationText, lines, modelText, paragraphs, priceLabel, priceText } from '../Words.ts';
import { argumentsOf, type Command } from './Command.ts';

const shownModels = 12;

/** The record is that of so many of a model's cheapest hosts. */
const recordedHosts = 4;

/** What can be asked now, the first listed first; `filter` keeps those whose name or description holds it. */
export const models: Command = {
  name: 'models',
  description: 'models.description',
  options: [{ name: 'search', description: 'models.search', kind: 'text', isText: true }],
  isPrivate: true,
  run: async (context, event, t) => ({ note: await list(context, argumentsOf(models, event)['search'] ?? '', t) }),
  press: async (context, _event, _argument, t) => ({ note: await list(context, '', t) }),
};

async function list(context: Context, filter: string, t: Translate): Promise<Message> {
  const wanted = filter.trim().toLowerCase();
  const found = askable(context.catalog).filter(
    (model) =>
      wanted === '' || `${model.name} ${model.description ?? ''} ${model.example ?? ''}`.toLowerCase().includes(wanted),
  );
  if (found.length === 0) {
    return {
      text: wanted === '' ? t('models.none') : t('models.noneFits', { words: plain(filter.slice(0, 60)) }),
    };
  }
  const entries = await Promise.all(found.slice(0, shownModels).map((model) => line(context, model, t)));
  const rest = found.length - shownModels;
  return {
    text: paragraphs(
      t('models.title'),
      entries.join('\n'),
      ...(rest > 0 ? [t('models.rest', { rest })] : []),
      t('models.how'),
    ),
  };
}

async function line(context: Context, model: CatalogModel, t: Translate): Promise<string> {
  const offers = context.catalog.offers(model.id, model.token);
  const cheapest = offers[0]?.price ?? 0n;
  const token = await context.market.tokenInfo(model.token).catch(() => undefined);
  const price = token ? priceText(model.royalty + cheapest, token, t) : t('models.unpriced');
  const hosts = t('models.hosts', { hosts: offers.length });
  const about = model.description ? `: ${plain(model.description.slice(0, 160))}` : '';
  const facts = [
    await recordText(context, model, t),
    t('models.seller', { seller: addressText(model.seller, context.links.explorer) }),
    ...(model.example ? [t('models.example', { example: plain(model.example.slice(0, 100)) })] : []),
  ];
  return lines(`- **${modelText(model, t)}** (${price}, ${hosts})${about}`, `  ${facts.join(' · ')}`);
}

/** How well and how fast the model's hosts answered lately, from every ask of the market. */
async function recordText({ store, catalog }: Context, { id, token }: CatalogModel, t: Translate): Promise<string> {
  const offers = catalog.offers(id, token).slice(0, recordedHosts);
  const records = await Promise.all(offers.map(({ host }) => hostRecord(store.db, host, id)));
  const sum = (pick: (one: HostRecord) => number) => records.reduce((total, one) => total + pick(one), 0);
  const answered = sum((one) => one.answered);
  if (answered === 0) return t('models.noRecord');
  const fastest = Math.min(...records.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds])));
  return t('models.record', {
    answered,
    asked: answered + sum((one) => one.missed),
    time: durationText(fastest, t),
  });
}

export type Suggestion = { value: string; label: string; detail?: string };

/** Names of models that begin with, then that hold, what is typed: at most 25. */
export async function suggestModels(context: Context, typed: string, t: Translate): Promise<Suggestion[]> {
  const lower = typed.trim().toLowerCase();
  const rank = ({ name }: CatalogModel) => {
    const at = name.toLowerCase().indexOf(lower);
    return at === 0 ? 0 : at > 0 ? 1 : 2;
  };
  const found = askable(context.catalog)
    .filter((model) => rank(model) < 2)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 25);
  return Promise.all(
    found.map(async (model) => {
      const token = await context.market.tokenInfo(model.token).catch(() => undefined);
      const price = model.royalty + (context.catalog.offers(model.id, model.token)[0]?.price ?? 0n);
      return {
        value: model.name,
        label: model.name,
        ...(token && { detail: priceLabel(price, token, t) }),
      };
    }),
  );
}
