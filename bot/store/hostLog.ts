import type { RefundReason } from '../../contracts/client/Ask.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { AskEvent, Location } from '../../contracts/client/MarketEvent.ts';
import type { Db } from './Tables.ts';

type Placed = AskEvent & { location: Location };

/**
 * What a host did with an ask that was its own. `missed`: it declined it or was silent until another took over or the money went back.
 * `unfinished`: it answered, but the answer was never reported or never became final. `disputeLost`: the vote went against its answer.
 */
export type Outcome = 'answered' | 'missed' | 'unfinished' | 'disputeLost';

/** What hosts did lately, from every ask of the market, whoever's bot it came through. */
export type HostRecord = {
  /** Delivered in time; a later one is no answer to the market. */
  answered: number;
  missed: number;
  unfinished: number;
  disputesLost: number;
  /** Median from when the ask became this host's to its answer, seconds; absent: none yet. */
  seconds?: number;
};

/** A record is of so many of a host's last outcomes, so that it can't rest on what it did long ago. */
export const lastOutcomes = 200;

/** Notes what an event says of the host whose the ask was; the same place on the chain again changes nothing. */
export async function logHost(db: Db, event: Placed): Promise<void> {
  const outcome = outcomeOf(event);
  const { block, logIndex, timestamp } = event.location;
  const held = outcome && (await heldBefore(db, event.queryId, block, logIndex));
  if (!held) return;
  await db
    .insertInto('host_log')
    .values({
      block,
      log_index: logIndex,
      host: held.host,
      model_id: held.model,
      outcome,
      seconds: outcome === 'answered' ? timestamp - held.since : null,
    })
    .onConflict((conflict) => conflict.columns(['block', 'log_index']).doNothing())
    .execute();
}

/** Forgets everything above `block`. */
export async function undoHostLog(db: Db, block: number): Promise<void> {
  await db.deleteFrom('host_log').where('block', '>', block).execute();
}

/** @param model only asks of this model; absent: of any */
export async function hostRecord(db: Db, host: Address, model?: bigint): Promise<HostRecord> {
  const rows = await db
    .selectFrom('host_log')
    .select(['outcome', 'seconds'])
    .where('host', '=', host)
    .$if(model !== undefined, (query) => query.where('model_id', '=', String(model)))
    .orderBy('block', 'desc')
    .orderBy('log_index', 'desc')
    .limit(lastOutcomes)
    .execute();
  const count = (wanted: Outcome) => rows.filter(({ outcome }) => outcome === wanted).length;
  const times = rows.flatMap(({ seconds }) => (seconds === null ? [] : [seconds])).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return {
    answered: count('answered'),
    missed: count('missed'),
    unfinished: count('unfinished'),
    disputesLost: count('disputeLost'),
    ...(median !== undefined && { seconds: median }),
  };
}

/** Whose the ask was before this place on the chain, and since when (unix seconds). */
async function heldBefore(
  db: Db,
  queryId: Hex,
  block: number,
  logIndex: number,
): Promise<{ host: Address; model: string; since: number } | undefined> {
  const rows = await db
    .selectFrom('market_log')
    .select(['type', 'host', 'model_id', 'at'])
    .where('query_id', '=', queryId)
    .where('type', 'in', ['Asked', 'TakenOver'])
    .where((where) =>
      where.or([
        where('block', '<', block),
        where.and([where('block', '=', block), where('log_index', '<', logIndex)]),
      ]),
    )
    .orderBy('block', 'desc')
    .orderBy('log_index', 'desc')
    .execute();
  const last = rows[0];
  const model = rows.find(({ type }) => type === 'Asked')?.model_id;
  if (!last?.host || !model) return undefined;
  return { host: last.host as Address, model, since: last.at };
}

function outcomeOf(event: AskEvent): Outcome | undefined {
  switch (event.type) {
    case 'TakenOver':
      return 'missed';
    case 'Delivered':
      return 'answered';
    case 'Refunded':
      return refunded[event.reason];
    default:
      return undefined;
  }
}

const refunded: Readonly<Record<RefundReason, Outcome>> = {
  declined: 'missed',
  overdue: 'missed',
  notReported: 'unfinished',
  backstop: 'unfinished',
  disputeLost: 'disputeLost',
};
