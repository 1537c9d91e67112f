import { format } from '../../../contracts/client/Amount.ts';
import { expensesOf } from '../../store/expenses.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { barsOf } from '../picture/Picture.ts';
import { spendingBy, type TokenSpending } from '../spending/Spending.ts';
import type { Message, Person } from '../types.ts';
import { modelText, paragraphs, priceText } from '../Words.ts';
import { argumentsOf, type Command } from './Command.ts';

const defaultDays = 30;
const mostDays = 366;
/** More than this many models are too many for a picture. */
const mostBars = 12;

/** What the person's questions cost: by model, in numbers and as a picture. */
export const spent: Command = {
  name: 'spent',
  description: 'spent.description',
  options: [{ name: 'days', description: 'spent.days', kind: 'text', isText: true }],
  isPrivate: true,
  run: async (context, event, t) => {
    const days = daysOf(argumentsOf(spent, event)['days']);
    if (days === undefined) return { note: { text: t('spent.badDays', { most: mostDays }) } };
    return { note: await spentBy(context, event.person, days, t) };
  },
};

function daysOf(typed: string | undefined): number | undefined {
  if (typed === undefined) return defaultDays;
  const days = /^\d{1,4}$/.test(typed) ? Number(typed) : 0;
  return days >= 1 && days <= mostDays ? days : undefined;
}

async function spentBy(context: Context, person: Person, days: number, t: Translate): Promise<Message> {
  const expenses = await expensesOf(context.store.db, person, context.now() - days * 86_400);
  if (expenses.length === 0) return { text: t('spent.nothing', { days }) };
  const spending = spendingBy(
    expenses,
    ({ model }) => model,
    ({ id, name }) => `${id} ${name}`,
  );
  return spentMessage(spending, (model) => modelText(model, t), t('spent.title', { days }), t);
}

/**
 * Spending in words, and the first token's as a picture whose bars carry the same numbers as the words.
 * @param nameOf already fit for CommonMark
 */
export function spentMessage<Subject>(
  spending: readonly TokenSpending<Subject>[],
  nameOf: (subject: Subject) => string,
  title: string,
  t: Translate,
): Message {
  const [first] = spending;
  const drawn = first?.shares.filter(({ amount }) => amount > 0n).slice(0, mostBars) ?? [];
  return {
    text: paragraphs(
      title,
      ...spending.flatMap((one) => [
        sumText(one, t),
        one.shares
          .map(
            ({ subject, asks, amount }, index) =>
              `${index + 1}. **${nameOf(subject)}**: ${t('spent.share', { asks, amount: priceText(amount, one.token, t) })}`,
          )
          .join('\n'),
      ]),
    ),
    ...(first &&
      drawn.length > 0 && {
        file: {
          name: 'spent.png',
          picture: {
            alt: t('spent.picture'),
            bars: barsOf(
              drawn.map(({ amount }) => amount),
              (amount) => format(amount, first.token.decimals, first.token.symbol),
            ),
          },
        },
      }),
  };
}

function sumText({ token, spent, held, returned }: TokenSpending<unknown>, t: Translate): string {
  return [
    t('spent.sum', { amount: priceText(spent, token, t) }),
    ...(held > 0n ? [t('spent.held', { amount: priceText(held, token, t) })] : []),
    ...(returned > 0n ? [t('spent.returned', { amount: priceText(returned, token, t) })] : []),
  ].join(' ');
}
