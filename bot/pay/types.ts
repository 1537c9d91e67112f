import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { AskView } from '../core/types.ts';
import type { PayRefusalCode } from './refusals.ts';
import type { TypedDataPayload } from './request/types.ts';

/** `clear`: takes an old approval back, for tokens that refuse a new one while it stands. */
export type WalletPurpose = 'clear' | 'approve' | 'ask';

/** One transaction for a wallet to send, in plain data; `value` in wei. */
export type WalletCall = { purpose: WalletPurpose; to: Address; data: Hex; value: bigint };

/** Why an ask can't be paid now, in words for the person. */
export type PayRefusal = { ok: false; code: PayRefusalCode; message: string };

/** `permit`: to be signed first; what it makes possible is prepared when the signature is there. */
export type PreparedPayment = {
  ok: true;
  chainId: number;
  calls: WalletCall[];
  price: bigint;
  token: Address;
  permit?: TypedDataPayload;
};

/** A permit that the payer signed, with the terms that he was shown. */
export type SignedPermit = { value: bigint; deadline: bigint; signature: Hex };

/** How the payer's wallet can let the market take a token: by approvals alone, by signing a permit, or by one that it signed. */
export type PermitChoice = 'none' | 'wanted' | SignedPermit;

/** What the pay page's server needs from the core. */
export type PayDesk = {
  /** Undefined: no such link. */
  view(token: string): Promise<AskView | undefined>;
  /** The transactions that pay for exactly this ask from `payer`'s wallet. Checks price, offer and balance first. */
  prepare(token: string, payer: Address, permit?: PermitChoice): Promise<PreparedPayment | PayRefusal>;
  /** The address where a plain transfer pays for exactly this ask; any rest, and what comes late, is `owner`'s. */
  transfer(token: string, owner: Address): Promise<{ ok: true; address: Address } | PayRefusal>;
  /** Calls `listener` after each change of the ask. Returns the way to stop. */
  watch(token: string, listener: (view: AskView) => void): () => void;
};
