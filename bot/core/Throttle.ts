import type { Person } from './types.ts';

/** `go`: handle it; `say`: too much, say so once; `drop`: said already. */
export type Verdict = { kind: 'go' | 'drop' } | { kind: 'say'; seconds: number };

const windowSeconds = 60;
const mostPeople = 50_000;

/**
 * Keeps one person's flood from everybody else: more than `perMinute` events in a minute are answered once with how long to wait,
 * then passed over until the minute is over. In memory: after a restart everybody begins anew.
 * @param now unix seconds
 */
export function createThrottle(perMinute: number, now: () => number): (person: Person) => Verdict {
  const windows = new Map<string, { since: number; count: number }>();
  return ({ platform, id }) => {
    const key = `${platform}:${id}`;
    const at = now();
    let window = windows.get(key);
    if (!window || window.since + windowSeconds <= at) {
      if (windows.size >= mostPeople) {
        for (const [old, { since }] of windows) if (since + windowSeconds <= at) windows.delete(old);
      }
      window = { since: at, count: 0 };
      windows.delete(key);
      windows.set(key, window);
    }
    window.count += 1;
    if (window.count <= perMinute) return { kind: 'go' };
    return window.count === perMinute + 1
      ? { kind: 'say', seconds: Math.max(1, window.since + windowSeconds - at) }
      : { kind: 'drop' };
  };
}
