import { Signature } from 'ethers';
import { hex } from '../../contracts/client/Hex.ts';
import type { Permit } from '../../contracts/client/Market.ts';
import type { SignedPermit } from './types.ts';

/**
 * A signed permit as the contracts take it. Undefined when it is for another amount, or has not the form of a key's
 * signature: a contract wallet can't sign permits.
 */
export function permitOf({ value, deadline, signature }: SignedPermit, amount: bigint): Permit | undefined {
  if (value !== amount) return undefined;
  try {
    const { v, r, s } = Signature.from(signature);
    return { value, deadline, v, r: hex(r), s: hex(s) };
  } catch {
    return undefined;
  }
}
