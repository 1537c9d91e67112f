import type { State } from '../../contracts/client/Ask.ts';
import type { Call } from '../../contracts/client/Call.ts';
import type { Hex } from '../../contracts/client/Hex.ts';
import type { Sender } from '../../contracts/client/send/Sender.ts';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { Journal } from '../store/Journal.ts';
import type { ActionKind, ActionRow } from '../store/Schema.ts';

export type Action = {
  key: string;
  kind: ActionKind;
  queryIds: readonly Hex[];
  reportQueryId?: Hex;
  call: Call;
  gasLimit?: bigint;
};

export type Actions = ReturnType<typeof createActions>;

/** The state in which an ask stands before a transaction of this kind, and still stands when it did nothing for it. */
const before: Readonly<Record<ActionKind, State[]>> = {
  deliver: ['open'],
  deliverByReport: ['open', 'delivered'],
  decline: ['open'],
  takeOver: ['open', 'declined'],
  report: ['delivered'],
  settle: ['sealed'],
};
/** Seconds before the next attempt, after the first failure; it doubles, up to an hour. */
const pauses: Readonly<Record<ActionKind, number>> = {
  deliver: 3,
  deliverByReport: 1,
  decline: 5,
  takeOver: 30,
  report: 1,
  settle: 600,
};
const refusedPause = 20;

/**
 * This host's transactions: noted in the journal together with the sender's intent, in one SQLite transaction, so that a
 * kill at any instruction leaves both or none; over when the follower has come to the block that holds them.
 */
export function createActions({
  journal,
  sender,
  log,
}: {
  journal: Journal;
  sender: Pick<Sender, 'enqueue' | 'outcomeOf'>;
  log: Log;
}) {
  const idsOf = (action: ActionRow): Hex[] => JSON.parse(action.query_ids) as Hex[];

  /** @param refused it was never sent, for want of gas money, say: no fault of its asks, and over as soon as its cause is */
  function fail(action: ActionRow, now: number, reason: string, refused: boolean): void {
    const failures = Math.max(0, ...idsOf(action).map((id) => journal.entry(id)?.failures ?? 0));
    journal.setAction(action.key, 'failed');
    const until = now + (refused ? refusedPause : pauseAfter(action.kind, failures));
    journal.release(action.key, { until, counts: !refused });
    for (const queryId of idsOf(action)) log.warn({ queryId, action: action.kind, reason }, 'transaction failed');
  }

  return {
    begin: ({ key, kind, queryIds, reportQueryId, call, gasLimit }: Action): void => {
      journal.atomically(() => {
        journal.beginAction({ key, kind, queryIds, ...(reportQueryId !== undefined && { reportQueryId }) });
        sender.enqueue({ key, call, note: kind, queryIds, ...(gasLimit !== undefined && { gasLimit }) });
      });
      for (const queryId of queryIds) log.info({ queryId, action: kind, intent: key }, 'transaction queued');
    },

    /** Whether one of these kinds waits to be mined. */
    busy: (...kinds: ActionKind[]): boolean => journal.actions('pending').some(({ kind }) => kinds.includes(kind)),
    /** The keys of those of a kind that wait to be mined. */
    pending: (of: ActionKind): string[] =>
      journal
        .actions('pending')
        .filter(({ kind }) => kind === of)
        .map(({ key }) => key),

    /**
     * Takes note of what became of the transactions.
     * @param now unix seconds, the chain's
     * @param followed the block up to which events are known
     */
    reconcile: (now: number, followed: number): void => {
      for (const action of journal.actions('pending')) {
        const outcome = sender.outcomeOf(action.key);
        if (outcome === undefined) continue;
        journal.atomically(() => {
          if (outcome.type === 'mined') {
            journal.setAction(action.key, 'mined', outcome.block);
            for (const queryId of idsOf(action))
              log.info(
                {
                  queryId,
                  action: action.kind,
                  transaction: outcome.hash,
                  block: outcome.block,
                  gasUsed: outcome.gasUsed,
                },
                'transaction mined',
              );
          } else if (outcome.type === 'reverted') fail(action, now, outcome.error.sentence, false);
          else fail(action, now, outcome.reason, true);
        });
      }
      for (const action of journal.actions('mined')) {
        if (action.block === null || action.block > followed) continue;
        journal.atomically(() => {
          journal.setAction(action.key, 'done');
          journal.release(action.key);
          for (const queryId of idsOf(action)) {
            const entry = journal.entry(queryId);
            if (entry === undefined || !before[action.kind].includes(entry.state)) continue;
            // An ask that is another host's now is no failure, except where this host wanted it; one that is its own now, likewise.
            if ((entry.mine === 1) === (action.kind === 'takeOver')) continue;
            journal.countFailure(queryId, now + pauseAfter(action.kind, entry.failures));
            log.warn(
              { queryId, action: action.kind, state: entry.state },
              'the transaction was mined and left this ask as it was',
            );
          }
        });
      }
    },

    /**
     * After a reorganisation: the sender brings what was mined above `toBlock` back to the chain by itself, so that it is under way
     * again. Another one for the same asks would be paid for twice.
     */
    undo: (toBlock: number): void => {
      for (const action of journal.actionsAbove(toBlock)) journal.reopenAction(action);
    },
  };
}

function pauseAfter(kind: ActionKind, failures: number): number {
  return Math.min(3_600, pauses[kind] * 2 ** Math.min(failures, 10));
}
