import { formatUnits } from 'ethers';
import type { Address } from '../../contracts/client/Hex.ts';
import type { Oracle } from '../../contracts/client/Oracle.ts';
import type { Rpc } from '../../contracts/client/Rpc.ts';
import type { Provider } from '../runtime/provider/Provider.ts';

/** Whether this host can keep what its offers promise; `reasons` in words for its operator, empty when it can. */
export type Fitness = { fit: boolean; reasons: string[] };

export type FitnessOptions = {
  provider: Provider;
  rpc: Rpc;
  oracle: Oracle;
  host: Address;
  operator: Address /** Without a chain of play money the guide sells nothing. */;
  embedded: boolean;
};

/** Gas of so many deliveries must be there. */
const deliveries = 20n;
const gasOfDelivery = 300_000n;

/**
 * Looks at the model provider, the operator's gas money and the stake.
 * @throws whatever the node throws: then nothing is known
 */
export async function fitness({ provider, rpc, oracle, host, operator, embedded }: FitnessOptions): Promise<Fitness> {
  const [healthy, balance, fees, staker, one] = await Promise.all([
    provider.healthy(AbortSignal.timeout(10_000)),
    rpc.getBalance(operator),
    rpc.getFeeData(),
    oracle.stakerInfo(host),
    oracle.stakeAmount(),
  ]);
  const needed = (fees.gasPrice ?? 0n) * gasOfDelivery * deliveries;
  const reasons = [
    ...(provider.name === 'guide' && !embedded
      ? ['The guide is no language model and sells no answers on a real network. Connect a model (docs/host.md).']
      : []),
    ...(healthy ? [] : [`The model provider ${provider.label} does not answer.`]),
    ...(balance >= needed
      ? []
      : [
          `The operator ${operator} has ${formatUnits(balance, 18)} of the chain's coin; ${formatUnits(needed, 18)} are needed.`,
        ]),
    ...(staker.staked >= one
      ? []
      : [`${formatUnits(staker.staked, 18)} are staked; one stake is ${formatUnits(one, 18)}.`]),
  ];
  return { fit: reasons.length === 0, reasons };
}
