import { asksOf } from '../../store/asks.ts';
import { priceOf } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import type { AskStatus, Message, Person } from '../types.ts';
import { modelText, paragraphs, priceText } from '../Words.ts';
import type { Command } from './Command.ts';

const shown = 10;

/** The person's last questions. */
export const history: Command = {
  name: 'history',
  description: 'history.description',
  options: [],
  isPrivate: true,
  run: async (context, { person }, t) => ({ note: await list(context, person, t) }),
};

async function list(context: Context, person: Person, t: Translate): Promise<Message> {
  const asks = await asksOf(context.store.db, person, shown);
  if (asks.length === 0) return { text: t('history.none') };
  const lines = asks.map((ask) => {
    const { question, model, status } = ask;
    const price = priceOf(ask);
    const words = [...question.replace(/\s+/gu, ' ')];
    const start = words.length > 60 ? `${words.slice(0, 59).join('')}…` : words.join('');
    return `- ${plain(start)} (${modelText(model, t)}, ${priceText(price.amount, price, t)}): **${stateText(status, t)}**`;
  });
  return { text: paragraphs(t('history.title'), lines.join('\n')) };
}

/** A state in a word or two. */
export function stateText(status: AskStatus, t: Translate): string {
  if ('refundDue' in status && status.refundDue) return t('state.refundDue');
  return t(status.state === 'reported' ? 'state.answered' : `state.${status.state}`);
}
