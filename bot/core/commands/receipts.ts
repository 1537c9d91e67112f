import { format } from '../../../contracts/client/Amount.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import { type Cell, toCsv } from '../../../contracts/client/support/Csv.ts';
import { asksOf } from '../../store/asks.ts';
import { accountEvents, type PlacedAccountEvent } from '../../store/events.ts';
import { walletsOf } from '../../store/wallets.ts';
import { type AskRecord, priceOf } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import type { Message, Person } from '../types.ts';
import type { Command } from './Command.ts';

/** More than anybody reads; a file of some 300 KB. */
const mostAsks = 1_000;

const columns = ['time', 'what', 'amount', 'token', 'model', 'question', 'state', 'transaction', 'query_id'] as const;
type Row = Record<(typeof columns)[number], Cell>;

/** Everything that the person paid, put in and took out, as a file for a spreadsheet. */
export const receipts: Command = {
  name: 'receipts',
  description: 'receipts.description',
  options: [],
  isPrivate: true,
  run: async (context, { person }, t) => ({ secret: await file(context, person, t) }),
};

async function file(context: Context, person: Person, t: Translate): Promise<Message> {
  const { db } = context.store;
  const asks = await asksOf(db, person, mostAsks);
  const moves = await Promise.all(
    (await walletsOf(db, person)).map(({ address }) => accountEvents(db, accountOf(address))),
  );
  const rows = [
    ...asks.flatMap(rowOfAsk),
    ...(await Promise.all(moves.flat().map((event) => rowOfMove(context, event)))).flat(),
  ].sort((a, b) => String(a.time).localeCompare(String(b.time)));
  if (rows.length === 0) return { text: t('receipts.none') };
  return {
    text: t('receipts.about', { count: rows.length }),
    file: { name: 'receipts.csv', text: toCsv(columns, rows) },
  };
}

function rowOfAsk(record: AskRecord): Row[] {
  const { status, model, question, queryId } = record;
  if (!('paid' in status)) return [];
  const price = priceOf(record);
  return [
    {
      time: timeText(status.paid.at),
      what: 'question',
      amount: format(-price.amount, price.decimals),
      token: price.symbol,
      model: model.name,
      question,
      state: status.state,
      transaction: status.paid.transaction,
      query_id: queryId ?? null,
    },
    ...(status.state === 'refunded'
      ? [
          {
            time: timeText(status.refunded.at),
            what: 'refund',
            amount: format(status.amount, price.decimals),
            token: price.symbol,
            model: model.name,
            question,
            state: status.state,
            transaction: status.refunded.transaction,
            query_id: queryId ?? null,
          },
        ]
      : []),
  ];
}

async function rowOfMove({ market }: Context, event: PlacedAccountEvent): Promise<Row[]> {
  if (event.type !== 'Deposited' && event.type !== 'Withdrawn') return [];
  const { symbol, decimals } = await market.tokenInfo(event.token);
  return [
    {
      time: timeText(event.location.timestamp),
      what: event.type === 'Deposited' ? 'deposit' : 'withdrawal',
      amount: format(event.type === 'Deposited' ? event.amount : -event.amount, decimals),
      token: symbol,
      model: null,
      question: null,
      state: null,
      transaction: event.location.transactionHash,
      query_id: null,
    },
  ];
}

function timeText(at: number): string {
  return new Date(at * 1000).toISOString();
}
