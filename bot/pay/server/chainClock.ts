import { z } from 'zod';
import type { EmbeddedTools } from './embeddedRoutes.ts';

/** The chain's time, unix seconds. */
export type ChainClock = () => Promise<number>;

const blockSchema = z.object({ timestamp: z.string().transform(Number) });

/**
 * Public chains keep our time. The embedded one's clock was put forward by every skip, and its times would look hours off:
 * the difference is asked for, and remembered for a moment.
 */
export function createChainClock(tools: EmbeddedTools | undefined, rememberMs = 3_000): ChainClock {
  const own = () => Math.floor(Date.now() / 1000);
  if (!tools) return async () => own();
  let ahead = 0;
  let askedAt = 0;
  return async () => {
    if (Date.now() - askedAt > rememberMs) {
      askedAt = Date.now();
      const block = blockSchema.safeParse(
        await tools.rpc('eth_getBlockByNumber', ['latest', false]).catch(() => undefined),
      );
      // An idle chain's last block may be some seconds old.
      if (block.success) ahead = Math.max(0, block.data.timestamp - own());
    }
    return own() + ahead;
  };
}
