import type { Selectable } from 'kysely';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { AskRecord } from '../core/AskRecord.ts';
import type { HostChoice } from '../core/HostChoice.ts';
import { isLanguage } from '../core/I18n.ts';
import type { Spend } from '../core/money/Spend.ts';
import { type Group, groupKey } from '../core/purse/Purse.ts';
import type { Chat, Person } from '../core/types.ts';
import { fromJson, toJson } from './Json.ts';
import type { AskRow, Db } from './Tables.ts';

export function personKey(person: Person): string {
  return `${person.platform}:${person.id}`;
}

export async function insertAsk(db: Db, record: AskRecord): Promise<void> {
  await db.insertInto('asks').values(rowOf(record)).execute();
}

/** Writes what changes in an ask's life; all else of an ask is fixed when it is made. */
export async function updateAsk(db: Db, record: AskRecord): Promise<void> {
  const row = rowOf(record);
  const { query_id, state, status, result_in, due_at, refund_due, refund_attempts } = row;
  const { taken_royalty, taken_host_price, spend, spend_state, purse, purse_at } = row;
  await db
    .updateTable('asks')
    .set({
      query_id,
      state,
      status,
      result_in,
      due_at,
      refund_due,
      refund_attempts,
      taken_royalty,
      taken_host_price,
      spend,
      spend_state,
      purse,
      purse_at,
    })
    .where('token', '=', record.token)
    .execute();
}

export async function askByToken(db: Db, token: string): Promise<AskRecord | undefined> {
  const row = await db.selectFrom('asks').selectAll().where('token', '=', token).executeTakeFirst();
  return row && recordOf(row);
}

export async function askByQuery(db: Db, queryId: Hex): Promise<AskRecord | undefined> {
  const row = await db.selectFrom('asks').selectAll().where('query_id', '=', queryId).executeTakeFirst();
  return row && recordOf(row);
}

/** The ask itself first, then those paid a second time. */
export async function asksBySalt(db: Db, userSalt: Hex): Promise<AskRecord[]> {
  const rows = await db
    .selectFrom('asks')
    .selectAll()
    .where('user_salt', '=', userSalt)
    .orderBy('created_at')
    .execute();
  return rows.map(recordOf).sort((a, b) => Number(a.sibling !== undefined) - Number(b.sibling !== undefined));
}

/** Asks whose money can go back since `clock` and that don't say so yet. */
export async function asksDue(db: Db, clock: number): Promise<AskRecord[]> {
  const rows = await db
    .selectFrom('asks')
    .selectAll()
    .where('due_at', '<', clock)
    .where('refund_due', '=', 0)
    .execute();
  return rows.map(recordOf);
}

/** Asks that the bot is to pay within an allowance and that are not on chain yet, oldest first. */
export async function asksToSpend(db: Db): Promise<AskRecord[]> {
  const rows = await db
    .selectFrom('asks')
    .selectAll()
    .where('spend_state', '=', 'pending')
    .where('query_id', 'is', null)
    .orderBy('created_at')
    .execute();
  return rows.map(recordOf);
}

/** Asks that a group's purse pays for, decided after `since` (unix seconds), oldest first. */
export async function asksOfPurse(
  db: Db,
  of: { group: Group; since: number; person?: string; token?: Address },
): Promise<AskRecord[]> {
  const { group, since, person, token } = of;
  const rows = await db
    .selectFrom('asks')
    .selectAll()
    .where('purse', '=', groupKey(group))
    .where('purse_at', '>', since)
    .$if(person !== undefined, (query) => query.where('person_key', '=', String(person)))
    .$if(token !== undefined, (query) => query.where('pay_token', '=', String(token)))
    .orderBy('purse_at')
    .execute();
  return rows.map(recordOf);
}

/** What asks take of an account that are sent or to be sent and that the bot has not seen on chain yet. Smallest units. */
export async function inFlightOf(db: Db, account: bigint, token: Address): Promise<bigint> {
  return (await asksToSpend(db)).reduce((sum, { spend, price }) => {
    const counts = spend?.state === 'pending' && spend.account === account && price.token === token;
    return counts ? sum + price.amount + spend.relayFee : sum;
  }, 0n);
}

