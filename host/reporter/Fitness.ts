import { formatUnits } from 'ethers';
import type { Address } from '../../contracts/client/Hex.ts';
import type { Oracle } from '../../contracts/client/Oracle.ts';
import type { Rpc } from '../../contracts/client/Rpc.ts';
import type { Catalog } from '../runtime/models/Catalog.ts';

/** Whether this host can keep what its offers promise; `reasons` in words for its operator, empty when it can. */
export type Fitness = {
  fit: boolean;
  reasons: string[];
  /** Models of the models file that can't answer now, and why; the offers of the others stand. */
  down: ReadonlyMap<string, string>;
};

export type FitnessOptions = {
  catalog: Catalog;
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
 * Looks at the model providers, the operator's gas money and the stake.
 * @throws whatever the node throws: then nothing is known
 */
export async function fitness({ catalog, rpc, oracle, host, operator, embedded }: FitnessOptions): Promise<Fitness> {
  const [down, balance, fees, staker, one] = await Promise.all([
    catalog.down(AbortSignal.timeout(10_000)),
    rpc.getBalance(operator),
    rpc.getFeeData(),
    oracle.stakerInfo(host),
    oracle.stakeAmount(),
  ]);
  const needed = (fees.gasPrice ?? 0n) * gasOfDelivery * deliveries;
  const reasons = [
    ...(catalog.provider.name === 'guide' && !embedded
      ? ['The guide is no language model and sells no answers on a real network. Connect a model (docs/host.md).']
      : []),
    // One model that answers is enough to go on with.
    ...(down.size < Math.max(1, catalog.names.length) ? [] : down.values()),
    ...(balance >= needed
      ? []
      : [
          `The operator ${operator} has ${formatUnits(balance, 18)} of the chain's coin; ${formatUnits(needed, 18)} are needed.`,
        ]),
    ...(staker.staked >= one
      ? []
      : [`${formatUnits(staker.staked, 18)} are staked; one stake is ${formatUnits(one, 18)}.`]),
  ];
  return { fit: reasons.length === 0, reasons, down };
}
