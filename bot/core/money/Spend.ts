import type { Order } from '../../../contracts/client/Ask.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import type { PurseUse } from '../purse/Purse.ts';

/**
 * That the bot pays an ask with an account's money, within what its owner allowed. Written before anything is sent, whole: the
 * same order sent twice is refused by the chain the second time. `account`: whose money. `purse`: it is a group's purse.
 */
export type Spend =
  /** Waits for the person's press of a button. `refused`: why the group's purse does not pay, in the ask's language. */
  | { state: 'offered'; account: bigint; purse?: PurseUse; refused?: string }
  /** Waits for a plain transfer to `address`; `note`, in the ask's language: what has arrived so far, or where it went. */
  | { state: 'transfer'; account: bigint; address: Address; note?: string }
  /** To be sent, or on its way. `relayFee` in smallest units of the order's token. */
  | PendingSpend
  /**
   * Nothing was taken; `reason`, in the ask's language, says why. The pay link takes its place. `tried`: what was to be sent: should
   * the chain show that an earlier run's had been sent after all, that is how it was paid.
   */
  | { state: 'failed'; account: bigint; reason: string; isPurse?: true; tried?: PendingSpend };

export type PendingSpend = { state: 'pending'; account: bigint; order: Order; relayFee: bigint; purse?: PurseUse };