/** What open asks of this bot hold of an account: asked, not answered for good nor refunded. Smallest units. */
export async function lockedOf(db: Db, account: bigint, token: Address): Promise<bigint> {
  const rows = await db
    .selectFrom('asks')
    .selectAll()
    .where('spend', 'is not', null)
    .where('pay_token', '=', token)
    .where('state', 'in', ['paid', 'declined', 'delivered', 'reported'])
    .execute();
  return rows
    .map(recordOf)
    .filter(({ spend }) => spend?.account === account)
    .reduce((sum, { price, taken }) => sum + (taken ? taken.royalty + taken.hostPrice : price.amount), 0n);
}

/** So many asks are read at once: a busy market has a hundred thousand whose answers are not final yet. */
const pageOfAsks = 500;

/** Asks whose answer stands on the oracle and whose host isn't paid yet. */
export async function* asksReported(db: Db): AsyncGenerator<AskRecord> {
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('asks')
      .selectAll()
      .where('state', '=', 'reported')
      .where('token', '>', after)
      .orderBy('token')
      .limit(pageOfAsks)
      .execute();
    for (const row of rows) yield recordOf(row);
    const last = rows.at(-1);
    if (!last || rows.length < pageOfAsks) return;
    after = last.token;
  }
}

/** Asks whose money is due back and not back yet. */
export async function asksToRefund(db: Db): Promise<AskRecord[]> {
  const rows = await db.selectFrom('asks').selectAll().where('refund_due', '=', 1).execute();
  return rows.map(recordOf);
}

export async function asksExpired(db: Db, now: number): Promise<AskRecord[]> {
  const rows = await db
    .selectFrom('asks')
    .selectAll()
    .where('state', '=', 'awaiting')
    .where('expires_at', '<=', now)
    .execute();
  return rows.map(recordOf);
}

export async function nextExpiry(db: Db): Promise<number | undefined> {
  const row = await db
    .selectFrom('asks')
    .select((select) => select.fn.min('expires_at').as('at'))
    .where('state', '=', 'awaiting')
    .executeTakeFirst();
  return row?.at ?? undefined;
}

