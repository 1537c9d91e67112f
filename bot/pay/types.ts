import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { AskView } from '../core/types.ts';

/** One transaction for a wallet to send, in plain data; `value` in wei. */
export type WalletCall = { purpose: 'approve' | 'ask'; to: Address; data: Hex; value: bigint };

/** Why an ask can't be paid now, in words for the person. */
export type PayRefusal = {
  ok: false;
  code: 'unknown' | 'expired' | 'paid' | 'offerChanged' | 'balanceTooLow' | 'badOwner' | 'chainUnreachable';
  message: string;
};

export type PreparedPayment = { ok: true; chainId: number; calls: WalletCall[]; price: bigint; token: Address };

/** What the pay page's server needs from the core. */
export type PayDesk = {
  /** Undefined: no such link. */
  view(token: string): Promise<AskView | undefined>;
  /** The transactions that pay for exactly this ask from `payer`'s wallet. Checks price, offer and balance first. */
  prepare(token: string, payer: Address): Promise<PreparedPayment | PayRefusal>;
  /** The address where a plain transfer pays for exactly this ask; any rest, and what comes late, is `owner`'s. */
  transfer(token: string, owner: Address): Promise<{ ok: true; address: Address } | PayRefusal>;
  /** Calls `listener` after each change of the ask. Returns the way to stop. */
  watch(token: string, listener: (view: AskView) => void): () => void;
};
