import type { Wallet } from 'ethers';
import type { Call } from '../contracts/client/Call.ts';
import { explain } from '../contracts/client/ContractError.ts';
import type { Rpc } from '../contracts/client/Rpc.ts';

/**
 * Sends calls of a wallet one behind the other without waiting between them, and waits until all are mined: on an own chain they
 * share a block. For setting up; the host's daily work goes through the sender's journal.
 * @param gasLimit for each; not estimated, as a call may need what the one before it does
 * @throws ContractError with the reason of the first one that reverted
 */
export async function sendAll(rpc: Rpc, wallet: Wallet, calls: readonly Call[], gasLimit = 3_000_000n): Promise<void> {
  const signer = wallet.connect(rpc);
  let nonce = await rpc.getTransactionCount(wallet.address, 'pending');
  const fees = await rpc.getFeeData();
  const sent: { call: Call; hash: string }[] = [];
  for (const call of calls) {
    const { hash } = await signer.sendTransaction({
      ...call,
      nonce: nonce++,
      gasLimit,
      maxFeePerGas: (fees.maxFeePerGas ?? fees.gasPrice ?? 1_000_000_000n) * 2n,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas ?? 0n,
    });
    sent.push({ call, hash });
  }
  for (const { call, hash } of sent) {
    if ((await mined(rpc, hash)) === 1) continue;
    // A receipt does not say why; the same call made now does.
    await rpc.call({ ...call, from: wallet.address }).catch((error: unknown) => {
      throw explain(error);
    });
    throw new Error(`Transaction ${hash} reverted.`);
  }
}

async function mined(rpc: Rpc, hash: string): Promise<number> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const receipt = await rpc.getTransactionReceipt(hash);
    if (receipt !== null) return receipt.status ?? 1;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  throw new Error(`Transaction ${hash} was not mined within a minute.`);
}
