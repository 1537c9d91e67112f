import { askable } from '../Choice.ts';
import type { Context } from '../Context.ts';
import type { CatalogModel } from '../Market.ts';
import { plain } from '../markdown/plain.ts';
import type { Message } from '../types.ts';
import { modelText, paragraphs, priceLabel, priceText } from '../Words.ts';
import { argumentsOf, type Command } from './Command.ts';

const shownModels = 20;

/** What can be asked now, the first listed first; `filter` keeps those whose name or description holds it. */
export const models: Command = {
  name: 'models',
  description: 'models.description',
  options: [{ name: 'search', description: 'models.search', kind: 'text', isText: true }],
  isPrivate: true,
  run: async (context, event) => ({ note: await list(context, argumentsOf(models, event)['search'] ?? '') }),
  press: async (context) => ({ note: await list(context, '') }),
};

async function list(context: Context, filter: string): Promise<Message> {
  const wanted = filter.trim().toLowerCase();
  const found = askable(context.catalog).filter(
    (model) => wanted === '' || `${model.name} ${model.description ?? ''}`.toLowerCase().includes(wanted),
  );
  if (found.length === 0) {
    return {
      text:
        wanted === ''
          ? 'No host offers an answer right now, for any model. Try again later.'
          : `No model fits “${plain(filter.slice(0, 60))}”. /models lists them all.`,
    };
  }
  const lines = await Promise.all(found.slice(0, shownModels).map((model) => line(context, model)));
  const rest = found.length - shownModels;
  return {
    text: paragraphs(
      '**Models that can be asked now**',
      lines.join('\n'),
      ...(rest > 0 ? [`… and ${rest} more; \`/models WORD\` narrows it down.`] : []),
      'Ask one with `/ask --model NAME your question`.',
    ),
  };
}

async function line(context: Context, model: CatalogModel): Promise<string> {
  const offers = context.catalog.offers(model.id, model.token);
  const cheapest = offers[0]?.price ?? 0n;
  const token = await context.market.tokenInfo(model.token).catch(() => undefined);
  const price = token ? priceText(model.royalty + cheapest, token) : 'price unknown: the chain can’t be reached';
  const hosts = `${offers.length} host${offers.length === 1 ? '' : 's'}`;
  const about = model.description ? `: ${plain(model.description.slice(0, 160))}` : '';
  return `- **${modelText(model)}** (${price}, ${hosts})${about}`;
}

export type Suggestion = { value: string; label: string; detail?: string };

/** Names of models that begin with, then that hold, what is typed: at most 25. */
export async function suggestModels(context: Context, typed: string): Promise<Suggestion[]> {
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
        ...(token && { detail: priceLabel(price, token) }),
      };
    }),
  );
}
