import type { Wallet } from 'ethers';
import { type Address, address, hex } from '../../../contracts/client/Hex.ts';
import { compileContract } from '../../client/compileContract.ts';
import type { MoneyWorld } from './world.ts';

/**
 * A ClearFirstToken of which the wallet has `held`, and once allowed the market to take `allowed`; smallest units. That an approval
 * above it is refused has been seen.
 */
export async function deployClearFirst(
  { market: { deployment, send } }: Pick<MoneyWorld, 'market'>,
  wallet: Wallet,
  { held, allowed }: { held: bigint; allowed: bigint },
): Promise<Address> {
  const { abi, bytecode } = compileContract('ClearFirstToken');
  const deployed = await (await wallet.sendTransaction({ data: bytecode })).wait();
  const to = address(deployed?.contractAddress ?? '');
  const call = (name: string, args: unknown[]) => ({ to, data: hex(abi.encodeFunctionData(name, args)), value: 0n });
  await send(wallet, call('give', [wallet.address, held]), call('approve', [deployment.market, allowed]));
  const again = send(wallet, call('approve', [deployment.market, allowed + 1n]));
  const isRefused = await again.then(
    () => false,
    () => true,
  );
  if (!isRefused) throw new Error('ClearFirstToken took an approval above one that stands');
  return to;
}
