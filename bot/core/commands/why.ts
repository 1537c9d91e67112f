import { answerHash } from '../../../contracts/client/Query.ts';
import { bytesOf } from '../../../contracts/client/Text.ts';
import { askByToken, asksOf } from '../../store/asks.ts';
import { type HostRecord, hostRecord } from '../../store/hostLog.ts';
import { askOfMessage } from '../../store/posts.ts';
import { type AskRecord, priceOf } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Key, Translate } from '../I18n.ts';
import type { Links } from '../Links.ts';
import { quote } from '../markdown/plain.ts';
import type { AskStatus, Button, Message, Step } from '../types.ts';
import { addressText, clockText, durationText, modelText, paragraphs, priceText, transactionText } from '../Words.ts';
import { type Command, pressButton } from './Command.ts';
import { stateText } from './history.ts';

/**
 * Everything there is to know about the question whose answer is replied to, else about the person's last: host, price, each step and
 * its transaction. Its button hands out an answer as it stands on chain.
 */
export const why: Command = {
  name: 'why',
  description: 'why.description',
  options: [],
  isPrivate: false,
  async run(context, { person, repliesTo }, t) {
    const { db } = context.store;
    const token = repliesTo && (await askOfMessage(db, repliesTo));
    const replied = token === undefined ? undefined : await askByToken(db, token);
    const [last] = replied ? [replied] : await asksOf(db, person, 1);
    return { note: last ? await explanation(context, last, t) : { text: t('history.none') } };
  },
  async press(context, _event, token, t) {
    const record = await askByToken(context.store.db, token);
    const answer = record && 'answer' in record.status ? record.status.answer : undefined;
    if (answer === undefined) return { note: { text: t('original.none') } };
    return {
      note: {
        text: t('original.how', { hash: `\`${answerHash(answer)}\``, bytes: bytesOf(answer).length }),
        file: { name: 'answer.md', text: answer },
      },
    };
  },
};

/** The button under an answer that hands out its untouched bytes. */
export function originalButton(token: string, t: Translate): Button {
  return pressButton('why', token, t('original.button'));
}

async function explanation({ links, store }: Context, last: AskRecord, t: Translate): Promise<Message> {
  const { model, host, status } = last;
  const price = priceOf(last);
  const text = (amount: bigint) => priceText(amount, price, t);
  const now = 'host' in status ? status.host : host;
  const record = recordText(await hostRecord(store.db, now), t);
  return {
    text: paragraphs(
      quote(last.question, 200),
      [
        t('why.model', { model: modelText(model, t), id: `#${model.id}` }),
        t('why.price', { price: text(price.amount), host: text(price.hostPrice), seller: text(price.royalty) }),
        t('why.host', { host: addressText(host, links.explorer), choice: choiceText(last, t) }),
        ...(now === host ? [] : [t('why.hostNow', { host: addressText(now, links.explorer) })]),
        t('why.record', { record }),
        t('why.now', { state: stateText(status, t) }),
        ...steps(last, links, t),
      ]
        .map((fact) => `- ${fact}`)
        .join('\n'),
    ),
  };
}

/** Why this host, as it was when the question was asked. */
function choiceText({ soleHost, choice }: AskRecord, t: Translate): string {
  if (soleHost) return t('why.choiceSole');
  if (!choice || (choice.cheaper === 0 && choice.refused === 0)) return t('why.choiceCheapest');
  return t('why.choiceRecord', choice);
}

function recordText({ answered, missed, unfinished, disputesLost, seconds }: HostRecord, t: Translate): string {
  const asked = answered + missed;
  if (seconds === undefined) return t(asked === 0 ? 'why.recordNone' : 'why.recordMissed', { asked });
  return t('why.recordText', { answered, asked, time: durationText(seconds, t), lost: disputesLost, unfinished });
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
