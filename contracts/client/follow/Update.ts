import type { Located } from '../Decode.ts';
import type { MarketEvent } from '../MarketEvent.ts';
import type { Cursor } from './Cursor.ts';

/** Blocks `from` to `to` were added; `timestamp` is that of `to`, unix seconds. Events in the chain's order. */
export type Forward = {
  type: 'forward';
  from: number;
  to: number;
  timestamp: number;
  events: Located<MarketEvent>[];
  cursor: Cursor;
};

/** Everything above `toBlock` did not happen; what happened instead follows as `forward`. */
export type Undo = { type: 'undo'; toBlock: number; cursor: Cursor };

export type Update = Forward | Undo;

/** Thrown by `onUpdate`: it could not be handled now, and the same update shall come again. */
export class RetryableError extends Error {
  override name = 'RetryableError';
}
