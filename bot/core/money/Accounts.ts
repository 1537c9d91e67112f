import type { Order } from '../../../contracts/client/Ask.ts';
import type { Deployment } from '../../../contracts/client/Deployment.ts';
import type { Address, Hex } from '../../../contracts/client/Hex.ts';
import type { Allowance, Market } from '../../../contracts/client/Market.ts';
import type { PermitDomain } from '../../../contracts/client/Permit.ts';
import type { Intent, Outcome } from '../../../contracts/client/send/Sender.ts';

/** The ledger of accounts as the bot reads it. Amounts in smallest units. Reads reject with ContractError. */
export type Accounts = {
  deployment: Deployment;
  /** The bot's own key: it opens asks within allowances and relays what owners signed. */
  spender: Address;
  /** What the bot takes for the gas of one relayed transaction, and whose account gets it. */
  relayFee(token: Address): bigint;
  feePayee: Address;
  balanceOf(account: bigint, token: Address): Promise<bigint>;
  /** What the account's owner lets this bot spend. */
  allowanceOf(account: bigint, token: Address): Promise<Allowance>;
  nonceOf(account: bigint): Promise<bigint>;
  ownerOf(account: bigint): Promise<Address>;
  /** The salt of the address where a plain transfer pays for exactly this ask; `order.deadline` in seconds from the opening. */
  transferSaltOf(order: Order, input: string, script: string, openUntil: bigint): Promise<Hex>;
  depositAddressOf(account: bigint, salt: Hex): Promise<Address>;
  /** How `owner` signs a permit for the token; undefined: it has none. */
  permitDomain(token: Address, owner: Address): Promise<PermitDomain | undefined>;
  /** By the wallet's key, or by its contract (ERC-1271). */
  isSignedBy(wallet: Address, text: string, signature: Hex): Promise<boolean>;
  calls: Pick<
    Market['calls'],
    | 'ask'
    | 'askByTransfer'
    | 'depositCoin'
    | 'depositToken'
    | 'depositTokenWithPermit'
    | 'sweep'
    | 'withdraw'
    | 'withdrawBySignature'
    | 'allowBySignature'
    | 'revoke'
    | 'revokeAll'
    | 'revokeAllBySignature'
    | 'openPurse'
  >;
};

/** Sends with the bot's key: the same key of an intent is never sent twice. */
export type Relayer = { submit(intent: Intent): Promise<Outcome> };
