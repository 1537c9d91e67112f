import type { Update } from '../../contracts/client/follow/follow.ts';
import type { Location, MarketEvent } from '../../contracts/client/MarketEvent.ts';
import { applyEvents, undoAbove } from '../store/applyUpdate.ts';
import type { Actions } from './Actions.ts';
import { type AnsweringOptions, createAnswering } from './Answering.ts';
import type { Planner } from './Planner.ts';
import { createRunner } from './Runner.ts';
import type { TakeOvers } from './TakeOvers.ts';

export type ReporterOptions = Omit<AnsweringOptions, 'clock' | 'onAnswer'> & {
  actions: Actions;
  planner: Planner;
  /** Undefined: it takes none over. */
  takeOvers: TakeOvers | undefined;
  /** Model runs at a time. */
  concurrency: number;
  /** A clock that only goes forward, milliseconds. Default: the process's own. */
  elapsedMs?: () => number;
};

export type Reporter = ReturnType<typeof createReporter>;

/** Answers that come together go together: the first waits so long for others that were just begun. Milliseconds. */
const gatherMs = 200;
const justBegunMs = 400;
const refillMs = 20;

/** What this host does about its asks: the chain's events come in through `apply`, `tick` does whatever is due. */
export function createReporter(options: ReporterOptions) {
  const { journal, actions, planner, log, elapsedMs = () => performance.now() } = options;
  let now = Number(journal.meta('timestamp') ?? 0);
  let followed = Number(journal.meta('followed') ?? 0);
  let heardAt = elapsedMs();
  let warnedAt = Number.NEGATIVE_INFINITY;
  let ticking: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let firstAnswerAt: number | undefined;
  let alarm: NodeJS.Timeout | undefined;

  const answering = createAnswering({
    ...options,
    clock,
    onAnswer: () => {
      firstAnswerAt ??= performance.now();
    },
  });
  const runner = createRunner(options.concurrency, answering, soon);
  let refill: NodeJS.Timeout | undefined;

  /** Runs that end together are followed by one look at the journal. */
  function soon(): void {
    refill ??= setTimeout(() => {
      refill = undefined;
      try {
        fill();
      } finally {
        void tick();
      }
    }, refillMs);
  }

  /** Free places are filled without waiting for what the chain says of the transactions. */
  function fill(): void {
    if (stopped || options.concurrency <= runner.running()) return;
    runner.fill(journal.unanswered(clock(), options.concurrency * 2, options.concurrency * 16));
  }

  async function once(): Promise<void> {
    const at = clock();
    actions.reconcile(at, followed);
    fill();
    await planner.plan(at, now, gathering());
    await options.takeOvers?.plan(at, options.concurrency - runner.running());
  }
  /** A delivery that leaves now would keep the answers of the next moment waiting until it is mined. */
  function gathering(): boolean {
    const isYoung = (runner.newestAge() ?? Number.POSITIVE_INFINITY) < justBegunMs;
    if (isYoung && firstAnswerAt !== undefined && performance.now() - firstAnswerAt < gatherMs) {
      if (!alarm) alarm = setTimeout(ring, gatherMs).unref();
      return true;
    }
    firstAnswerAt = undefined;
    return false;
  }
  function ring(): void {
    alarm = undefined;
    void tick();
  }

  /** The chain's time: an idle chain makes no blocks, and its clock goes on all the same. */
  function clock(): number {
    return now + Math.floor((elapsedMs() - heardAt) / 1_000);
  }

  function tick(): Promise<void> {
    if (ticking !== undefined) {
      again = true;
      return ticking;
    }
    ticking = (async () => {
      do {
        again = false;
        try {
          await once();
        } catch (error) {
          // A node that is away for an hour is one line a minute, not one a tick.
          if (performance.now() - warnedAt > 60_000) {
            warnedAt = performance.now();
            log.warn({ err: error }, 'nothing can be planned at the moment; trying again');
          }
        }
      } while (again);
      ticking = undefined;
    })();
    return ticking;
  }

  return {
    /** Notes what the follower saw, with its cursor, in one transaction. */
    apply: (update: Update): void => {
      const touched = journal.atomically(() => {
        journal.setMeta('cursor', JSON.stringify(update.cursor));
        if (update.type === 'undo') {
          followed = update.toBlock;
          const ids = undoAbove(journal, update.toBlock);
          actions.undo(update.toBlock);
          journal.pause([...ids], now + 5);
          journal.setMeta('followed', String(followed));
          return ids;
        }
        followed = update.to;
        now = update.timestamp;
        heardAt = elapsedMs();
        journal.setMeta('followed', String(followed));
        journal.setMeta('timestamp', String(now));
        return applyEvents(journal, update.events);
      });
      if (update.type === 'undo')
        log.warn({ toBlock: update.toBlock, asks: touched.size }, 'the chain was reorganised');
      else for (const event of update.events) logEvent(event);
    },
    tick,
    now: () => now,
    /** Seconds since the newest block was heard of. */
    quietFor: (): number => Math.floor((elapsedMs() - heardAt) / 1_000),
    followed: () => followed,
    running: runner.running,
    stop: async (): Promise<void> => {
      stopped = true;
      clearTimeout(alarm);
      clearTimeout(refill);
      await runner.stop();
      again = false;
      await ticking;
    },
  };

  function logEvent(event: MarketEvent & { location: Location }): void {
    if (!('queryId' in event)) return;
    const { queryId } = event;
    const { block, transactionHash: transaction } = event.location;
    const entry = journal.entry(queryId);
    if (entry?.mine !== 1 && !(event.type === 'TakenOver')) return;
    const facts =
      event.type === 'Asked'
        ? {
            model: event.ask.model,
            hostPrice: event.ask.hostPrice,
            royalty: event.ask.royalty,
            deadline: event.ask.deadline,
          }
        : event.type === 'Refunded' || event.type === 'Skipped' || event.type === 'Declined'
          ? { reason: event.reason }
          : event.type === 'TakenOver'
            ? { host: event.host }
            : {};
    log.info({ queryId, block, transaction, ...facts }, `chain: ${event.type}`);
  }
}
