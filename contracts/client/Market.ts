import { AbiCoder, keccak256, type Result } from 'ethers';
import { load } from './Artifact.ts';
import { type Ask, type Order, type State, states } from './Ask.ts';
import { type Call, encode } from './Call.ts';
import type { Deployment } from './Deployment.ts';
import { type Address, address, type Hex, hex } from './Hex.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';
import { hexOf } from './Text.ts';

/** A delivered answer, for a seal; hashes as in `IAskMarket.SealItem`. */
export type SealItem = { queryId: Hex; askHash: Hex; answerHash: Hex };
export type SettleItem = { queryId: Hex; answerHash: Hex; ask: Ask };
/** `answerHash` is zeroHash unless it was delivered, `reportQueryId` unless it was sealed. */
export type RefundItem = { queryId: Hex; answerHash: Hex; reportQueryId: Hex; ask: Ask };
/** An EIP-2612 permit. */
export type Permit = { value: bigint; deadline: bigint; v: number; r: Hex; s: Hex };

/** What a spender may take; amounts in smallest units, times in seconds. */
export type AllowanceTerms = {
  perAsk: bigint;
  perPeriod: bigint;
  periodSeconds: bigint;
  expiry: bigint;
  feePayee: Address;
  maxRelayFee: bigint;
};
export type Allowance = {
  terms: AllowanceTerms;
  spentInPeriod: bigint;
  available: bigint;
  periodEndsAt: bigint;
  active: boolean;
};

/** The terms as ethers decoded them, in plain data. */
export function termsFromResult(terms: Result): AllowanceTerms {
  const [perAsk, perPeriod, periodSeconds, expiry, feePayee, maxRelayFee] = terms.toArray();
  return {
    perAsk: BigInt(perAsk),
    perPeriod: BigInt(perPeriod),
    periodSeconds: BigInt(periodSeconds),
    expiry: BigInt(expiry),
    feePayee: address(String(feePayee)),
    maxRelayFee: BigInt(maxRelayFee),
  };
}

/** What every signature of an account's owner carries: `nonceOf(account)`, and unix seconds. */
export type Signed = { account: bigint; nonce: bigint; deadline: bigint };
export type SignedAllowance = Signed & { spender: Address; token: Address; terms: AllowanceTerms };
export type SignedWithdrawal = Signed & {
  token: Address;
  amount: bigint;
  to: Address;
  relayFee: bigint;
  feePayee: Address;
};

/** `IAskMarket.Verdict`, in its order. `failed`: the dispute failed, the report stands. */
export const verdicts = ['none', 'open', 'failed', 'passed', 'invalid'] as const;
export type Verdict = (typeof verdicts)[number];

export type Market = ReturnType<typeof createMarket>;

/** The account of an address: the address as a number. */
export function accountOf(owner: Address): bigint {
  return BigInt(owner);
}

/** Whether an account is a purse, and not an address's own. */
export function isPurse(account: bigint): boolean {
  return account >> 160n > 0n;
}

/** The address of an account that is no purse. @throws RangeError for a purse */
export function ownerOf(account: bigint): Address {
  if (isPurse(account)) throw new RangeError('A purse is not of one address');
  return address(`0x${account.toString(16).padStart(40, '0')}`);
}

/** The `count`th purse that was opened for an owner, from 1: `openPurse` makes its id of nothing else. */
export function purseAccount(owner: Address, count: bigint): bigint {
  const id = keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'uint256'], [owner, count]));
  return BigInt(id) | (1n << 255n);
}

/**
 * AskMarket. Reads reject with ContractError; `calls` only describe transactions. Amounts in the token's smallest unit, times
 * in unix seconds, scripts and texts as they are (UTF-8 on chain).
 */
