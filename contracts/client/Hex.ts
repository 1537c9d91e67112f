import { getAddress, isHexString } from 'ethers';
import { z } from 'zod';

/** 0x-prefixed lower-case hexadecimal. */
export type Hex = `0x${string}`;
/** An EIP-55 checksummed address. */
export type Address = `0x${string}`;

export const zeroAddress: Address = '0x0000000000000000000000000000000000000000';
export const zeroHash: Hex = `0x${'0'.repeat(64)}`;

/** A checksum is a hash, and the same few addresses come in every event. */
const checksummed = new Map<string, Address>();

/** @throws TypeError when `value` is not an address (or its EIP-55 checksum is wrong). */
export function address(value: string): Address {
  const known = checksummed.get(value);
  if (known !== undefined) return known;
  const made = getAddress(value) as Address;
  if (checksummed.size >= 2_000) checksummed.clear();
  checksummed.set(value, made);
  return made;
}

/** @throws TypeError when `value` is not 0x-prefixed hexadecimal. */
export function hex(value: string): Hex {
  if (!isHexString(value)) throw new TypeError(`Not 0x-prefixed hexadecimal: ${value.slice(0, 80)}`);
  return value.toLowerCase() as Hex;
}

export const addressSchema = z.string().transform((value, context): Address => {
  try {
    return address(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be an address: 0x and 40 hexadecimal digits' });
    return z.NEVER;
  }
});
