import type { Hex } from '../../../contracts/client/Hex.ts';

/** Somebody is paying at a window: preparing it in the wallet, or has sent the transaction. */
export type Attempt = { window: string; stage: 'prepared' | 'sent'; hash?: Hex };

/** How long an attempt counts: a wallet's window may stand open; a sent transaction may wait for its block. */
const lifetimes = { prepared: 5 * 60_000, sent: 15 * 60_000 } as const;

export type Attempts = ReturnType<typeof createAttempts>;

/** Who is paying which link just now, so that a second window does not pay it again. In memory: the chain is the truth. */
export function createAttempts(now: () => number = Date.now) {
  const attempts = new Map<string, Attempt & { until: number }>();
  const listeners = new Map<string, Set<() => void>>();
  const tell = (token: string) => {
    for (const listener of listeners.get(token) ?? []) listener();
  };
  const of = (token: string): Attempt | undefined => {
    const attempt = attempts.get(token);
    if (attempt && attempt.until <= now()) attempts.delete(token);
    return attempt && attempt.until > now() ? attempt : undefined;
  };
  return {
    of,
    note(token: string, attempt: Attempt): void {
      // What was sent is not made less by another window's look at its wallet.
      if (attempt.stage === 'prepared' && of(token)?.stage === 'sent') return;
      attempts.set(token, { ...attempt, until: now() + lifetimes[attempt.stage] });
      tell(token);
    },
    drop(token: string, window: string): void {
      if (of(token)?.window !== window) return;
      attempts.delete(token);
      tell(token);
    },
    /** @returns the way to stop */
    watch(token: string, listener: () => void): () => void {
      const set = listeners.get(token) ?? new Set();
      listeners.set(token, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(token);
      };
    },
  };
}
