import { format } from '../../../contracts/client/Amount.ts';
import { explain } from '../../../contracts/client/ContractError.ts';
import { askByToken, asksOf } from '../../store/asks.ts';
import { eventsOf } from '../../store/events.ts';
import { askOfMessage } from '../../store/posts.ts';
import type { AskRecord } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { quote } from '../markdown/plain.ts';
import type { PaymentRequest } from '../money/PaymentRequest.ts';
import type { Person } from '../types.ts';
import { clockText, paragraphs, priceLabel, priceText } from '../Words.ts';
import { type Command, type CommandEvent, type PressEvent, pressButton, type Response } from './Command.ts';
import { requestLink } from './requestCommand.ts';

/** How far back the answer to dispute is looked for. */
const lookBack = 20;

/**
 * Says what disputing an answer means and costs, and gives the link with which the asker's own wallet does it. Anybody may dispute
 * any answer: the one replied to, else one's own last.
 */
export const dispute: Command = {
  name: 'dispute',
  description: 'dispute.description',
  options: [],
  isPrivate: true,
  run: async (context, event, t) => explainDispute(context, await subjectOf(context, event), t),
  press: pressed,
};

async function subjectOf(context: Context, { person, repliesTo }: CommandEvent): Promise<AskRecord | undefined> {
  const { db } = context.store;
  const replied = repliesTo && (await askOfMessage(db, repliesTo));
  if (replied !== undefined) return askByToken(db, replied);
  return lastReported(context, person);
}

async function lastReported(context: Context, person: Person): Promise<AskRecord | undefined> {
  const asks = await asksOf(context.store.db, person, lookBack);
  return asks.find(({ status }) => status.state === 'reported') ?? asks[0];
}

/** The report that can be disputed now; `note`: why there is none. */
type Subject =
  | { ok: true; reportQueryId: `0x${string}`; reportedAt: number; until: number; fee: bigint }
  | { ok: false; note: string };

async function reportOf(context: Context, record: AskRecord | undefined, t: Translate): Promise<Subject> {
  const { market, store } = context;
  if (!record) return { ok: false, note: t('dispute.noAnswer') };
  const { status, queryId } = record;
  if (status.state === 'final') return { ok: false, note: t('dispute.tooLate') };
  if (status.state === 'delivered') return { ok: false, note: t('dispute.notReported') };
  if (status.state !== 'reported' || !queryId) return { ok: false, note: t('dispute.noAnswer') };
  const sealed = (await eventsOf(store.db, queryId)).findLast((event) => event.type === 'Sealed');
  if (sealed?.type !== 'Sealed') return { ok: false, note: t('dispute.noAnswer') };
  const { reportQueryId } = sealed;
  const reportedAt = Number(sealed.reportedAt);
  try {
    const [now, fee, isDisputed] = await Promise.all([
      market.now(),
      market.disputes.fee(),
      market.disputes.isDisputed(reportQueryId, reportedAt),
    ]);
    if (isDisputed) return { ok: false, note: t('dispute.already') };
    if (now >= status.finalAt) return { ok: false, note: t('dispute.tooLate') };
    return { ok: true, reportQueryId, reportedAt, until: status.finalAt, fee };
  } catch (error) {
    context.log.warn({ err: error, queryId }, 'a dispute could not be described');
    return { ok: false, note: t('dispute.unavailable', { reason: explain(error).code }) };
  }
}

async function explainDispute(context: Context, record: AskRecord | undefined, t: Translate): Promise<Response> {
  const subject = await reportOf(context, record, t);
  if (!record || !subject.ok) return { note: { text: subject.ok ? t('dispute.noAnswer') : subject.note } };
  const { market } = context;
  const token = await market.tokenInfo(market.disputes.token);
  const fee = priceText(subject.fee, token, t);
  return {
    note: {
      text: paragraphs(
        t('dispute.title'),
        quote(record.question, 200),
        [t('dispute.meaning'), t('dispute.grounds'), t('dispute.won'), t('dispute.lost', { fee })]
          .map((line) => `- ${line}`)
          .join('\n'),
        t('dispute.until', { fee, until: clockText(subject.until, context.now()) }),
      ),
      buttons: [pressButton('dispute', record.token, t('dispute.button', { fee: priceLabel(subject.fee, token, t) }))],
    },
  };
}

async function pressed(context: Context, event: PressEvent, token: string, t: Translate): Promise<Response> {
  const { store, market } = context;
  const record = await askByToken(store.db, token);
  const subject = await reportOf(context, record, t);
  if (!record || !subject.ok) return { note: { text: subject.ok ? t('dispute.noAnswer') : subject.note } };
  const { reportQueryId, reportedAt, fee } = subject;
  const { symbol, decimals } = await market.tokenInfo(market.disputes.token);
  const price = { fee: format(fee, decimals, symbol) };
  const request: PaymentRequest = {
    type: 'transactions',
    title: { key: 'do.dispute.title' },
    facts: [
      { label: { key: 'do.dispute.question' }, value: record.question.slice(0, 200) },
      { label: { key: 'do.dispute.fee' }, value: price.fee },
      { label: { key: 'do.dispute.reported' }, value: { at: reportedAt } },
      { label: { key: 'do.dispute.queryId' }, value: reportQueryId },
    ],
    worst: { key: 'do.dispute.worst', values: price },
    done: { key: 'do.dispute.done' },
    calls: [
      { what: { key: 'do.dispute.approve', values: price }, ...market.disputes.approveFee(fee) },
      { what: { key: 'do.dispute.begin' }, ...market.disputes.begin(reportQueryId, reportedAt) },
    ],
  };
  return requestLink(context, event, request, 'dispute.link', t);
}
