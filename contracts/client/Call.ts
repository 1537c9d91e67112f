import type { Interface } from 'ethers';
import { type Address, type Hex, hex } from './Hex.ts';

/** A transaction described as plain data. `value` in wei. */
export type Call = { to: Address; data: Hex; value: bigint };

/** Describes `to.name(...args)`; a lone surrogate in a text becomes U+FFFD, so that any JavaScript string can be encoded. */
export function encode(to: Address, abi: Interface, name: string, args: readonly unknown[], value = 0n): Call {
  return { to, data: hex(abi.encodeFunctionData(name, args.map(wellFormed))), value };
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  return value;
}
