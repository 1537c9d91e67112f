import type { Order } from '../../../contracts/client/Ask.ts';
import type { Address } from '../../../contracts/client/Hex.ts';

/**
 * That the bot pays an ask with an account's money, within what its owner allowed. Written before anything is sent, whole: the
 * same order sent twice is refused by the chain the second time. `account`: whose money.
 */
export type Spend =
  /** Waits for the person's press of a button. */
  | { state: 'offered'; account: bigint }
  /** Waits for a plain transfer to `address`; `note`, in the ask's language: what has arrived so far, or where it went. */
  | { state: 'transfer'; account: bigint; address: Address; note?: string }
  /** To be sent, or on its way. `relayFee` in smallest units of the order's token. */
  | { state: 'pending'; account: bigint; order: Order; relayFee: bigint }
  /** Nothing was taken; `reason`, in the ask's language, says why. The pay link takes its place. */
  | { state: 'failed'; account: bigint; reason: string };
