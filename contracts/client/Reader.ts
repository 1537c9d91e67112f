import type { Interface, Result } from 'ethers';
import { explain } from './ContractError.ts';
import type { Address } from './Hex.ts';
import type { Rpc } from './Rpc.ts';

/** Reads one contract by its ABI. Rejects with ContractError. */
export type Reader = (name: string, args?: readonly unknown[]) => Promise<Result>;

export function createReader(rpc: Rpc, to: Address, abi: Interface): Reader {
  return async (name, args = []) => {
    try {
      const data = abi.encodeFunctionData(name, args);
      return abi.decodeFunctionResult(name, await rpc.send('eth_call', [{ to, data }, 'latest']));
    } catch (error) {
      throw explain(error);
    }
  };
}
