import type { Ask, RefundReason } from './Ask.ts';
import type { Address, Hex } from './Hex.ts';
import type { AllowanceTerms } from './Market.ts';

/** Where on the chain an event stands. `timestamp` is the block's, unix seconds. */
export type Location = {
  block: number;
  blockHash: Hex;
  timestamp: number;
  transactionHash: Hex;
  logIndex: number;
};

/** An ask's life, as the market tells it. */
export type AskEvent =
  | {
      type: 'Asked';
      queryId: Hex;
      account: bigint;
      host: Address;
      ask: Ask;
      workload: Hex;
      parent: Hex;
      userSalt: Hex;
      input: string;
      script: Hex;
    }
  | { type: 'TakenOver'; queryId: Hex; host: Address; ask: Ask }
  | { type: 'Declined'; queryId: Hex; host: Address; reason: string }
  /** `answerHash` is of the bytes on chain; `answer` shows what is not UTF-8 in them as U+FFFD. */
  | { type: 'Delivered'; queryId: Hex; host: Address; answer: string; answerHash: Hex }
  | { type: 'Sealed'; queryId: Hex; reportQueryId: Hex; host: Address; reportedAt: bigint }
  | { type: 'Settled'; queryId: Hex; host: Address; seller: Address; hostPrice: bigint; royalty: bigint }
  | { type: 'Refunded'; queryId: Hex; account: bigint; reason: RefundReason; amount: bigint }
  | { type: 'RelayFeePaid'; queryId: Hex; payee: Address; amount: bigint }
  | { type: 'Skipped'; queryId: Hex; reason: Hex };

export type RegistryEvent =
  | { type: 'WorkloadPublished'; workload: Hex; publisher: Address }
  | {
      type: 'ModelListed';
      modelId: bigint;
      seller: Address;
      workload: Hex;
      token: Address;
      royalty: bigint;
      listedHostsOnly: boolean;
      name: string;
      metadata: string;
    }
  | {
      type: 'ModelUpdated';
      modelId: bigint;
      version: bigint;
      workload: Hex;
      royalty: bigint;
      listedHostsOnly: boolean;
      name: string;
      metadata: string;
    }
  | { type: 'ModelHandedOver'; modelId: bigint; from: Address; to: Address }
  | { type: 'ModelRetired'; modelId: bigint }
  | { type: 'HostListed'; modelId: bigint; host: Address; listed: boolean }
  | {
      type: 'Offered';
      host: Address;
      modelId: bigint;
      token: Address;
      price: bigint;
      maxInputBytes: bigint;
      exclusiveSeconds: bigint;
      reportWithinSeconds: bigint;
    }
  | { type: 'OfferRemoved'; host: Address; modelId: bigint; token: Address };

/**
 * What befalls an account; docs: `IAccounts`. `amount` in smallest units of `token`. Of `Deposited`, `from` is a deposit address
 * for a sweep and the market itself for a relay fee or change that came back.
 */
export type AccountEvent =
  | { type: 'Deposited'; account: bigint; token: Address; amount: bigint; from: Address }
  | { type: 'Withdrawn'; account: bigint; token: Address; amount: bigint; to: Address }
  | { type: 'PurseOpened'; account: bigint; owner: Address }
  | { type: 'PurseOffered'; account: bigint; to: Address }
  | { type: 'PurseHandedOver'; account: bigint; from: Address; to: Address }
  | { type: 'AllowanceSet'; account: bigint; spender: Address; token: Address; terms: AllowanceTerms }
  | { type: 'AllowanceRevoked'; account: bigint; spender: Address; token: Address }
  | { type: 'AllAllowancesRevoked'; account: bigint; epoch: bigint };

export type MarketEvent = AskEvent | RegistryEvent | AccountEvent;

/** The names of `AccountEvent`, by which it is told from the others. */
export const accountEventNames = [
  'Deposited',
  'Withdrawn',
  'PurseOpened',
  'PurseOffered',
  'PurseHandedOver',
  'AllowanceSet',
  'AllowanceRevoked',
  'AllAllowancesRevoked',
] as const satisfies readonly AccountEvent['type'][];

export function isAccountEvent<E extends MarketEvent>(event: E): event is E & AccountEvent {
  return (accountEventNames as readonly string[]).includes(event.type);
}
