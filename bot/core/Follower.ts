import { nanoid } from 'nanoid';
import type { Hex } from '../../contracts/client/Hex.ts';
import { isPurse, ownerOf } from '../../contracts/client/Market.ts';
import {
  type AccountEvent,
  type AskEvent,
  isAccountEvent,
  type Location,
  type MarketEvent,
} from '../../contracts/client/MarketEvent.ts';
import { askByQuery, asksBySalt, asksDue, insertAsk } from '../store/asks.ts';
import {
  eventsOf,
  insertEvent,
  type PlacedRegistryEvent,
  readCursor,
  registryEvents,
  undoEvents,
  writeCursor,
} from '../store/events.ts';
import { logHost, undoHostLog } from '../store/hostLog.ts';
import { logMarket, undoMarketLog } from '../store/marketLog.ts';
import type { Changes } from '../store/Store.ts';
import type { Db } from '../store/Tables.ts';
import { endSpending, isWatched } from '../store/wallets.ts';
import type { AskRecord } from './AskRecord.ts';
import type { Context } from './Context.ts';
import type { PlacedEvent } from './Life.ts';
import { refresh } from './Refresh.ts';
import { announce } from './selling/announce.ts';

type Placed = MarketEvent & { location: Location };

/** What `follow` tells, with its cursor as it is to be stored. */
export type ChainUpdate =
  | { type: 'forward'; from: number; to: number; timestamp: number; events: readonly Placed[]; cursor: unknown }
  | { type: 'undo'; toBlock: number; cursor: unknown };

export type Follower = {
  /** The stored cursor, as JSON; the catalog holds what is for sale from then on. */
  start(): Promise<string | undefined>;
  /** Does everything an update causes and moves the cursor, in one transaction. The same update again changes nothing. */
  onUpdate(update: ChainUpdate): Promise<void>;
};

/** How many payments of one ask by other wallets are taken on. More would let a stranger fill a chat. */
const maxSiblings = 3;

export function createFollower(context: Context): Follower {
  const { store, catalog } = context;

  async function rebuildCatalog(): Promise<void> {
    const events = await registryEvents(store.db);
    catalog.reset();
    for (const event of events) catalog.apply(event);
  }

  async function forward(update: Extract<ChainUpdate, { type: 'forward' }>): Promise<void> {
    const listings: PlacedRegistryEvent[] = [];
    await store.commit(async (db, changes) => {
      listings.length = 0;
      const touched = new Set<Hex>();
      for (const event of update.events) {
        if (isAccountEvent(event)) {
          if (!(await isWatched(db, event.account))) continue;
          await endRevoked(db, event);
          await insertEvent(db, event, { account: event.account });
          changes.accounts.add(event.account);
        } else if (isRegistryEvent(event)) {
          await insertEvent(db, event);
          await announce(context, db, changes, event);
          listings.push(event);
        } else {
          await logMarket(db, event);
          await logHost(db, event);
          if (!(await concerns(db, context, event))) continue;
          await insertEvent(db, event, { queryId: event.queryId });
          touched.add(event.queryId);
          context.log.info({ queryId: event.queryId, block: event.location.block }, event.type);
        }
      }
      await writeCursor(db, JSON.stringify(update.cursor), update.timestamp);
      for (const queryId of touched) await refreshQuery(db, changes, queryId, update.timestamp);
      for (const due of await asksDue(db, update.timestamp)) await refresh(context, db, changes, due, update.timestamp);
    });
    for (const event of listings) catalog.apply(event);
  }

  /** The owner may end a limit without the bot. Undone by a reorganisation, the limit is to be signed again. */
  async function endRevoked(db: Db, event: AccountEvent & { location: Location }): Promise<void> {
    const wallet = isPurse(event.account) ? undefined : ownerOf(event.account);
    if (wallet === undefined) return;
    const before = event.location.block;
    if (event.type === 'AllAllowancesRevoked') await endSpending(db, wallet, { before });
    if (event.type === 'AllowanceRevoked' && event.spender === context.accounts.spender)
      await endSpending(db, wallet, { token: event.token, before });
  }

  async function undo(update: Extract<ChainUpdate, { type: 'undo' }>): Promise<void> {
    await store.commit(async (db, changes) => {
      await undoMarketLog(db, update.toBlock);
      await undoHostLog(db, update.toBlock);
      const lost = await undoEvents(db, update.toBlock);
      const clock = (await readCursor(db))?.clock ?? 0;
      await writeCursor(db, JSON.stringify(update.cursor));
      for (const queryId of lost.asks) await refreshQuery(db, changes, queryId, clock);
      for (const account of lost.accounts) changes.accounts.add(account);
      context.log.info({ toBlock: update.toBlock, asks: lost.asks.length }, 'chain reorganised');
    });
    await rebuildCatalog();
  }

  async function refreshQuery(db: Db, changes: Changes, queryId: Hex, clock: number): Promise<void> {
    const record = await askByQuery(db, queryId);
    if (!record) return;
    const events = await eventsOf(db, queryId);
    // Not on chain any more: another wallet's payment may now be the first. A sibling is known by its queryId alone.
    if (events.length === 0 && !record.sibling) delete record.queryId;
    await refresh(context, db, changes, record, clock, events);
  }

  return {
    async start() {
      await rebuildCatalog();
      return (await readCursor(store.db))?.body;
    },
    async onUpdate(update) {
      if (update.type === 'forward') await forward(update);
      else await undo(update);
    },
  };
}

function isRegistryEvent(event: Exclude<Placed, AccountEvent>): event is PlacedRegistryEvent {
  return !('queryId' in event);
}

/** Whether an event belongs to an ask of this bot; a payment finds its ask by the salt. */
async function concerns(db: Db, context: Context, event: PlacedEvent): Promise<boolean> {
  if (await askByQuery(db, event.queryId)) return true;
  if (event.type !== 'Asked') return false;
  const [first, ...siblings] = await asksBySalt(db, event.userSalt);
  if (!first) return false;
  if (!matches(first, event)) {
    context.log.warn(
      { queryId: event.queryId },
      'a payment uses the salt of an ask of ours for something else: ignored',
    );
    return false;
  }
  if (!first.queryId) {
    await db.updateTable('asks').set({ query_id: event.queryId }).where('token', '=', first.token).execute();
    return true;
  }
  if (siblings.length >= maxSiblings) {
    context.log.warn({ queryId: event.queryId }, 'an ask of ours is paid again and again: ignored');
    return false;
  }
  const { resultIn: _, dueAt: __, taken: ___, spend: ____, ...shared } = first;
  await insertAsk(db, {
    ...shared,
    token: nanoid(),
    sibling: first.token,
    queryId: event.queryId,
    createdAt: context.now(),
    status: { state: 'expired' },
    refundAttempts: 0,
  });
  return true;
}

/** A payment is for an ask when everything that was shown before paying is as it was shown, or cheaper. */
function matches(record: AskRecord, event: Extract<AskEvent, { type: 'Asked' }>): boolean {
  return (
    event.workload === record.workload &&
    event.input === record.question &&
    event.parent === record.parent &&
    event.ask.model === record.model.id &&
    event.ask.token === record.price.token &&
    event.ask.royalty + event.ask.hostPrice <= record.price.amount
  );
}
