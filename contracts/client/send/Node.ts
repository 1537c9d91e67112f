import { toQuantity } from 'ethers';
import { z } from 'zod';
import type { Call } from '../Call.ts';
import { explain } from '../ContractError.ts';
import { type Address, type Hex, hex } from '../Hex.ts';
import { type Rpc, RpcError } from '../Rpc.ts';
import { type Fees, suggest } from './Fees.ts';

/** What must be known before signing, from one round trip. `gas.error`: what the estimate failed with. `balance` in wei. */
export type Preflight = {
  gas: { limit: bigint } | { error: unknown };
  fees: Fees;
  balance: bigint;
  nonce: number;
  block: number;
};

/** `fee`: what was paid, in wei. `timestamp` of the block, unix seconds. */
export type Receipt = {
  hash: Hex;
  success: boolean;
  block: number;
  timestamp: number;
  gasUsed: bigint;
  gasLimit: bigint;
  fee: bigint;
};

const quantity = z.string().transform((value) => BigInt(value));
const word = z.string().transform((value) => hex(value));
const headSchema = z.object({ number: quantity, timestamp: quantity, baseFeePerGas: quantity.nullish() });
const receiptSchema = z.object({
  transactionHash: word,
  status: quantity,
  blockNumber: quantity,
  gasUsed: quantity,
  effectiveGasPrice: quantity.nullish(),
  l1Fee: quantity.nullish(),
});

/** Above the estimate, a quarter: what the call touches can change before it is mined. */
const slack = (gas: bigint): bigint => gas + gas / 4n;

export type Node = ReturnType<typeof createNode>;

/** The few questions that a sender asks a node; those of one step travel together. */
export function createNode(rpc: Rpc, from: Address) {
  let priorityFee: { value: bigint; at: number } | undefined;

  async function tip(): Promise<bigint> {
    if (priorityFee && Date.now() - priorityFee.at < 15_000) return priorityFee.value;
    const value = await rpc.send('eth_maxPriorityFeePerGas', []).then(
      (given) => BigInt(given),
      (error: unknown) => {
        if (error instanceof RpcError) throw error;
        return 1_000_000_000n;
      },
    );
    priorityFee = { value, at: Date.now() };
    return value;
  }

  const head = async () => headSchema.parse(await rpc.send('eth_getBlockByNumber', ['latest', false]));
  const nonceNow = async () => Number(await rpc.send('eth_getTransactionCount', [from, 'latest']));

  async function feesOf(latest: z.output<typeof headSchema>, priority: bigint): Promise<Fees> {
    const baseFee = latest.baseFeePerGas ?? undefined;
    const gasPrice = baseFee === undefined ? BigInt(await rpc.send('eth_gasPrice', [])) : 0n;
    return suggest({ baseFee, priorityFee: priority, gasPrice });
  }

  return {
    /** @param gasLimit when it is given the call is tried once with it, where an estimate tries it many times */
    async preflight({ to, data, value }: Call, gasLimit?: bigint): Promise<Preflight> {
      const call = { from, to, data, value: toQuantity(value) };
      const estimate = (
        gasLimit === undefined
          ? rpc.send('eth_estimateGas', [call, 'pending']).then((gas) => ({ limit: slack(BigInt(gas)) }))
          : rpc.send('eth_call', [{ ...call, gas: toQuantity(gasLimit) }, 'pending']).then(() => ({ limit: gasLimit }))
      ).catch((error: unknown) => ({ error }));
      const [gas, latest, priority, balance, nonce] = await Promise.all([
        estimate,
        head(),
        tip(),
        rpc.send('eth_getBalance', [from, 'latest']),
        nonceNow(),
      ]);
      return {
        gas,
        fees: await feesOf(latest, priority),
        balance: BigInt(balance),
        nonce,
        block: Number(latest.number),
      };
    },

    async look(): Promise<{ nonce: number; block: number; fees: Fees }> {
      const [latest, nonce, priority] = await Promise.all([head(), nonceNow(), tip()]);
      return { nonce, block: Number(latest.number), fees: await feesOf(latest, priority) };
    },

    sendRaw: (raw: Hex): Promise<unknown> => rpc.send('eth_sendRawTransaction', [raw]),

    /** The receipt of whichever of these was mined. */
    async receiptOf(hashes: readonly Hex[]): Promise<Receipt | undefined> {
      const found = await Promise.all(hashes.map((hash) => rpc.send('eth_getTransactionReceipt', [hash])));
      const raw = found.find((receipt) => receipt !== null && receipt !== undefined);
      if (!raw) return undefined;
      const receipt = receiptSchema.parse(raw);
      const [block, transaction] = await Promise.all([
        rpc.send('eth_getBlockByNumber', [toQuantity(receipt.blockNumber), false]),
        rpc.send('eth_getTransactionByHash', [receipt.transactionHash]),
      ]);
      return {
        hash: receipt.transactionHash,
        success: receipt.status === 1n,
        block: Number(receipt.blockNumber),
        timestamp: Number(headSchema.parse(block).timestamp),
        gasUsed: receipt.gasUsed,
        gasLimit: BigInt(z.object({ gas: z.string() }).parse(transaction).gas),
        fee: receipt.gasUsed * (receipt.effectiveGasPrice ?? 0n) + (receipt.l1Fee ?? 0n),
      };
    },

    /** Why a mined transaction failed, as far as asking again at its block tells. */
    async whyFailed(call: Call, receipt: Receipt): Promise<{ data: Hex | undefined; outOfGas: boolean }> {
      const { to, data, value } = call;
      const again = { from, to, data, value: toQuantity(value), gas: toQuantity(receipt.gasLimit) };
      try {
        await rpc.send('eth_call', [again, toQuantity(receipt.block)]);
        return { data: undefined, outOfGas: receipt.gasUsed === receipt.gasLimit };
      } catch (error) {
        const explained = explain(error);
        return { data: explained.data, outOfGas: explained.data === undefined && receipt.gasUsed === receipt.gasLimit };
      }
    },
  };
}
