import { asksOf, countAsks } from '../../store/asks.ts';
import { priceOf } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import type { AskStatus, Message, Person } from '../types.ts';
import { modelText, paragraphs, priceText } from '../Words.ts';
import { type Command, pressButton } from './Command.ts';

const pageSize = 10;

/** The person's last questions. */
export const history: Command = {
  name: 'history',
  description: 'history.description',
  options: [],
  isPrivate: true,
  run: async (context, { person }, t) => ({ note: await page(context, person, 0, t) }),
  press: async (context, { person }, argument, t) => ({
    instead: await page(context, person, /^\d{1,6}$/.test(argument) ? Number(argument) : 0, t),
  }),
};

/** @param wanted from 0, the newest; beyond the last: the last */
async function page({ store }: Context, person: Person, wanted: number, t: Translate): Promise<Message> {
  const last = Math.max(0, Math.ceil((await countAsks(store.db, person)) / pageSize) - 1);
  const shown = Math.min(wanted, last);
  const asks = await asksOf(store.db, person, pageSize, shown * pageSize);
  if (asks.length === 0) return { text: t('history.none') };
  const lines = asks.map((ask) => {
    const { question, model, status } = ask;
    const price = priceOf(ask);
    const words = [...question.replace(/\s+/gu, ' ')];
    const start = words.length > 60 ? `${words.slice(0, 59).join('')}…` : words.join('');
    return `- ${plain(start)} (${modelText(model, t)}, ${priceText(price.amount, price, t)}): **${stateText(status, t)}**`;
  });
  const buttons = [
    ...(shown > 0 ? [pressButton('history', String(shown - 1), t('history.newer'))] : []),
    ...(shown < last ? [pressButton('history', String(shown + 1), t('history.older'))] : []),
  ];
  return { text: paragraphs(t('history.title'), lines.join('\n')), ...(buttons.length > 0 && { buttons }) };
}

/** A state in a word or two. */
export function stateText(status: AskStatus, t: Translate): string {
  if ('refundDue' in status && status.refundDue) return t('state.refundDue');
  return t(status.state === 'reported' ? 'state.answered' : `state.${status.state}`);
}
