import { updateAsk } from '../store/asks.ts';
import { eventsOf } from '../store/events.ts';
import { partsOf, postId } from '../store/posts.ts';
import type { Changes } from '../store/Store.ts';
import type { Db } from '../store/Tables.ts';
import type { AskRecord } from './AskRecord.ts';
import { hasResult } from './Card.ts';
import type { Context } from './Context.ts';
import { life, type PlacedEvent } from './Life.ts';
import { say } from './Say.ts';

/**
 * Brings an ask to what its events say and its messages to what it is now, in the caller's transaction.
 * @param clock timestamp of the latest block
 * @param events all of the ask's; read from the store when not given
 */
export async function refresh(
  context: Context,
  db: Db,
  changes: Changes,
  record: AskRecord,
  clock: number,
  events?: readonly PlacedEvent[],
): Promise<void> {
  const known = events ?? (record.queryId ? await eventsOf(db, record.queryId) : []);
  const now = context.now();
  const lived = life(known, clock);
  const { dueAt: _, taken: __, ...rest } = record;
  const awaiting = !record.sibling && record.expiresAt > now;
  const next: AskRecord = {
    ...rest,
    status: lived?.status ?? unpaid(record, awaiting),
    ...(lived && { taken: { royalty: lived.ask.royalty, hostPrice: lived.ask.hostPrice } }),
    ...(lived?.dueAt !== undefined && { dueAt: lived.dueAt }),
    ...triedSpend(record, known),
  };
  if (!next.resultIn && hasResult(next.status)) next.resultIn = await placeOfResult(context, db, next, now);
  await updateAsk(db, next);
  await say(context, db, changes, next);
  changes.asks.add(next.token);
}

/** It seemed to have failed, and the chain shows that it was sent before: an earlier run had, whose journal is lost. */
function triedSpend({ spend }: AskRecord, events: readonly PlacedEvent[]): Pick<AskRecord, 'spend'> {
  if (spend?.state !== 'failed' || !spend.tried) return {};
  const wasSent = events.some((event) => event.type === 'Asked' && event.account === spend.account);
  return wasSent ? { spend: spend.tried } : {};
}

function unpaid({ spend, expiresAt }: AskRecord, awaiting: boolean): AskRecord['status'] {
  if (spend?.state === 'pending') return { state: 'sending' };
  return awaiting ? { state: 'awaiting', expiresAt } : { state: 'expired' };
}

/** People look at a card for a while after asking; later only a new message tells them. */
async function placeOfResult(context: Context, db: Db, record: AskRecord, now: number): Promise<'card' | 'answer'> {
  const card = (await partsOf(db, postId('card', record.token)))[0];
  if (card?.state !== 'sent' || card.sentAt === undefined) return 'card';
  return now - card.sentAt > context.rules.lateSeconds ? 'answer' : 'card';
}
