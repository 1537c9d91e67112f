import { AbiCoder, getCreateAddress } from 'ethers';
import { load } from '../../../contracts/client/Artifact.ts';
import type { Deployment } from '../../../contracts/client/Deployment.ts';
import { type Address, address, type Hex, hex } from '../../../contracts/client/Hex.ts';
import { createHost } from '../../../contracts/client/HostContract.ts';
import type { Rpc } from '../../../contracts/client/Rpc.ts';
import { createToken } from '../../../contracts/client/Token.ts';

/** What the owner wants. `stake` in smallest units of the oracle's token. */
export type Wishes = { owner: Address; stake: bigint; reportsPerDay: number };

/** A transaction of the owner's for any wallet. `to` null: it creates the contract. `link`: EIP-681, where one can say it. */
export type OwnerTransaction = { what: string; to: Address | null; data: Hex; value: string; link?: string };

/**
 * Everything the owner signs, in order, with its key wherever that is: make the contract, allow it to take the stake, stake, name the
 * operator. The contract's address follows from the owner's next nonce: nothing else of that wallet may come in between.
 */
export async function ownerTransactions(
  rpc: Rpc,
  deployment: Deployment,
  operator: Address,
  wishes: Wishes,
): Promise<{ contract: Address; transactions: OwnerTransaction[] }> {
  const { owner, stake, reportsPerDay } = wishes;
  const { chainId, token, market } = deployment;
  const nonce = await rpc.getTransactionCount(owner, 'pending');
  const contract = address(getCreateAddress({ from: owner, nonce }));
  const host = createHost(rpc, contract, deployment);
  const creation = hex(
    load('Host').bytecode + AbiCoder.defaultAbiCoder().encode(['address', 'address'], [owner, market]).slice(2),
  );
  const plain = (call: { to: Address; data: Hex }) => ({ to: call.to, data: call.data, value: '0' });
  return {
    contract,
    transactions: [
      { what: `make the contract; it will lie at ${contract}`, to: null, data: creation, value: '0' },
      {
        what: 'allow the contract to take the stake',
        ...plain(createToken(rpc, token).calls.approve(contract, stake)),
        link: `ethereum:${token}@${chainId}/approve?address=${contract}&uint256=${stake}`,
      },
      {
        what: 'stake',
        ...plain(host.calls.stake(stake)),
        link: `ethereum:${contract}@${chainId}/stake?uint256=${stake}`,
      },
      {
        what: 'name the operator',
        ...plain(host.calls.setOperator(operator, reportsPerDay)),
        link: `ethereum:${contract}@${chainId}/setOperator?address=${operator}&uint32=${reportsPerDay}`,
      },
    ],
  };
}

/** Coin for the operator's gas, which any wallet can send. */
export const gasLink = (operator: Address, chainId: number, wei: bigint): string =>
  `ethereum:${operator}@${chainId}?value=${wei}`;
