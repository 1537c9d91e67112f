import type { Hex } from '../../contracts/client/Hex.ts';
import type { Log } from '../../contracts/client/support/Log.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import type { Metrics } from '../metrics/Metrics.ts';
import { ModelFailure } from '../runtime/ModelFailure.ts';
import type { Provider } from '../runtime/provider/Provider.ts';
import type { Runtime } from '../runtime/Runtime.ts';
import { run } from '../runtime/run.ts';
import type { Journal } from '../store/Journal.ts';
import type { Life } from '../store/Life.ts';
import { saveTogether } from '../store/saveTogether.ts';
import type { Considered } from './Consider.ts';

export type AnsweringOptions = {
  journal: Journal;
  provider: Provider;
  /** For logs and the journal: `openai/gpt-4o-mini-2024-07-18`. */
  servedBy(model: string): string;
  runtime: Runtime;
  consider(life: Life, now: number): Promise<Considered>;
  metrics: Metrics;
  modelTimeoutMs: number;
  /** Unix seconds, the chain's. */
  clock(): number;
  /** An answer is in the journal. */
  onAnswer(): void;
  log: Log;
};

/** `tokens`: as the provider counted them, undefined where it does not say. */
type Answered = {
  text: string;
  by: string;
  model: string;
  ms: number;
  calls: number;
  tokens: { input: number; output: number } | undefined;
};

/** Seconds between the end of a model run and the ask's deadline, for the delivery. */
export const spareSeconds = 6;

/** `openai/gpt-4o-mini` is of openai. */
const providerOf = (servedBy: string): string => servedBy.split('/', 1)[0] ?? servedBy;

/**
 * One ask from question to answer: considered, run, and the answer or the reason for giving up in the journal.
 * @returns a function that never rejects; an ask that it could not work on waits a moment and comes again
 */
export function createAnswering(options: AnsweringOptions) {
  const { journal, provider, metrics, clock, log } = options;
  /** Answers that the journal has not taken (its disk is full, say): paid for, and so kept here until it does. */
  const unsaved = new Map<Hex, Answered>();
  const save = saveTogether(journal);
  let refusedAt = Number.NEGATIVE_INFINITY;

  async function answer(queryId: Hex, signal: AbortSignal): Promise<void> {
    const life = journal.lifeOf(queryId);
    if (life === undefined || life.state !== 'open' || life.ask.host !== journal.host) return;
    if (!unsaved.has(queryId)) {
      if (performance.now() - refusedAt < 5_000) return journal.pause([queryId], clock() + 2);
      const considered = await options.consider(life, clock());
      if (!considered.ok) return giveUp(queryId, considered.reason);
      const answered = await runModel(life, considered, signal);
      if (answered === undefined) return;
      unsaved.set(queryId, answered);
    }
    const answered = unsaved.get(queryId);
    if (answered === undefined) return;
    // Kept before anything is sent: no crash from here on costs a second model call.
    await save(queryId, answered.text, answered.by).catch((error: unknown) => {
      refusedAt = performance.now();
      throw error;
    });
    unsaved.delete(queryId);
    const { text, ...facts } = answered;
    log.info({ queryId, ...facts, bytes: Buffer.byteLength(text) }, 'answered');
    options.onAnswer();
  }

  async function runModel(
    life: Life,
    { values, work, model, turns, meter, maxAnswerBytes }: Extract<Considered, { ok: true }>,
    signal: AbortSignal,
  ): Promise<Answered | undefined> {
    const { queryId } = life;
    const started = performance.now();
    const by = options.servedBy(model);
    log.info({ queryId, model, by }, 'model runs');
    try {
      const text = await run({
        provider,
        model,
        values,
        turns,
        meter,
        work,
        runtime: options.runtime,
        timeoutMs: Math.min(options.modelTimeoutMs, (Number(life.ask.deadline) - clock() - spareSeconds) * 1_000),
        maxBytes: maxAnswerBytes,
        signal,
      });
      const ms = Math.round(performance.now() - started);
      metrics.answered(ms / 1_000);
      return { text, by, model, ms, calls: meter.calls(), tokens: meter.tokens() };
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof WorkloadError) {
        log.info({ queryId, code: error.code, err: error.cause }, 'the script gave no answer');
        giveUp(queryId, `The workload can't be run. ${error.message}`);
        return undefined;
      }
      if (!(error instanceof ModelFailure)) throw error;
      const called = error.model ?? model;
      metrics.failed(providerOf(options.servedBy(called)), error.code);
      log.warn({ queryId, model: called, code: error.code, err: error.cause }, 'the model gave no answer');
      giveUp(queryId, error.message);
      return undefined;
    }
  }

  function giveUp(queryId: Hex, reason: string): void {
    journal.saveFailure(queryId, reason);
    log.info({ queryId, reason }, 'gives the ask up');
  }

  return async (queryId: Hex, signal: AbortSignal): Promise<void> => {
    try {
      await answer(queryId, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ queryId, err: error }, 'the ask could not be worked on; trying again');
      try {
        journal.pause([queryId], clock() + 5);
      } catch (cause) {
        log.error({ queryId, err: cause }, 'the journal can not be written');
      }
    }
  };
}
