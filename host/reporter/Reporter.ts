import type { Ask } from '../../contracts/client/Ask.ts';
import type { Update } from '../../contracts/client/follow/follow.ts';
import type { Hex } from '../../contracts/client/Hex.ts';
import type { Location, MarketEvent } from '../../contracts/client/MarketEvent.ts';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { Metrics } from '../metrics/Metrics.ts';
import { ModelFailure } from '../runtime/ModelFailure.ts';
import type { Provider } from '../runtime/provider/Provider.ts';
import { run } from '../runtime/run.ts';
import { applyEvents, turnsBefore, undoAbove } from '../store/applyUpdate.ts';
import type { Journal } from '../store/Journal.ts';
import type { Life } from '../store/Life.ts';
import type { Actions } from './Actions.ts';
import type { Considered } from './Consider.ts';
import type { Planner } from './Planner.ts';
import { createRunner } from './Runner.ts';
import type { TakeOvers } from './TakeOvers.ts';

export type ReporterOptions = {
  journal: Journal;
  provider: Provider;
  actions: Actions;
  planner: Planner;
  /** Undefined: it takes none over. */
  takeOvers: TakeOvers | undefined;
  consider(life: Life, now: number): Promise<Considered>;
  metrics: Metrics;
  /** Model runs at a time. */
  concurrency: number;
  /** UTF-8 bytes. */
  maxAnswerBytes: number;
  modelTimeoutMs: number;
  /** A clock that only goes forward, milliseconds. Default: the process's own. */
  elapsedMs?: () => number;
  log: Log;
};

export type Reporter = ReturnType<typeof createReporter>;

/** Seconds between the end of a model run and the ask's deadline, for the delivery. */
export const spareSeconds = 6;
const openModelTurns = 6;
/** Answers that come together go together: the first waits so long for others that were just begun. Milliseconds. */
const gatherMs = 200;
const justBegunMs = 400;

/** What this host does about its asks: the chain's events come in through `apply`, `tick` does whatever is due. */
export function createReporter(options: ReporterOptions) {
  const { journal, provider, actions, planner, metrics, log, elapsedMs = () => performance.now() } = options;
  let now = Number(journal.meta('timestamp') ?? 0);
  let followed = Number(journal.meta('followed') ?? 0);
  let heardAt = elapsedMs();
  let warnedAt = Number.NEGATIVE_INFINITY;
  let ticking: Promise<void> | undefined;
  let again = false;
  let firstAnswerAt: number | undefined;
  let alarm: NodeJS.Timeout | undefined;

  const runner = createRunner(
    options.concurrency,
    async (queryId, signal) => {
      try {
        await answer(queryId, signal);
      } catch (error) {
        if (!signal.aborted) {
          log.warn({ queryId, err: error }, 'the ask could not be worked on; trying again');
          journal.pause([queryId], clock() + 5);
        }
      }
    },
    () => void tick(),
  );

  async function answer(queryId: Hex, signal: AbortSignal): Promise<void> {
    const life = journal.lifeOf(queryId);
    if (life === undefined || life.state !== 'open') return;
    const considered = await options.consider(life, clock());
    if (!considered.ok) {
      giveUp(queryId, considered.reason);
      return;
    }
    const { values, model } = considered;
    const started = performance.now();
    log.info({ queryId, model, provider: provider.name }, 'model runs');
    try {
      const text = await run({
        provider,
        model,
        values,
        turns: turnsBefore(journal, life.parent, turnsOf(life.ask)),
        timeoutMs: Math.min(options.modelTimeoutMs, (Number(life.ask.deadline) - clock() - spareSeconds) * 1_000),
        maxBytes: options.maxAnswerBytes,
        signal,
      });
      // Kept before anything is sent: no crash from here on costs a second model call.
      journal.saveAnswer(queryId, text, `${provider.name}/${model}`);
      firstAnswerAt ??= performance.now();
      metrics.answered((performance.now() - started) / 1_000);
      log.info(
        { queryId, model, bytes: Buffer.byteLength(text), ms: Math.round(performance.now() - started) },
        'answered',
      );
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ModelFailure)) throw error;
      metrics.failed(error.code);
      log.warn({ queryId, model, code: error.code, err: error.cause }, 'the model gave no answer');
      giveUp(queryId, error.message);
    }
  }

  function turnsOf(ask: Ask): number {
    return ask.model === 0n ? openModelTurns : (journal.model(ask.model)?.turns ?? 0);
  }

  function giveUp(queryId: Hex, reason: string): void {
    journal.saveFailure(queryId, reason);
    log.info({ queryId, reason }, 'gives the ask up');
  }

  async function once(): Promise<void> {
    const at = clock();
    actions.reconcile(at, followed);
    const room = options.concurrency - runner.running();
    if (room > 0) runner.fill(journal.unanswered(at, options.concurrency * 2, options.concurrency * 16));
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
          actions.undo(update.toBlock, now);
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
    followed: () => followed,
    running: runner.running,
    stop: async (): Promise<void> => {
      clearTimeout(alarm);
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
