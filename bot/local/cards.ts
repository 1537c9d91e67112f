import { isOver } from '../pay/page/isOver.ts';
import type { ChainClock } from '../pay/server/chainClock.ts';
import { toWire } from '../pay/server/wire.ts';
import type { PayDesk } from '../pay/types.ts';
import type { Channel } from './channel.ts';
import type { Entry } from './store.ts';
import type { Standing } from './wire.ts';

/**
 * Where the asks stand whose cards are in the channel. The steps move even when the core leaves the card's words as they
 * are: each ask that is shown and not over is watched, once for all windows.
 */
export function createCards(
  channel: Channel,
  { desk, chainNow, signal }: { desk: PayDesk; chainNow: ChainClock; signal: AbortSignal },
) {
  const watched = new Map<string, () => void>();
  const drop = (token: string) => {
    watched.get(token)?.();
    watched.delete(token);
  };
  signal.addEventListener('abort', () => {
    for (const token of [...watched.keys()]) drop(token);
  });
  return {
    /** Undefined for a line that is no card, or whose ask is not known any more. */
    async standingOf(entry: Entry): Promise<Standing | undefined> {
      const { ask } = entry;
      if (ask === undefined) return undefined;
      const view = await desk.view(ask);
      if (!view) return undefined;
      if (!isOver(view.status) && !watched.has(ask) && !signal.aborted) {
        const stop = desk.watch(ask, (next) => {
          if (isOver(next.status)) drop(ask);
          channel.touch(entry.id);
        });
        watched.set(ask, stop);
      }
      return { status: toWire(view.status), chainNow: await chainNow() };
    },
  };
}
