import { parseEther, toQuantity, type Wallet } from 'ethers';
import type { Deployment } from '../contracts/client/Deployment.ts';
import type { Address } from '../contracts/client/Hex.ts';
import type { LocalChain } from '../contracts/client/LocalChain.ts';
import type { Rpc } from '../contracts/client/Rpc.ts';
import { createToken } from '../contracts/client/Token.ts';

/** Play money for an address of the embedded chain: 1,000 coin, unless it has as much. */
export async function giveCoin(rpc: Rpc, to: Address): Promise<void> {
  const enough = parseEther('1000');
  if ((await rpc.getBalance(to)) < enough / 2n) await rpc.send('anvil_setBalance', [to, toQuantity(enough)]);
}

type FundTestWallets = { chain: LocalChain; deployment: Deployment; owner: Wallet };

/** Play money for the pay page's test wallets: 1,000 LANG each; coin they have from the chain itself. */
export async function fundTestWallets({ chain, deployment, owner }: FundTestWallets): Promise<void> {
  const token = createToken(chain.rpc, deployment.token);
  for (const wallet of chain.accounts) {
    const sent = await owner.sendTransaction(token.calls.transfer(wallet.address, parseEther('1000')));
    await sent.wait();
  }
}
