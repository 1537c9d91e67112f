import type { TypedDataDomain, TypedDataField } from 'ethers';
import type { Address, Hex } from '../../../contracts/client/Hex.ts';
import type { Context } from '../../core/Context.ts';
import type { Translate } from '../../core/I18n.ts';
import type { Accounts, Relayer } from '../../core/money/Accounts.ts';
import type { Fact, PaymentRequest } from '../../core/money/PaymentRequest.ts';
import type { Direct, Person } from '../../core/types.ts';
import type { StoredRequest } from '../../store/requests.ts';
import type { RequestRefusalCode } from '../refusals.ts';

/**
 * One thing for a wallet to do. There is no other kind: a sign-in text, typed data of a few narrow types (`typedDataTypes`), or a
 * plain transaction. `what`: what it does, for the person. `value` in wei.
 */
export type WalletStep =
  | { type: 'message'; id: 'signIn'; what: string; text: string }
  | { type: 'typedData'; id: TypedDataType; what: string; payload: TypedDataPayload }
  | { type: 'transaction'; id: string; what: string; to: Address; data: Hex; value: bigint };

/** Every primary type that is ever asked to be signed. */
export const typedDataTypes = ['AllowanceGrant', 'RevokeAll', 'Withdrawal', 'Permit'] as const;
export type TypedDataType = (typeof typedDataTypes)[number];

/** As `eth_signTypedData_v4` takes it; numbers as decimal text. */
export type TypedDataPayload = {
  primaryType: string;
  domain: TypedDataDomain;
  types: Record<string, TypedDataField[]>;
  message: Record<string, unknown>;
};

/** What a wallet made of a step: a signature or a transaction's hash, and for a message the text that was signed. */
export type StepResult = { id: string; value: Hex; text?: string };

/** Something that the person fills in. */
export type Field = { name: string; label: string; value: string; hint?: string } & (
  | { type: 'text' }
  | { type: 'amount'; unit: string }
  | { type: 'choice'; choices: readonly { value: string; label: string }[] }
);

/** Where a plain transfer does it too. */
/** `least`: what is less stays at the address until more has come; absent: nothing is too little. */
export type TransferTo = { address: Address; token: string; account: string; least?: string };

/** A request as the page shows it. */
export type RequestView = {
  title: string;
  text: readonly string[];
  facts: readonly Fact[];
  fields: readonly Field[];
  /** The worst that can come of it. */
  worst: string;
  /** Of the button. */
  action: string;
  transfer?: TransferTo;
  /** Something wrong that the person should see before going on. */
  warning?: string;
};

export type NextLink = { label: string; token: string };

export type Advance =
  | { ok: true; type: 'step'; step: WalletStep; count: number; of: number }
  | { ok: true; type: 'done'; message: string; next: readonly NextLink[] }
  | Refusal;

/** `code`: one of `requestRefusals`, or a contract's error. */
export type Refusal = { ok: false; code: string; message: string };

export type Input = {
  stored: StoredRequest;
  /** The connected wallet. */
  wallet: Address;
  fields: Readonly<Record<string, string>>;
  results: readonly StepResult[];
};

export type RequestContext = {
  context: Context;
  accounts: Accounts;
  relayer: Relayer;
  /** The language of the person at the page. */
  t: Translate;
  /** Where a person alone reads what the bot says unasked. */
  directOf(person: Person): Direct | undefined;
};

/** One kind of request: what the page shows, and what comes next after what the wallet has done. */
export type Handler<Type extends PaymentRequest['type']> = {
  /** @param input.wallet undefined: none is connected yet */
  view(
    on: RequestContext,
    request: Extract<PaymentRequest, { type: Type }>,
    input: Omit<Input, 'wallet' | 'results'> & { wallet: Address | undefined },
  ): Promise<RequestView>;
  advance(on: RequestContext, request: Extract<PaymentRequest, { type: Type }>, input: Input): Promise<Advance>;
};

export function refuse(code: RequestRefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}

export function resultOf(results: readonly StepResult[], id: string): StepResult | undefined {
  return results.find((result) => result.id === id);
}
