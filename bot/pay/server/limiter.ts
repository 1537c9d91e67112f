/** Says whether one more is allowed for a key. */
export type Limiter = (key: string) => boolean;

/** Keys remembered at once; beyond it the oldest are forgotten, which only ever allows more. */
const mostKeys = 10_000;

/**
 * A token bucket per key.
 * @param burst how many at once
 * @param perSecond how many come back each second
 */
export function createLimiter(burst: number, perSecond: number, now: () => number = Date.now): Limiter {
  const buckets = new Map<string, { left: number; at: number }>();
  return (key) => {
    const at = now();
    const before = buckets.get(key) ?? { left: burst, at };
    const left = Math.min(burst, before.left + ((at - before.at) / 1000) * perSecond);
    buckets.delete(key);
    if (buckets.size >= mostKeys) buckets.delete(buckets.keys().next().value ?? key);
    buckets.set(key, { left: left >= 1 ? left - 1 : left, at });
    return left >= 1;
  };
}
