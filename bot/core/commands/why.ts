import { asksOf } from '../../store/asks.ts';
import { type AskRecord, priceOf } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import type { Links } from '../Links.ts';
import { quote } from '../markdown/plain.ts';
import type { AskStatus, Message, Person, Step } from '../types.ts';
import { addressText, clockText, modelText, paragraphs, priceText, transactionText } from '../Words.ts';
import type { Command } from './Command.ts';
import { stateText } from './history.ts';

/** Everything there is to know about the person's last question: host, price, each step and its transaction. */
export const why: Command = {
  name: 'why',
  description: 'why.description',
  options: [],
  isPrivate: false,
  run: async (context, { person }, t) => ({ note: await explanation(context, person, t) }),
};

async function explanation(context: Context, person: Person, t: Translate): Promise<Message> {
  const [last] = await asksOf(context.store.db, person, 1);
  if (!last) return { text: 'You have asked nothing yet. `/ask What is TellorFlex?`' };
  const { model, host, status, soleHost } = last;
  const price = priceOf(last);
  const { links } = context;
  const choice = soleHost
    ? 'the only one that offered an answer this long, so nobody else may take over'
    : 'the cheapest that offered; another may take over when it is silent or declines';
  return {
    text: paragraphs(
      quote(last.question, 200),
      [
        `- Model: **${modelText(model)}** (#${model.id})`,
        `- Price: **${priceText(price.amount, price)}**: host ${priceText(price.hostPrice, price)}, model’s seller ${priceText(price.royalty, price)}`,
        `- Host asked: ${addressText(host, links.explorer)}, ${choice}`,
        `- Now: **${stateText(status, t)}**`,
        ...steps(last, links),
      ].join('\n'),
    ),
  };
}

function steps({ status, createdAt, queryId }: AskRecord, links: Links): string[] {
  const done: [string, Step | undefined][] = [
    ['Paid', stepOf(status, 'paid')],
    ['Taken over', stepOf(status, 'takenOver')],
    ['Declined', stepOf(status, 'declined')],
    ['Answered', stepOf(status, 'delivered')],
    ['Reported to Tellor', stepOf(status, 'sealed')],
    ['Final, host paid', stepOf(status, 'settled')],
    ['Refunded', stepOf(status, 'refunded')],
  ];
  return [
    ...done.flatMap(([name, step]) =>
      step ? [`- ${name}: ${clockText(step.at, createdAt)}, ${transactionText(step.transaction, links.explorer)}`] : [],
    ),
    ...(queryId ? [`- queryId: \`${queryId}\``] : []),
  ];
}

type StepName = 'paid' | 'takenOver' | 'declined' | 'delivered' | 'sealed' | 'settled' | 'refunded';

function stepOf(status: AskStatus, name: StepName): Step | undefined {
  return name in status ? (status as Partial<Record<StepName, Step>>)[name] : undefined;
}
