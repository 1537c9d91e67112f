import { Wallet } from 'ethers';
import { type Hex, hex, zeroHash } from '../../contracts/client/Hex.ts';
import { latest } from '../../contracts/client/Rpc.ts';
import type { Stand } from '../../test/host/support.ts';

const days = 86_400;

/** `count` asks of a free model, signed beforehand by eight wallets; each wallet's are in the order of its nonces. */
export async function signAsks(
  { chain, deployment, hostContract, market, registry }: Stand,
  count: number,
): Promise<Hex[]> {
  const model = 1n;
  const { workload } = await registry.modelOf(model);
  const deadline = BigInt((await latest(chain.rpc)).timestamp + 5 * days);
  const wallets = await Promise.all(
    chain.accounts.slice(2).map(async ({ privateKey }) => {
      const wallet = new Wallet(privateKey);
      return { wallet, nonce: await chain.rpc.getTransactionCount(wallet.address) };
    }),
  );
  const raws: Hex[] = [];
  for (let n = 0; n < count; n++) {
    const from = wallets[n % wallets.length];
    if (from === undefined) throw new Error('There are no wallets.');
    const order = {
      model,
      workload,
      token: deployment.token,
      host: hostContract,
      maxPrice: 0n,
      deadline,
      parent: zeroHash,
      userSalt: hex(`0x${(BigInt(Date.now()) * 1_000_000n + BigInt(n)).toString(16).padStart(64, '0')}`),
      soleHost: false,
      byReport: false,
    };
    const { to, data } = market.calls.askAndPay(order, `What is question ${n} about?`, '', 0n);
    const fees = { maxFeePerGas: 20_000_000_000n, maxPriorityFeePerGas: 1_000_000n };
    raws.push(
      hex(
        await from.wallet.signTransaction({
          to,
          data,
          type: 2,
          chainId: chain.chainId,
          nonce: from.nonce++,
          gasLimit: 180_000n,
          ...fees,
        }),
      ),
    );
  }
  return raws;
}

/** Into the pool, in one request. */
export async function sendRaw({ chain }: Stand, raws: readonly Hex[]): Promise<void> {
  const response = await fetch(chain.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      raws.map((raw, id) => ({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: [raw] })),
    ),
  });
  const results = (await response.json()) as { error?: { message: string } }[];
  const failed = results.find(({ error }) => error !== undefined);
  if (failed?.error) throw new Error(`An ask was not taken: ${failed.error.message}`);
}
