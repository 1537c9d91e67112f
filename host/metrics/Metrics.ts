import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { ModelFailureCode } from '../runtime/ModelFailure.ts';

/** So many model runs of a provider gave no answer for this cause. */
export type Failures = { provider: string; code: string; runs: number };

/** What is counted since this process began; the rest is read from journal and chain when somebody looks. */
export type Metrics = {
  /** @param seconds of one model run */
  answered(seconds: number): void;
  /** @param provider the operator's name of it */
  failed(provider: string, code: ModelFailureCode): void;
  /** Model runs without an answer. */
  failures(): Promise<readonly Failures[]>;
  registry: Registry;
};

/** @param ofProcess also memory, CPU time and the event loop's delay of this process */
export function createMetrics(ofProcess = true): Metrics {
  const registry = new Registry();
  const runs = new Histogram({
    name: 'host_model_run_duration_seconds',
    help: 'Time of a model run that answered',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'host_model_failures_total',
    help: 'Model runs without an answer',
    labelNames: ['provider', 'code'],
    registers: [registry],
  });
  if (ofProcess) collectDefaultMetrics({ register: registry });
  return {
    answered: (seconds) => runs.observe(seconds),
    failed: (provider, code) => failures.inc({ provider, code }),
    failures: async () =>
      (await failures.get()).values.map(({ labels, value }) => ({
        provider: String(labels.provider),
        code: String(labels.code),
        runs: value,
      })),
    registry,
  };
}
