import { z } from 'zod';
import { type Hex, zeroHash } from '../../contracts/client/Hex.ts';
import type { Location, MarketEvent } from '../../contracts/client/MarketEvent.ts';
import type { Journal } from './Journal.ts';
import { toJson } from './Json.ts';

type Located = MarketEvent & { location: Location };

/** Notes events and brings their asks up to date. Applying the same event again changes nothing. Returns the asks touched. */
export function applyEvents(journal: Journal, events: readonly Located[]): Set<Hex> {
  const touched = new Set<Hex>();
  for (const event of events) {
    if (event.type === 'ModelListed' || event.type === 'ModelUpdated') noteModel(journal, event);
    // Anybody can cause a thousand of these for any ask; they change nothing of its life.
    if (!('queryId' in event) || event.type === 'Skipped' || event.type === 'RelayFeePaid') continue;
    const { block, logIndex, timestamp, transactionHash } = event.location;
    journal.run(
      journal.db
        .insertInto('events')
        .values({
          block,
          log_index: logIndex,
          query_id: event.queryId,
          type: event.type,
          timestamp,
          transaction_hash: transactionHash,
          data: toJson(event),
        })
        .onConflict((conflict) => conflict.columns(['block', 'log_index']).doNothing()),
    );
    touched.add(event.queryId);
  }
  for (const queryId of touched) refold(journal, queryId);
  return touched;
}

/** Forgets what happened above `toBlock`; the chain no longer holds it. Returns the asks touched. */
export function undoAbove(journal: Journal, toBlock: number): Set<Hex> {
  const { db } = journal;
  const touched = new Set(
    journal
      .all(db.selectFrom('events').select('query_id').distinct().where('block', '>', toBlock))
      .map(({ query_id }) => query_id),
  );
  journal.run(db.deleteFrom('events').where('block', '>', toBlock));
  for (const queryId of touched) refold(journal, queryId);
  return touched;
}

function refold(journal: Journal, queryId: Hex): void {
  const { db } = journal;
  const life = journal.lifeOf(queryId);
  if (life === undefined) {
    journal.run(db.updateTable('asks').set({ state: 'none' }).where('query_id', '=', queryId));
    return;
  }
  const { ask, delivered, sealed } = life;
  const chain = {
    state: life.state,
    mine: ask.host === journal.host ? (1 as const) : (0 as const),
    account: ask.account.toString(),
    ask: toJson(ask),
    asked_at: life.askedAt,
    deadline: Number(ask.deadline),
    exclusive_until: Number(ask.exclusiveUntil),
    sole_host: ask.soleHost ? (1 as const) : (0 as const),
    by_report: ask.byReport ? (1 as const) : (0 as const),
    delivered_block: delivered?.block ?? null,
    delivered_log: delivered?.logIndex ?? null,
    delivered_at: delivered?.at ?? null,
    report_due: delivered === undefined ? null : delivered.at + Number(ask.reportWithin),
    answer_hash: delivered?.answerHash ?? null,
    deliverer: delivered?.host ?? null,
    report_query_id: sealed?.reportQueryId ?? null,
    reported_at: sealed?.at ?? null,
  };
  journal.run(
    db
      .insertInto('asks')
      .values({ query_id: queryId, ...chain, answer: null, answered_by: null, failure: null, action: null })
      .onConflict((conflict) => conflict.column('query_id').doUpdateSet(chain)),
  );
}

const metadataSchema = z.object({ turns: z.number().int().min(0).max(50).catch(0) });

function noteModel(journal: Journal, event: Extract<Located, { type: 'ModelListed' | 'ModelUpdated' }>): void {
  const row = {
    model_id: event.modelId.toString(),
    name: event.name,
    workload: event.workload,
    turns: turnsOf(event.metadata),
  };
  journal.run(
    journal.db
      .insertInto('models')
      .values(row)
      .onConflict((conflict) => conflict.column('model_id').doUpdateSet(row)),
  );
}

function turnsOf(metadata: string): number {
  try {
    return metadataSchema.parse(JSON.parse(metadata)).turns;
  } catch {
    return 0;
  }
}

/** Earlier turns are other people's texts and cost tokens: the newest that fit into so many UTF-8 bytes. */
const mostTurnBytes = 65_536;

/**
 * Earlier turns of the conversation that `parent` ends, oldest first: as many as `most`, and no more than fit. A turn without an
 * answer ends them.
 */
export function turnsBefore(journal: Journal, parent: Hex, most: number): { input: string; answer: string }[] {
  const turns: { input: string; answer: string }[] = [];
  const seen = new Set<Hex>();
  let bytes = 0;
  for (let id = parent; id !== zeroHash && turns.length < most && !seen.has(id); ) {
    seen.add(id);
    const life = journal.lifeOf(id);
    if (life?.delivered === undefined) break;
    bytes += Buffer.byteLength(life.input) + Buffer.byteLength(life.delivered.answer);
    if (bytes > mostTurnBytes) break;
    turns.unshift({ input: life.input, answer: life.delivered.answer });
    id = life.parent;
  }
  return turns;
}