export function createMarket(rpc: Rpc, deployment: Deployment) {
  const to = deployment.market;
  const { abi } = load('IAskMarket');
  const read = createReader(rpc, to, abi);
  const call = (name: string, args: readonly unknown[], value?: bigint): Call => encode(to, abi, name, args, value);

  return {
    address: to,

    /** `time`: opened (or taken over), declined, report due (delivered), reported (sealed), settled or refunded. */
    async stateOf(queryId: Hex): Promise<{ state: State; time: number }> {
      const [state, time] = await read('stateOf', [queryId]);
      return { state: states[Number(state)] ?? 'none', time: Number(time) };
    },
    /** What Tellor's governance says of one report, as `settle` and `refund` will take it. */
    async verdictOf(reportQueryId: Hex, timestamp: number | bigint): Promise<Verdict> {
      return verdicts[Number((await read('verdictOf', [reportQueryId, timestamp]))[0])] ?? 'none';
    },
    async queryIdOf(opener: Address, order: Order, input: string): Promise<Hex> {
      return hex(String((await read('queryIdOf', [opener, order, input.toWellFormed()]))[0]));
    },
    async balanceOf(account: bigint, token: Address): Promise<bigint> {
      return BigInt((await read('balanceOf', [account, token]))[0]);
    },
    async nonceOf(account: bigint): Promise<bigint> {
      return BigInt((await read('nonceOf', [account]))[0]);
    },
    async ownerOf(account: bigint): Promise<Address> {
      return address(String((await read('ownerOf', [account]))[0]));
    },
    async pendingOwnerOf(account: bigint): Promise<Address> {
      return address(String((await read('pendingOwnerOf', [account]))[0]));
    },
    async allowanceOf(account: bigint, spender: Address, token: Address): Promise<Allowance> {
      const view = (await read('allowanceOf', [account, spender, token]))[0];
      return {
        terms: termsFromResult(view.terms),
        spentInPeriod: BigInt(view.spentInPeriod),
        available: BigInt(view.available),
        periodEndsAt: BigInt(view.periodEndsAt),
        active: Boolean(view.active),
      };
    },
    /** The salt of the deposit address that pays for exactly this ask; `askByTransfer` says what its parameters mean. */
    async transferSaltOf(order: Order, input: string, script: string, openUntil: bigint): Promise<Hex> {
      return hex(String((await read('transferSaltOf', [order, input.toWellFormed(), hexOf(script), openUntil]))[0]));
    },
    /** Where a plain transfer tops up the account. `salt`: zeroHash for the account's own address. */
    async depositAddressOf(account: bigint, salt: Hex): Promise<Address> {
      return address(String((await read('depositAddressOf', [account, salt]))[0]));
    },

    calls: {
      /** @param script inline workload of model 0, else '' @param relayFee smallest units; 0n for an owner */
      ask: (account: bigint, order: Order, input: string, script: string, relayFee: bigint): Call =>
        call('ask', [account, order, input, hexOf(script), relayFee]),
      /** @param value wei sent along: at least the price when it is in coin, else 0n */
      askAndPay: (order: Order, input: string, script: string, value: bigint): Call =>
        call('askAndPay', [order, input, hexOf(script)], value),
      askAndPayWithPermit: (order: Order, input: string, script: string, permit: Permit): Call =>
        call('askAndPayWithPermit', [order, input, hexOf(script), permit]),
      /** @param order `deadline` in seconds from the call @param openUntil unix seconds */
      askByTransfer: (account: bigint, order: Order, input: string, script: string, openUntil: bigint): Call =>
        call('askByTransfer', [account, order, input, hexOf(script), openUntil]),
      takeOver: (queryId: Hex, ask: Ask): Call => call('takeOver', [queryId, ask]),
      decline: (queryId: Hex, ask: Ask, reason: string): Call => call('decline', [queryId, ask, reason]),
      deliver: (queryIds: readonly Hex[], asks: readonly Ask[], answers: readonly string[]): Call =>
        call('deliver', [queryIds, asks, answers]),
      seal: (batch: bigint, items: readonly SealItem[]): Call => call('seal', [batch, items]),
      sealReport: (item: SealItem): Call => call('sealReport', [item]),
      settle: (reportQueryId: Hex, items: readonly SettleItem[]): Call => call('settle', [reportQueryId, items]),
      refund: (items: readonly RefundItem[]): Call => call('refund', [items]),

      depositCoin: (account: bigint, value: bigint): Call => call('depositCoin', [account], value),
      depositToken: (account: bigint, token: Address, amount: bigint): Call =>
        call('depositToken', [account, token, amount]),
      depositTokenWithPermit: (account: bigint, token: Address, amount: bigint, permit: Permit): Call =>
        call('depositTokenWithPermit', [account, token, amount, permit]),
      sweep: (account: bigint, salt: Hex, token: Address): Call => call('sweep', [account, salt, token]),
      withdraw: (account: bigint, token: Address, amount: bigint, receiver: Address): Call =>
        call('withdraw', [account, token, amount, receiver]),
      /** @param of what `TypedData.withdrawal` was made of */
      withdrawBySignature: (of: SignedWithdrawal, signature: Hex): Call =>
        call('withdrawBySignature', [
          of.account,
          of.token,
          of.amount,
          of.to,
          of.relayFee,
          of.feePayee,
          of.nonce,
          of.deadline,
          signature,
        ]),
      openPurse: (owner: Address): Call => call('openPurse', [owner]),
      offerPurse: (account: bigint, receiver: Address): Call => call('offerPurse', [account, receiver]),
      acceptPurse: (account: bigint): Call => call('acceptPurse', [account]),
      allow: (account: bigint, spender: Address, token: Address, terms: AllowanceTerms): Call =>
        call('allow', [account, spender, token, terms]),
      /** @param of what `TypedData.allowanceGrant` was made of */
      allowBySignature: (of: SignedAllowance, signature: Hex): Call =>
        call('allowBySignature', [of.account, of.spender, of.token, of.terms, of.nonce, of.deadline, signature]),
      revoke: (account: bigint, spender: Address, token: Address): Call => call('revoke', [account, spender, token]),
      revokeAll: (account: bigint): Call => call('revokeAll', [account]),
      /** @param of what `TypedData.revokeAll` was made of */
      revokeAllBySignature: (of: Signed, signature: Hex): Call =>
        call('revokeAllBySignature', [of.account, of.nonce, of.deadline, signature]),
    },
  };
}
