import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import { ModelFailure, type ModelFailureCode, modelFailure } from '../ModelFailure.ts';

export type Breaker = {
  /** @throws ModelFailure `resting` without calling, while open; else what `call` throws */
  guard<T>(call: () => Promise<T>): Promise<T>;
  /** Whether calls are let through or about to be tried again. */
  closed(): boolean;
};

/** So many failures in a row, and the provider is left alone. */
const failuresToOpen = 5;
/** The first rest; each probe that fails doubles it. Milliseconds. */
const firstRestMs = 10_000;
const longestRestMs = 5 * 60_000;
/** What says something about the provider; the rest is about one workload, one question or one model. */
const providersFault: ReadonlySet<ModelFailureCode> = new Set(['timeout', 'refused', 'busy', 'unreachable', 'failed']);

/**
 * A circuit breaker for one provider: after five failures in a row its calls fail at once, so that asks are declined in time for another
 * host instead of waiting for a time-out each; after a rest one call is let through and decides.
 */
export function createBreaker(): Breaker {
  const policy = circuitBreaker(
    // A host that stops aborts its calls, which is nobody's fault.
    handleWhen((error) => {
      const failure = modelFailure(error);
      return providersFault.has(failure.code) && !isAbort(failure.cause);
    }),
    {
      breaker: new ConsecutiveBreaker(failuresToOpen),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: firstRestMs, maxDelay: longestRestMs }),
    },
  );
  return {
    guard: async (call) => {
      try {
        return await policy.execute(call);
      } catch (error) {
        throw isBrokenCircuitError(error) ? new ModelFailure('resting', { cause: error }) : error;
      }
    },
    closed: () => policy.state === CircuitState.Closed,
  };
}

function isAbort(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'AbortError';
}
