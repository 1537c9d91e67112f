import type { RefundReason } from '../../contracts/client/Ask.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { AskEvent, Location } from '../../contracts/client/MarketEvent.ts';
import type { Db } from './Tables.ts';

type Placed = AskEvent & { location: Location };

/** A seller's settled asks of one model. `royalties` in smallest units of `token`. */
export type Earning = { model: bigint; token: Address; asks: number; royalties: bigint };

/** Notes what an event says of hosts and sellers; the same place on the chain again changes nothing. */
export async function logMarket(db: Db, event: Placed): Promise<void> {
  const facts = factsOf(event);
  if (!facts) return;
  const { block, logIndex, timestamp } = event.location;
  await db
    .insertInto('market_log')
    .values({
      block,
      log_index: logIndex,
      at: timestamp,
      type: event.type,
      query_id: event.queryId,
      model_id: null,
      host: null,
      seller: null,
      token: null,
      royalty: null,
      reason: null,
      ...facts,
    })
    .onConflict((conflict) => conflict.columns(['block', 'log_index']).doNothing())
    .execute();
}

/** Forgets everything above `block`. */
export async function undoMarketLog(db: Db, block: number): Promise<void> {
  await db.deleteFrom('market_log').where('block', '>', block).execute();
}

/** Asks longer ago are refundable or long answered: nobody waits for them. Seconds. */
const waitsAtMost = 86_400;

/** Paid asks of the whole market, of the last day before `now`, that have neither an answer nor their money back. */
export async function openOnMarket(db: Db, now: number): Promise<number> {
  const { count } = await db
    .selectFrom('market_log as asked')
    .where('asked.type', '=', 'Asked')
    .where('asked.at', '>', now - waitsAtMost)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('market_log as done')
            .select('done.block')
            .whereRef('done.query_id', '=', 'asked.query_id')
            .where('done.type', 'in', ['Delivered', 'Refunded']),
        ),
      ),
    )
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** What a seller's models earned. An ask counts once its royalty was paid. */
export async function earningsOf(db: Db, seller: Address): Promise<Earning[]> {
  const rows = await db
    .selectFrom('market_log as settled')
    .innerJoin('market_log as asked', (join) =>
      join.onRef('asked.query_id', '=', 'settled.query_id').on('asked.type', '=', 'Asked'),
    )
    .where('settled.type', '=', 'Settled')
    .where('settled.seller', '=', seller)
    .select(['asked.model_id', 'asked.token', 'settled.royalty'])
    .execute();
  const sums = new Map<string, Earning>();
  for (const { model_id, token, royalty } of rows) {
    if (model_id === null || token === null) continue;
    const key = `${model_id} ${token}`;
    const sum = sums.get(key) ?? { model: BigInt(model_id), token: token as Address, asks: 0, royalties: 0n };
    sums.set(key, { ...sum, asks: sum.asks + 1, royalties: sum.royalties + BigInt(royalty ?? 0) });
  }
  return [...sums.values()];
}

type Facts = {
  model_id?: string;
  host?: Address;
  seller?: Address;
  token?: Address;
  royalty?: string;
  reason?: RefundReason;
};

function factsOf(event: { queryId: Hex } & AskEvent): Facts | undefined {
  switch (event.type) {
    case 'Asked':
      return {
        model_id: event.ask.model.toString(),
        host: event.host,
        seller: event.ask.seller,
        token: event.ask.token,
      };
    case 'TakenOver':
    case 'Delivered':
      return { host: event.host };
    case 'Settled':
      return { host: event.host, seller: event.seller, royalty: event.royalty.toString() };
    case 'Refunded':
      return { reason: event.reason };
    case 'Declined':
    case 'Sealed':
    case 'RelayFeePaid':
    case 'Skipped':
      return undefined;
  }
}
