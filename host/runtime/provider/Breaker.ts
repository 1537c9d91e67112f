import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  IterableBackoff,
  isBrokenCircuitError,
} from 'cockatiel';
import { ModelFailure, type ModelFailureCode, modelFailure } from '../ModelFailure.ts';

export type Breaker = {
  /** @throws ModelFailure `resting` without calling, while open; else what `call` throws */
  guard<T>(call: () => Promise<T>): Promise<T>;
  /** Whether a call now would fail at once. */
  resting(): boolean;
};

/** So many failures in a row, and the provider is left alone. */
export const failuresToOpen = 5;
/** How long, each time that the one call after a rest fails too. Milliseconds. */
export const restsMs = [10_000, 20_000, 40_000, 80_000, 160_000, 300_000] as const;
/** What says something about the provider; the rest is about one workload, one question or one model. */
const providersFault: ReadonlySet<ModelFailureCode> = new Set(['timeout', 'refused', 'busy', 'unreachable', 'failed']);

/**
 * A circuit breaker for one provider: after five failures in a row its calls fail at once, so that asks are declined in time for another
 * host instead of waiting for a time-out each; after a rest one call is let through and decides. Time is `Date.now()`.
 */
export function createBreaker(): Breaker {
  const policy = circuitBreaker(
    // A host that stops aborts its calls, which is nobody's fault.
    handleWhen((error) => {
      const failure = modelFailure(error);
      return providersFault.has(failure.code) && !isAbort(failure.cause);
    }),
    { breaker: new ConsecutiveBreaker(failuresToOpen), halfOpenAfter: new IterableBackoff(restsMs) },
  );
  let opened = 0;
  let restsUntil = 0;
  policy.onBreak(() => {
    restsUntil = Date.now() + (restsMs[Math.min(opened, restsMs.length - 1)] ?? 0);
    opened++;
  });
  policy.onReset(() => {
    opened = 0;
  });
  return {
    guard: async (call) => {
      try {
        return await policy.execute(call);
      } catch (error) {
        throw isBrokenCircuitError(error) ? new ModelFailure('resting', { cause: error }) : error;
      }
    },
    resting: () => policy.state === CircuitState.Open && Date.now() < restsUntil,
  };
}

function isAbort(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'AbortError';
}
