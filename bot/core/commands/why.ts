import { asksOf } from '../../store/asks.ts';
import { type AskRecord, priceOf } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Key, Translate } from '../I18n.ts';
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
  if (!last) return { text: t('history.none') };
  const { model, host, status, soleHost } = last;
  const price = priceOf(last);
  const { links } = context;
  const text = (amount: bigint) => priceText(amount, price, t);
  return {
    text: paragraphs(
      quote(last.question, 200),
      [
        t('why.model', { model: modelText(model, t), id: `#${model.id}` }),
        t('why.price', { price: text(price.amount), host: text(price.hostPrice), seller: text(price.royalty) }),
        t('why.host', {
          host: addressText(host, links.explorer),
          choice: t(soleHost ? 'why.choiceSole' : 'why.choiceCheapest'),
        }),
        t('why.now', { state: stateText(status, t) }),
        ...steps(last, links, t),
      ]
        .map((fact) => `- ${fact}`)
        .join('\n'),
    ),
  };
}

function steps({ status, createdAt, queryId }: AskRecord, links: Links, t: Translate): string[] {
  const done: [Key, Step | undefined][] = [
    ['why.paid', stepOf(status, 'paid')],
    ['why.takenOver', stepOf(status, 'takenOver')],
    ['why.declined', stepOf(status, 'declined')],
    ['why.answered', stepOf(status, 'delivered')],
    ['why.reported', stepOf(status, 'sealed')],
    ['why.final', stepOf(status, 'settled')],
    ['why.refunded', stepOf(status, 'refunded')],
  ];
  return [
    ...done.flatMap(([name, step]) =>
      step
        ? [`${t(name)}: ${clockText(step.at, createdAt)}, ${transactionText(step.transaction, links.explorer)}`]
        : [],
    ),
    ...(queryId ? [`queryId: \`${queryId}\``] : []),
  ];
}

type StepName = 'paid' | 'takenOver' | 'declined' | 'delivered' | 'sealed' | 'settled' | 'refunded';

function stepOf(status: AskStatus, name: StepName): Step | undefined {
  return name in status ? (status as Partial<Record<StepName, Step>>)[name] : undefined;
}
