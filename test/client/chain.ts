import { NonceManager, Wallet } from 'ethers';
import { load } from '../../contracts/client/Artifact.ts';
import { type Address, address } from '../../contracts/client/Hex.ts';
import { type LocalChain, type LocalChainOptions, startLocalChain } from '../../contracts/client/LocalChain.ts';
import { createLog } from '../../contracts/client/support/Log.ts';

export const quiet = createLog({ name: 'test', level: process.env['TEST_LOG'] ?? 'silent' });

/** A real anvil with a quick pace. */
export function startChain(options: Partial<LocalChainOptions> = {}): Promise<LocalChain> {
  return startLocalChain({ blockTime: 0.05, log: quiet, ...options });
}

/** One of anvil's own keys. */
export function devWallet(chain: LocalChain, index: number): Wallet {
  return new Wallet(chain.accounts[index]?.privateKey ?? '', chain.rpc);
}

/** A new key with coin. */
export async function fundedWallet(chain: LocalChain, wei = 10n ** 20n): Promise<Wallet> {
  const wallet = new Wallet(Wallet.createRandom().privateKey, chain.rpc);
  await chain.rpc.send('anvil_setBalance', [wallet.address, `0x${wei.toString(16)}`]);
  return wallet;
}

/** A TellorFlex of which `owner` may set the governance once: a contract that reverts with a reason. */
export async function deployOracle(owner: Wallet): Promise<Address> {
  const { abi, bytecode } = load('TellorFlex');
  const data = bytecode + abi.encodeDeploy([owner.address, 43_200, 1, 1, 1, `0x${'11'.repeat(32)}`]).slice(2);
  const sent = await new NonceManager(owner).sendTransaction({ data });
  const receipt = await sent.wait();
  return address(receipt?.contractAddress ?? '');
}
