import type { Deployment } from '../../../contracts/client/Deployment.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { createMarket } from '../../../contracts/client/Market.ts';
import { permitDomain } from '../../../contracts/client/Permit.ts';
import type { Rpc } from '../../../contracts/client/Rpc.ts';
import { isSignedBy } from '../../../contracts/client/WalletSignature.ts';
import type { Accounts } from './Accounts.ts';

export type AccountsOptions = {
  rpc: Rpc;
  deployment: Deployment;
  spender: Address;
  /** Smallest units for each relayed transaction, by token; of others nothing is taken. */
  relayFees?: ReadonlyMap<Address, bigint>;
  /** Default: the spender. */
  feePayee?: Address;
};

export function createAccounts({
  rpc,
  deployment,
  spender,
  relayFees = new Map(),
  feePayee = spender,
}: AccountsOptions): Accounts {
  const { balanceOf, nonceOf, ownerOf, allowanceOf, depositAddressOf, transferSaltOf, calls } = createMarket(
    rpc,
    deployment,
  );
  return {
    deployment,
    spender,
    feePayee,
    relayFee: (token) => relayFees.get(token) ?? 0n,
    balanceOf,
    nonceOf,
    ownerOf,
    depositAddressOf,
    transferSaltOf,
    calls,
    allowanceOf: (account, token) => allowanceOf(account, spender, token),
    permitDomain: (token, owner) => permitDomain(rpc, deployment.chainId, token, owner),
    isSignedBy: (wallet, text, signature) => isSignedBy(rpc, wallet, text, signature),
  };
}
