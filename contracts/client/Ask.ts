import type { Address, Hex } from './Hex.ts';

/** What an asker chooses; `IAskMarket.Order`. Amounts in the token's smallest unit, times in unix seconds. */
export type Order = {
  model: bigint;
  workload: Hex;
  token: Address;
  host: Address;
  maxPrice: bigint;
  deadline: bigint;
  parent: Hex;
  userSalt: Hex;
  soleHost: boolean;
  byReport: boolean;
};

/** What the market's slot commits to; `IAskMarket.Ask`. Amounts in the token's smallest unit, times in unix seconds. */
export type Ask = {
  account: bigint;
  opener: Address;
  seller: Address;
  host: Address;
  token: Address;
  model: bigint;
  hostPrice: bigint;
  royalty: bigint;
  deadline: bigint;
  exclusiveUntil: bigint;
  reportWithin: bigint;
  inputBytes: bigint;
  soleHost: boolean;
  byReport: boolean;
  toWallet: boolean;
};

/** The states of `IAskMarket.State`, in the contract's order. */
export const states = ['none', 'open', 'declined', 'delivered', 'sealed', 'settled', 'refunded'] as const;
export type State = (typeof states)[number];

/** The reasons of `IAskMarket.RefundReason`, in the contract's order. */
export const refundReasons = ['declined', 'overdue', 'notReported', 'disputeLost', 'backstop'] as const;
export type RefundReason = (typeof refundReasons)[number];
