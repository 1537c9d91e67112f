import type { Hex } from '../../contracts/client/Hex.ts';

type Job = { query_id: Hex; account: string };

export type Runner = {
  /** Starts as many of the waiting jobs as there is room for. */
  fill(waiting: readonly Job[]): void;
  running(): number;
  /** How long ago the newest of those that run was started, ms; undefined when none runs. */
  newestAge(): number | undefined;
  /** Aborts what runs and waits until it has ended. */
  stop(): Promise<void>;
};

/** So many of the places one asker can't take: one whose asks all hang until they time out leaves these to the others. */
const keptFree = (concurrency: number): number => Math.floor(concurrency / 4);

/**
 * Runs jobs up to `concurrency` at a time, fairly: the asker with the fewest running is next, then the oldest ask; one alone gets
 * three quarters.
 * @param execute must not reject; a job that is still waiting afterwards is run again
 * @param onEnd after each job, when it no longer counts as running
 */
export function createRunner(
  concurrency: number,
  execute: (id: Hex, signal: AbortSignal) => Promise<void>,
  onEnd: () => void = () => {},
): Runner {
  const running = new Map<Hex, { account: string; startedAt: number; done: Promise<void> }>();
  const abort = new AbortController();
  return {
    fill: (waiting) => {
      const queue = waiting.filter(({ query_id }) => !running.has(query_id));
      const load = new Map<string, number>();
      for (const { account } of running.values()) load.set(account, (load.get(account) ?? 0) + 1);
      while (!abort.signal.aborted && running.size < concurrency && queue.length > 0) {
        const least = Math.min(...queue.map(({ account }) => load.get(account) ?? 0));
        if (least >= concurrency - keptFree(concurrency)) return;
        const index = queue.findIndex(({ account }) => (load.get(account) ?? 0) === least);
        const [job] = queue.splice(index, 1);
        if (job === undefined) return;
        load.set(job.account, least + 1);
        const done = execute(job.query_id, abort.signal).finally(() => {
          running.delete(job.query_id);
          if (!abort.signal.aborted) onEnd();
        });
        running.set(job.query_id, { account: job.account, startedAt: performance.now(), done });
      }
    },
    running: () => running.size,
    newestAge: () => {
      const newest = Math.max(...[...running.values()].map(({ startedAt }) => startedAt));
      return running.size === 0 ? undefined : performance.now() - newest;
    },
    stop: async () => {
      abort.abort();
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
}
