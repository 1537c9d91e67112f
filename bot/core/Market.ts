import type { Order, State } from '../../contracts/client/Ask.ts';
import type { Call } from '../../contracts/client/Call.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { Permit, RefundItem } from '../../contracts/client/Market.ts';
import type { RegistryEvent } from '../../contracts/client/MarketEvent.ts';
import type { Listing } from '../../contracts/client/Registry.ts';

/** A model that can be asked for. Amounts in smallest units of `token`. */
export type CatalogModel = {
  id: bigint;
  name: string;
  seller: Address;
  workload: Hex;
  token: Address;
  royalty: bigint;
  description?: string;
  /** A question to try. */
  example?: string;
  /** Earlier turns of a conversation that it takes; absent: not said. */
  turns?: number;
};

/** A host's standing offer. */
export type CatalogOffer = {
  host: Address;
  price: bigint;
  /** Longest input, UTF-8 bytes. */
  maxInputBytes: number;
  exclusiveSeconds: number;
};

/** What is for sale, kept in memory from the registry's events. */
export type Catalog = {
  models(): CatalogModel[];
  /** Cheapest first. */
  offers(model: bigint, token: Address): CatalogOffer[];
  apply(event: RegistryEvent): void;
  /** Forgets everything; the events that still stand are applied anew. */
  reset(): void;
};

/** What the bot reads from the chain and the calls it describes. Reads reject when the chain can't be reached. */
export type MarketAccess = {
  chainId: number;
  market: Address;
  /** Timestamp of the latest block, unix seconds. */
  now(): Promise<number>;
  /** @throws ContractError why it can't be asked now */
  quote(of: {
    model: bigint;
    workload: Hex;
    token: Address;
    host: Address;
    inputBytes: number;
  }): Promise<{ royalty: bigint; hostPrice: bigint }>;
  tokenInfo(token: Address): Promise<{ symbol: string; decimals: number }>;
  balanceOf(token: Address, owner: Address): Promise<bigint>;
  /** What the market may take of `owner`'s tokens. */
  allowanceOf(token: Address, owner: Address): Promise<bigint>;
  /** Where `opener`'s ask with this order stands. */
  stateOf(opener: Address, order: Order, input: string): Promise<State>;
  /** Whether the market would give this item's money back now, dispute verdicts included. */
  isRefundable(item: RefundItem): Promise<boolean>;
  /** @param script inline workload of model 0, else '' @param value wei sent along: the price when it is in coin */
  askAndPay(order: Order, input: string, script: string, value: bigint): Call;
  /** The token's owner signed the permit (EIP-2612) for exactly the price. */
  askAndPayWithPermit(order: Order, input: string, script: string, permit: Permit): Call;
  approve(token: Address, amount: bigint): Call;
  refund(items: readonly RefundItem[]): Call;
  listing: ListingAccess;
  disputes: DisputeAccess;
};

/** Selling: calls for the seller's own wallet. */
export type ListingAccess = {
  isPublished(workload: Hex): Promise<boolean>;
  publish(script: string): Call;
  list(listing: Listing): Call;
  /** A listed model's token stays. */
  update(model: bigint, listing: Omit<Listing, 'token'>): Call;
  retire(model: bigint): Call;
};

/** Tellor's disputes: calls for the disputer's own wallet. */
export type DisputeAccess = {
  /** The oracle's own, in which the fee is paid. */
  token: Address;
  /** What the first dispute of a report costs now, smallest units. */
  fee(): Promise<bigint>;
  /** @param reportedAt unix seconds */
  isDisputed(reportQueryId: Hex, reportedAt: number): Promise<boolean>;
  approveFee(amount: bigint): Call;
  begin(reportQueryId: Hex, reportedAt: number): Call;
};