/** The person's own asks, newest first. */
export async function asksOf(db: Db, person: Person, limit: number, offset = 0): Promise<AskRecord[]> {
  const rows = await db
    .selectFrom('asks')
    .selectAll()
    .where('person_key', '=', personKey(person))
    .where('sibling', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('token')
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map(recordOf);
}

/** The newest ask of exactly this chat or thread that has an answer that stands. */
export async function lastAnswered(db: Db, chat: Chat): Promise<AskRecord | undefined> {
  const row = await db
    .selectFrom('asks')
    .selectAll()
    .where('chat', '=', toJson(chat))
    .where('state', 'in', ['delivered', 'reported', 'final'])
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && recordOf(row);
}

/** How many asks of this bot's are paid and wait for their answer. */
export async function openAsks(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('asks')
    .where('state', 'in', ['paid', 'declined'])
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How many asks the person made; those that were paid a second time count once. */
export async function countAsks(db: Db, person: Person): Promise<number> {
  const { count } = await db
    .selectFrom('asks')
    .where('person_key', '=', personKey(person))
    .where('sibling', 'is', null)
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** When the person made each ask since `since`, oldest first. */
export async function askTimes(db: Db, person: Person, since: number): Promise<number[]> {
  const rows = await db
    .selectFrom('asks')
    .select('created_at')
    .where('person_key', '=', personKey(person))
    .where('created_at', '>', since)
    .where('sibling', 'is', null)
    .orderBy('created_at')
    .execute();
  return rows.map((row) => row.created_at);
}

/** The same for one chat, its threads included. */
export async function askTimesIn(db: Db, person: Person, chat: Chat, since: number): Promise<number[]> {
  const rows = await db
    .selectFrom('asks')
    .select(['created_at', 'chat'])
    .where('person_key', '=', personKey(person))
    .where('created_at', '>', since)
    .where('sibling', 'is', null)
    .where('chat', 'is not', null)
    .orderBy('created_at')
    .execute();
  return rows.flatMap((row) => (row.chat !== null && fromJson<Chat>(row.chat).id === chat.id ? [row.created_at] : []));
}

function rowOf(record: AskRecord): Omit<Selectable<AskRow>, 'forget'> {
  const { status, price } = record;
  const refundDue = 'refundDue' in status && status.refundDue !== undefined;
  return {
    token: record.token,
    chat: record.chat ? toJson(record.chat) : null,
    reply_to: record.replyTo ?? null,
    person_key: personKey(record.person),
    person: toJson(record.person),
    language: record.language,
    question: record.question,
    note: record.note ?? null,
    model_id: record.model.id.toString(),
    model_name: record.model.name,
    workload: record.workload,
    script: record.script,
    host: record.host,
    pay_token: price.token,
    symbol: price.symbol,
    decimals: price.decimals,
    royalty: price.royalty.toString(),
    host_price: price.hostPrice.toString(),
    taken_royalty: record.taken?.royalty.toString() ?? null,
    taken_host_price: record.taken?.hostPrice.toString() ?? null,
    sole_host: Number(record.soleHost),
    choice: record.choice ? toJson(record.choice) : null,
    user_salt: record.userSalt,
    parent: record.parent,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    query_id: record.queryId ?? null,
    sibling: record.sibling ?? null,
    state: status.state,
    status: toJson(status),
    result_in: record.resultIn ?? null,
    due_at: record.dueAt ?? null,
    refund_due: Number(refundDue),
    refund_attempts: record.refundAttempts,
    spend: record.spend ? toJson(record.spend) : null,
    spend_state: record.spend?.state ?? null,
    ...purseColumns(record),
  };
}

function purseColumns({ spend }: AskRecord): Pick<AskRow, 'purse' | 'purse_at'> {
  const use = spend?.state === 'pending' ? spend.purse : undefined;
  return { purse: use?.group ?? null, purse_at: use?.at ?? null };
}

function recordOf(row: Selectable<AskRow>): AskRecord {
  const royalty = BigInt(row.royalty);
  const hostPrice = BigInt(row.host_price);
  return {
    token: row.token,
    ...(row.chat !== null && { chat: fromJson(row.chat) }),
    ...(row.reply_to !== null && { replyTo: row.reply_to }),
    person: fromJson(row.person),
    language: isLanguage(row.language) ? row.language : 'en',
    question: row.question,
    ...(row.note !== null && { note: row.note }),
    model: { id: BigInt(row.model_id), name: row.model_name },
    workload: row.workload as Hex,
    script: row.script,
    host: row.host as Address,
    price: {
      amount: royalty + hostPrice,
      token: row.pay_token as Address,
      symbol: row.symbol,
      decimals: row.decimals,
      royalty,
      hostPrice,
    },
    ...(row.taken_royalty !== null &&
      row.taken_host_price !== null && {
        taken: { royalty: BigInt(row.taken_royalty), hostPrice: BigInt(row.taken_host_price) },
      }),
    soleHost: row.sole_host === 1,
    ...(row.choice !== null && { choice: fromJson<HostChoice>(row.choice) }),
    userSalt: row.user_salt as Hex,
    parent: row.parent as Hex,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.query_id !== null && { queryId: row.query_id as Hex }),
    ...(row.sibling !== null && { sibling: row.sibling }),
    status: fromJson(row.status),
    ...(row.result_in !== null && { resultIn: row.result_in === 'answer' ? 'answer' : 'card' }),
    ...(row.due_at !== null && { dueAt: row.due_at }),
    refundAttempts: row.refund_attempts,
    ...(row.spend !== null && { spend: fromJson<Spend>(row.spend) }),
  };
}
