import type { Wallet } from 'ethers';
import { load } from '../../contracts/client/Artifact.ts';
import type { Order } from '../../contracts/client/Ask.ts';
import type { Call } from '../../contracts/client/Call.ts';
import { deploy } from '../../contracts/client/Deploy.ts';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Address, address, type Hex, zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import { createHost, type HostContract } from '../../contracts/client/HostContract.ts';
import type { LocalChain } from '../../contracts/client/LocalChain.ts';
import { createMarket, type Market } from '../../contracts/client/Market.ts';
import { workloadHash } from '../../contracts/client/Query.ts';
import { createRegistry, type Registry } from '../../contracts/client/Registry.ts';
import { createToken } from '../../contracts/client/Token.ts';
import { devWallet } from './chain.ts';

export const script = 'prompt = "Answer in one sentence."\ninput = "What is TellorFlex?"\n';
export const stake = 100_000n * 10n ** 18n;

/** A deployed marketplace with one model in coin and a staked host that offers it. */
export type World = {
  deployment: Deployment;
  market: Market;
  registry: Registry;
  host: HostContract;
  /** Owner of everything, seller and operator. */
  owner: Wallet;
  asker: Wallet;
  modelId: bigint;
  order(patch?: Partial<Order>): Order;
  /** Sends and waits until it is mined. @returns the transaction's hash */
  send(wallet: Wallet, ...calls: Call[]): Promise<Hex>;
};

export async function createWorld(chain: LocalChain): Promise<World> {
  const [owner, asker] = [devWallet(chain, 0), devWallet(chain, 1)];
  const deployment = { ...(await deploy({ rpc: chain.rpc, signer: owner })), embedded: true };
  const [market, registry] = [createMarket(chain.rpc, deployment), createRegistry(chain.rpc, deployment)];
  const send: World['send'] = async (wallet, ...calls) => {
    const nonce = await wallet.getNonce();
    const sent = await Promise.all(
      calls.map((call, index) => wallet.sendTransaction({ ...call, nonce: nonce + index, gasLimit: 3_000_000 })),
    );
    let hash: Hex = '0x';
    for (const one of sent) {
      const receipt = await one.wait();
      hash = (receipt?.hash ?? '0x') as Hex;
    }
    return hash;
  };
  const { abi, bytecode } = load('Host');
  const created = await owner.sendTransaction({
    data: bytecode + abi.encodeDeploy([owner.address, deployment.market]).slice(2),
  });
  const at: Address = address((await created.wait())?.contractAddress ?? '');
  const host = createHost(chain.rpc, at, deployment);
  const workload = workloadHash(script);
  const listing = { workload, token: zeroAddress, royalty: 10n, listedHostsOnly: false, name: 'Terse', metadata: '{}' };
  await send(
    owner,
    createToken(chain.rpc, deployment.token).calls.approve(at, stake),
    host.calls.stake(stake),
    host.calls.setOperator(address(owner.address), 86_400),
    registry.calls.publish(script),
    registry.calls.list(listing),
    host.calls.offer(1n, zeroAddress, {
      price: 90n,
      maxInputBytes: 1_000,
      exclusiveSeconds: 60,
      reportWithinSeconds: 600,
    }),
  );
  let salts = 0n;
  return {
    deployment,
    market,
    registry,
    host,
    owner,
    asker,
    modelId: 1n,
    send,
    order: (patch) => ({
      model: 1n,
      workload,
      token: zeroAddress,
      host: at,
      maxPrice: 100n,
      deadline: BigInt(Math.floor(Date.now() / 1000) + 3_600),
      parent: zeroHash,
      userSalt: `0x${(++salts).toString(16).padStart(64, '0')}`,
      soleHost: false,
      byReport: false,
      ...patch,
    }),
  };
}
