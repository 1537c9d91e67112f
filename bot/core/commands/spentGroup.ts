import { format } from '../../../contracts/client/Amount.ts';
import { type Cell, toCsv } from '../../../contracts/client/support/Csv.ts';
import { asksOfPurse, personKey } from '../../store/asks.ts';
import { purseExpenses } from '../../store/expenses.ts';
import { purseOf } from '../../store/purses.ts';
import { type AskRecord, priceOf } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { type Group, groupOf } from '../purse/Purse.ts';
import { spendingBy } from '../spending/Spending.ts';
import type { Message, Person } from '../types.ts';
import { modelText, nameText, paragraphs, priceText } from '../Words.ts';
import type { CommandEvent, Response } from './Command.ts';
import { spentMessage } from './spentMessage.ts';

const columns = [
  'time',
  'member',
  'member_id',
  'model',
  'amount',
  'token',
  'state',
  'transaction',
  'query_id',
] as const;
type Row = Record<(typeof columns)[number], Cell>;

/**
 * What the group's purse paid: for its admins of everybody, by member and by model; for a member his own share.
 * @param of.asFile as a table for a spreadsheet
 */
export async function spentOfGroup(
  context: Context,
  event: CommandEvent,
  of: { days: number; asFile: boolean },
  t: Translate,
): Promise<Response> {
  const group = groupOf(event);
  if (!group) return { note: { text: t('purse.noGroup') } };
  const { db } = context.store;
  if (!(await purseOf(db, group))) return { note: { text: t('purse.none') } };
  const { days, asFile } = of;
  const since = context.now() - days * 86_400;
  const member = event.isAdmin === true ? undefined : event.person;
  const message = asFile
    ? await file(context, group, since, member, t)
    : await overview(context, group, since, member, t);
  if (!message) return { note: { text: t('spentGroup.nothing', { days }) } };
  const text = paragraphs(t(member ? 'spentGroup.yours' : 'spentGroup.title', { days }), message.text);
  return member ? { note: { ...message, text } } : { secret: { ...message, text } };
}

async function overview(
  { store }: Context,
  group: Group,
  since: number,
  member: Person | undefined,
  t: Translate,
): Promise<Message | undefined> {
  const expenses = await purseExpenses(store.db, group, since, member);
  if (expenses.length === 0) return undefined;
  const byModel = spendingBy(
    expenses,
    ({ model }) => model,
    ({ id, name }) => `${id} ${name}`,
  );
  if (member) return spentMessage(byModel, (model) => modelText(model, t), t('spentGroup.models'), t);
  const byMember = spendingBy(expenses, ({ person }) => person, personKey);
  const message = spentMessage(byMember, ({ name, id }) => nameText(name, id), t('spentGroup.members'), t);
  const models = byModel.flatMap(({ token, shares }) =>
    shares.map(
      ({ subject, asks, amount }) =>
        `- **${modelText(subject, t)}**: ${t('spent.share', { asks, amount: priceText(amount, token, t) })}`,
    ),
  );
  return {
    ...message,
    text: paragraphs(message.text, ...(models.length > 0 ? [t('spentGroup.models'), models.join('\n')] : [])),
  };
}

async function file(
  { store }: Context,
  group: Group,
  since: number,
  member: Person | undefined,
  t: Translate,
): Promise<Message | undefined> {
  const asks = await asksOfPurse(store.db, { group, since, ...(member && { person: personKey(member) }) });
  const rows = asks.flatMap(rowOf);
  if (rows.length === 0) return undefined;
  return {
    text: t('spentGroup.file', { count: rows.length }),
    file: { name: 'purse.csv', text: toCsv(columns, rows) },
  };
}

/** What never reached the chain is no row. */
function rowOf(record: AskRecord): Row[] {
  const { status, person, model, queryId } = record;
  if (!('paid' in status)) return [];
  const { amount, decimals, symbol } = priceOf(record);
  return [
    {
      time: new Date(status.paid.at * 1_000).toISOString(),
      member: person.name,
      member_id: person.id,
      model: model.name,
      amount: format(amount, decimals),
      token: symbol,
      state: status.state,
      transaction: status.paid.transaction,
      query_id: queryId ?? null,
    },
  ];
}
