import { Transaction, type Wallet } from 'ethers';
import { format } from './Amount.ts';
import { explain } from './ContractError.ts';
import type { Deployment } from './Deployment.ts';
import { type Address, address } from './Hex.ts';
import { createOracle } from './Oracle.ts';
import { type Addresses, type DeployTerms, type Plan, plan } from './Plan.ts';
import type { Rpc } from './Rpc.ts';
import type { Fees } from './send/Fees.ts';
import { createNode } from './send/Node.ts';
import { refusalOf } from './send/Refusal.ts';
import type { Log } from './support/Log.ts';

/** The deployment can't be done, or went wrong. The operator must act. */
export class DeployError extends Error {
  override name = 'DeployError';
}

export type DeployOptions = Omit<DeployTerms, 'oracle'> & {
  rpc: Rpc;
  /** Pays; owner of LANG's supply. Nothing else may be sent from it meanwhile. */
  signer: Wallet;
  /** A TellorFlex to build on. Without it an oracle and its governance are deployed too. */
  oracle?: Address;
  log?: Log;
};

/** `gas`: an upper bound; `cost` of it in wei at today's fees, `most` if fees double before it is done. */
export type Quotation = { plan: Plan; gas: bigint; cost: bigint; most: bigint; balance: bigint; fees: Fees };

/** What deploying would do and cost; sends nothing. @throws DeployError when the oracle named can't be used */
export async function quoteDeploy(options: DeployOptions): Promise<Quotation> {
  const { rpc, signer } = options;
  const from = address(signer.address);
  const [{ fees, nonce }, balance] = await Promise.all([createNode(rpc, from).look(), rpc.getBalance(from)]);
  const oracle = options.oracle && (await existingOracle(rpc, options.oracle));
  const { token, langSupply, stakeAmount, teamMultisig } = options;
  const planned = plan(from, nonce, {
    ...(oracle && { oracle }),
    ...(token !== undefined && { token }),
    ...(langSupply !== undefined && { langSupply }),
    ...(stakeAmount !== undefined && { stakeAmount }),
    ...(teamMultisig !== undefined && { teamMultisig }),
  });
  const gas = planned.steps.reduce((sum, step) => sum + step.gasLimit, 0n);
  const now = fees.legacy ? fees.maxFee : (fees.maxFee + fees.priorityFee) / 2n;
  return { plan: planned, gas, cost: gas * now, most: gas * fees.maxFee, balance, fees };
}

/** A deployment's transactions, signed: sending them again is harmless. Plain JSON. */
export type SignedDeployment = {
  chainId: number;
  addresses: Addresses;
  transactions: { name: string; hash: string; raw: string }[];
};

/**
 * Deploys the marketplace: with LANG, a genuine TellorFlex and its Governance, unless an oracle is named. All transactions go
 * out together, so that one block can hold them.
 * @throws DeployError when the coin is too little, or a transaction failed
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  return send(options.rpc, await sign(options, await quoteDeploy(options)), options.log);
}

/** Keep what this gives before sending it: after a kill the same deployment goes on. @throws DeployError */
export async function sign({ rpc, signer }: DeployOptions, quotation: Quotation): Promise<SignedDeployment> {
  const { plan: planned, most, balance, fees } = quotation;
  if (balance < most) {
    throw new DeployError(
      `The deployer ${signer.address} holds ${format(balance, 18)}; ${format(most, 18)} may be needed. Send it more of the chain’s coin`,
    );
  }
  const chainId = Number((await rpc.getNetwork()).chainId);
  const transactions = planned.steps.map(({ name, nonce, to, data, gasLimit }) => {
    const transaction = Transaction.from({
      chainId,
      nonce,
      to: to ?? null,
      data,
      gasLimit,
      ...(fees.legacy
        ? { type: 0, gasPrice: fees.maxFee }
        : { type: 2, maxFeePerGas: fees.maxFee, maxPriorityFeePerGas: fees.priorityFee }),
    });
    transaction.signature = signer.signingKey.sign(transaction.unsignedHash);
    return { name, hash: transaction.hash ?? '', raw: transaction.serialized };
  });
  return { chainId, addresses: planned.addresses, transactions };
}

/** Sends what is not on chain yet and waits for all of it. @throws DeployError when one failed or can't be mined any more */
export async function send(rpc: Rpc, signed: SignedDeployment, log?: Log): Promise<Deployment> {
  for (const { name, hash, raw } of signed.transactions) {
    if (await rpc.getTransactionReceipt(hash)) continue;
    log?.debug({ step: name, transaction: hash }, 'deploying');
    try {
      await rpc.send('eth_sendRawTransaction', [raw]);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === 'known') continue;
      if (refusal === 'nonceTooLow' && (await rpc.getTransactionReceipt(hash))) continue;
      throw new DeployError(`The transaction for ${name} was not taken: ${explain(error).message}`, { cause: error });
    }
  }
  const blocks: number[] = [];
  for (const { name, hash } of signed.transactions) {
    const receipt = await rpc.waitForTransaction(hash, 1, 600_000);
    if (receipt?.status !== 1) throw new DeployError(`The transaction for ${name} failed: ${hash}`);
    blocks.push(receipt.blockNumber);
  }
  log?.info({ ...signed.addresses }, 'the marketplace is deployed');
  return toDeployment(signed.chainId, Math.min(...blocks), signed.addresses);
}

function toDeployment(chainId: number, fromBlock: number, addresses: Addresses): Deployment {
  const { market, registry, oracle, governance, token } = addresses;
  return { chainId, fromBlock, market, registry, oracle, governance, token };
}

async function existingOracle(rpc: Rpc, at: Address): Promise<NonNullable<DeployTerms['oracle']>> {
  const none = { chainId: 0, fromBlock: 0, market: at, registry: at, oracle: at, governance: at, token: at };
  const oracle = createOracle(rpc, none);
  try {
    const [token, governance, lock] = await Promise.all([oracle.token(), oracle.governance(), oracle.reportingLock()]);
    if (lock < 43_200)
      throw new DeployError(`The oracle ${at} has a reporting lock of ${lock} s; the market needs 43,200 or more`);
    return { address: at, token, governance };
  } catch (cause) {
    if (cause instanceof DeployError) throw cause;
    throw new DeployError(`There is no TellorFlex at ${at}`, { cause });
  }
}
