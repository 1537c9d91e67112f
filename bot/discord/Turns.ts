import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

/** Later an interaction can't be acknowledged any more. Milliseconds. */
const acknowledgeWithinMs = 3_000;

/**
 * Keeps work from holding up acknowledgements, for which Discord waits 3 s: work begins when no acknowledgement is under way, and
 * one piece in each turn of the event loop, so that what arrives meanwhile is heard between two of them.
 */
export function createTurns() {
  const acknowledging = new Set<Promise<unknown>>();
  let turn: Promise<void> = Promise.resolve();
  return {
    acknowledging(acknowledged: Promise<unknown>): void {
      const done = acknowledged.finally(() => acknowledging.delete(done)).catch(() => undefined);
      acknowledging.add(done);
    },
    /** Resolves when it is time to begin, in the order of the calls. */
    mine(): Promise<void> {
      const patience = pause(acknowledgeWithinMs, 'over', { ref: false });
      turn = turn.then(async () => {
        // More may have come while those were under way.
        while (acknowledging.size > 0 && (await Promise.race([Promise.all(acknowledging), patience])) !== 'over');
        await nextTurn();
      });
      return turn;
    },
  };
}
