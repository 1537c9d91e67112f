import { hashMessage, Interface, verifyMessage } from 'ethers';
import type { Address, Hex } from './Hex.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';

const abi = new Interface(['function isValidSignature(bytes32, bytes) view returns (bytes4)']);
const magic = '0x1626ba7e';

/**
 * Whether `address` signed the text (EIP-191): by its key, or as a contract that says so (ERC-1271).
 * @throws ContractError `network` when the chain can't be asked
 */
export async function isSignedBy(rpc: Rpc, address: Address, text: string, signature: Hex): Promise<boolean> {
  try {
    if (verifyMessage(text, signature) === address) return true;
  } catch {
    // Not a key's signature: a contract's can have any shape.
  }
  if ((await rpc.getCode(address)) === '0x') return false;
  const read = createReader(rpc, address, abi);
  try {
    const [answer] = await read('isValidSignature', [hashMessage(text), signature]);
    return answer === magic;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'network') throw error;
    return false;
  }
}
