import type { Address, Hex } from '../../../contracts/client/Hex.ts';
import type { Language } from '../I18n.ts';
import type { Group } from '../purse/Purse.ts';
import type { Chat } from '../types.ts';
import type { Wording } from '../Wording.ts';

/** One transaction for a person's own wallet. `what`: what it does, a few words. `value` in wei. */
export type WalletTransaction = { what: Wording; to: Address; data: Hex; value: bigint };

/** A line of what a person agrees to. */
export type Fact<Words = string> = { label: Words; value: Words };

/**
 * What a person is asked to agree to, as plain data: a button, the page, a QR code and a relayed call are renderings of it.
 * `account`: whose money it is about; absent: the account of the wallet that is used. Amounts in smallest units of `token`.
 */
export type PaymentRequest =
  /** Proving that a wallet is the person's. Moves nothing. */
  | { type: 'link' }
  /** Money into an account. */
  | { type: 'deposit'; token: Address; amount?: bigint; account?: bigint }
  /** What the bot may spend of an account: terms are the person's to choose. */
  | { type: 'allow'; token: Address; account?: bigint }
  /** A purse for a group, owned by the wallet `owner`; `chat` is told when it is there. */
  | { type: 'purse'; token: Address; owner: Address; group: Group; chat: Chat; language: Language }
  /** Ends what the bot may spend. */
  | { type: 'revoke'; account?: bigint }
  /** Money out of an account, to its owner or wherever he says. */
  | { type: 'withdraw'; token: Address; account?: bigint }
  /** Plain transactions one after the other: `worst` is the worst that can come of them, `sender` the only wallet that may. */
  | {
      type: 'transactions';
      title: Wording;
      facts: readonly Fact<Wording>[];
      worst: Wording;
      done: Wording;
      sender?: Address;
      calls: readonly WalletTransaction[];
    };

/** How long a link for each is good, seconds. */
export const requestSeconds: Readonly<Record<PaymentRequest['type'], number>> = {
  link: 600,
  deposit: 86_400,
  allow: 3_600,
  // Whoever was an admin when he asked for it should not open one much later.
  purse: 900,
  revoke: 3_600,
  withdraw: 3_600,
  transactions: 3_600,
};
