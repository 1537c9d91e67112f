import { sweepForgotten } from '../store/forget.ts';
import type { Context } from './Context.ts';

export type Forgetter = { start(): void; stop(): void };

const everyMs = 3_600_000;

/** Unpaid asks that ran out before this can't be paid any more: their own deadline is over, too. Unix seconds. */
export function payableUntil({ now, rules }: Context): number {
  return now() - rules.answerSeconds - 3_600;
}

/** Deletes, hour by hour, what people wanted forgotten and what was not over then. */
export function createForgetter(context: Context): Forgetter {
  const { store, log } = context;
  let timer: NodeJS.Timeout | undefined;
  const sweep = () =>
    void store
      .commit((db) => sweepForgotten(db, payableUntil(context)))
      .catch((error: unknown) => log.error({ err: error }, 'deleting what is to be forgotten failed'));
  return {
    start() {
      sweep();
      timer = setInterval(sweep, everyMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}
