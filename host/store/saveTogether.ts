import type { Hex } from '../../contracts/client/Hex.ts';
import type { Journal } from './Journal.ts';

/**
 * Saves answers that come at the same moment in one transaction: each transaction waits for the disk.
 * @returns resolves when the answer would survive a power cut; rejects with what the database threw
 */
export function saveTogether(journal: Journal): (queryId: Hex, answer: string, by: string) => Promise<void> {
  type Waiting = { queryId: Hex; answer: string; by: string; done: PromiseWithResolvers<void> };
  let waiting: Waiting[] = [];

  function flush(): void {
    const together = waiting;
    waiting = [];
    try {
      journal.atomically(() => {
        for (const { queryId, answer, by } of together) journal.saveAnswer(queryId, answer, by);
      });
      for (const { done } of together) done.resolve();
    } catch (error) {
      for (const { done } of together) done.reject(error);
    }
  }

  return (queryId, answer, by) => {
    const done = Promise.withResolvers<void>();
    if (waiting.length === 0) setImmediate(flush);
    waiting.push({ queryId, answer, by, done });
    return done.promise;
  };
}
