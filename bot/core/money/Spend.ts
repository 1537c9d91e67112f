import type { Order } from '../../../contracts/client/Ask.ts';

/**
 * An ask that the bot pays with somebody's account within an allowance. Written before anything is sent, whole: the same
 * order sent twice is refused by the chain the second time.
 * `pending`: to be sent, or on its way; `failed`: not taken, `reason` says why, and a pay link takes its place.
 */
export type Spend = {
  /** Whose money; below 2^160 the wallet's own account. */
  account: bigint;
  order: Order;
  /** Smallest units of the order's token. */
  relayFee: bigint;
} & ({ state: 'pending' } | { state: 'failed'; reason: string });
