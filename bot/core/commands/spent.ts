import { expensesOf } from '../../store/expenses.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { spendingBy } from '../spending/Spending.ts';
import type { Message, Person } from '../types.ts';
import { modelText } from '../Words.ts';
import { argumentsOf, type Command } from './Command.ts';
import { spentOfGroup } from './spentGroup.ts';
import { spentMessage } from './spentMessage.ts';

const defaultDays = 30;
const mostDays = 366;

/** What the person's questions cost: by model, in numbers and as a picture. */
export const spent: Command = {
  name: 'spent',
  description: 'spent.description',
  options: [
    {
      name: 'of',
      description: 'spent.of',
      kind: 'choice',
      choices: [{ value: 'group', label: 'spent.ofGroup' }],
    },
    { name: 'as', description: 'spent.as', kind: 'choice', choices: [{ value: 'csv', label: 'spent.asCsv' }] },
    { name: 'days', description: 'spent.days', kind: 'text', isText: true },
  ],
  isPrivate: true,
  run: async (context, event, t) => {
    const given = argumentsOf(spent, event);
    const days = daysOf(given['days']);
    if (days === undefined) return { note: { text: t('spent.badDays', { most: mostDays }) } };
    if (given['of'] === 'group') return spentOfGroup(context, event, { days, asFile: given['as'] === 'csv' }, t);
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
