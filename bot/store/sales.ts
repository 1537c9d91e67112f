import type { Hex } from '../../contracts/client/Hex.ts';
import type { Language } from '../core/I18n.ts';
import type { SellDraft } from '../core/selling/SellDraft.ts';
import type { Chat, Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import { fromJson, toJson } from './Json.ts';
import { chatKey } from './preferences.ts';
import type { Db, ListingRow } from './Tables.ts';

/** A listing that a seller's wallet was given to send; told of once when the chain has it. */
export type Listing = { workload: Hex; name: string; person: Person; chat: Chat; language: Language };

/** The person's unfinished sale in this chat. @param since unix seconds: older ones are over */
export async function saleOf(db: Db, person: Person, chat: Chat, since: number): Promise<SellDraft | undefined> {
  const row = await db
    .selectFrom('sales')
    .select('body')
    .where('owner', '=', personKey(person))
    .where('chat', '=', chatKey(chat))
    .where('at', '>=', since)
    .executeTakeFirst();
  return row && fromJson<SellDraft>(row.body);
}

/** @param draft undefined: it is over */
export async function keepSale(db: Db, person: Person, chat: Chat, draft: SellDraft | undefined, at: number) {
  const of = { owner: personKey(person), chat: chatKey(chat) };
  if (draft === undefined) {
    await db.deleteFrom('sales').where('owner', '=', of.owner).where('chat', '=', of.chat).execute();
    return;
  }
  const body = toJson(draft);
  await db
    .insertInto('sales')
    .values({ ...of, body, at })
    .onConflict((conflict) => conflict.columns(['owner', 'chat']).doUpdateSet({ body, at }))
    .execute();
}

export async function expectListing(db: Db, { workload, name, person, chat, language }: Listing): Promise<void> {
  await db
    .insertInto('listings')
    .values({
      workload,
      name,
      owner: personKey(person),
      person: toJson(person),
      chat: toJson(chat),
      language,
      model_id: null,
    })
    .onConflict((conflict) => conflict.columns(['workload', 'name', 'owner']).doUpdateSet({ model_id: null }))
    .execute();
}

/** Who waited for this listing: each is told once. The model's id is noted for when a host offers it. */
export async function foundListings(db: Db, workload: Hex, name: string, model: bigint): Promise<Listing[]> {
  const rows = await db
    .updateTable('listings')
    .set({ model_id: model.toString() })
    .where('workload', '=', workload)
    .where('name', '=', name)
    .where('model_id', 'is', null)
    .returningAll()
    .execute();
  return rows.map(listingOf);
}

/** Who waited for a host to offer this model; from now on nobody does. */
export async function offeredListings(db: Db, model: bigint): Promise<Listing[]> {
  const rows = await db.deleteFrom('listings').where('model_id', '=', model.toString()).returningAll().execute();
  return rows.map(listingOf);
}

function listingOf(row: ListingRow): Listing {
  return {
    workload: row.workload as Hex,
    name: row.name,
    person: fromJson(row.person),
    chat: fromJson(row.chat),
    language: row.language as Language,
  };
}
