import type { ModelFailureCode } from '../runtime/ModelFailure.ts';

/** Upper bounds of the buckets of the time to answer, seconds. */
const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

/** What is counted since this process began; the rest is read from journal and chain when somebody looks. */
export type Metrics = {
  /** @param seconds of one model run */
  answered(seconds: number): void;
  failed(code: ModelFailureCode): void;
  snapshot(): {
    buckets: readonly { le: number; count: number }[];
    sum: number;
    count: number;
    failures: ReadonlyMap<string, number>;
  };
};

export function createMetrics(): Metrics {
  const seconds: number[] = bounds.map(() => 0);
  const failures = new Map<string, number>();
  let sum = 0;
  let count = 0;
  return {
    answered: (took) => {
      sum += took;
      count++;
      bounds.forEach((bound, index) => {
        if (took <= bound) seconds[index] = (seconds[index] ?? 0) + 1;
      });
    },
    failed: (code) => void failures.set(code, (failures.get(code) ?? 0) + 1),
    snapshot: () => ({
      buckets: bounds.map((le, index) => ({ le, count: seconds[index] ?? 0 })),
      sum,
      count,
      failures,
    }),
  };
}
