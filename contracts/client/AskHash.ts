import { AbiCoder, keccak256, ParamType, type Result, toBeHex } from 'ethers';
import { load } from './Artifact.ts';
import type { Ask } from './Ask.ts';
import { type Address, address, type Hex, hex } from './Hex.ts';

let type: ParamType | undefined;

/** The ABI's own description of `IAskMarket.Ask`. */
function askType(): ParamType {
  type ??= ParamType.from(load('IAskMarket').abi.getFunction('takeOver')?.inputs[1]);
  return type;
}

/** keccak256(abi.encode(ask)): what a seal item carries and the market's slot holds a part of. */
export function hash(ask: Ask): Hex {
  return hex(keccak256(AbiCoder.defaultAbiCoder().encode([askType()], [ask])));
}

/** The struct as ethers decoded it, in plain data; addresses as text or as numbers. */
export function fromResult(ask: Result): Ask {
  const { account, opener, seller, host, token, model, ...rest } = ask.toObject();
  return {
    account: BigInt(account),
    opener: addressOf(opener),
    seller: addressOf(seller),
    host: addressOf(host),
    token: addressOf(token),
    model: BigInt(model),
    hostPrice: BigInt(rest['hostPrice']),
    royalty: BigInt(rest['royalty']),
    deadline: BigInt(rest['deadline']),
    exclusiveUntil: BigInt(rest['exclusiveUntil']),
    reportWithin: BigInt(rest['reportWithin']),
    inputBytes: BigInt(rest['inputBytes']),
    soleHost: Boolean(rest['soleHost']),
    byReport: Boolean(rest['byReport']),
    toWallet: Boolean(rest['toWallet']),
  };
}

function addressOf(value: unknown): Address {
  return address(typeof value === 'bigint' ? toBeHex(value, 20) : String(value));
}
