import { format } from '../../contracts/client/Amount.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import { type Rates, worthOf } from '../runtime/models/Rates.ts';
import { costOf, type Terms } from '../runtime/models/Terms.ts';

export type Scales = {
  /** What the ask pays the host, smallest units; the royalty is the seller's. */
  pays: bigint;
  token: Address;
  /** The operator answers such an ask for nothing. */
  free: boolean;
  gas: bigint;
  /** For a unit of gas. */
  feeWei: bigint;
  /** Undefined: the host has no price list, and its model counts for nothing. */
  model: { name: string; terms: Terms; input: number; output: number } | undefined;
  rates: Rates;
  marginPercent: number;
};

/** `budget`: most that the workload's model calls may cost, in 1e-18 of the currency; undefined: not limited. */
export type Weighed =
  | { taken: true; budget: bigint | undefined; arithmetic: string }
  | { taken: false /** For the asker. */; reason: string; arithmetic: string };

/**
 * What an ask pays against what its answer can cost at most: gas and model calls, and the operator's margin on both. Everything is
 * rounded against the host. `arithmetic` is the whole sum with its units, for the log.
 */
export function weigh({ pays, token, free, gas, feeWei, model, rates, marginPercent }: Scales): Weighed {
  const money = (amount: bigint): string => format(amount, 18, rates.currency);
  const coin = rates.of(zeroAddress);
  const paid = rates.of(token);
  if (pays === 0n && free)
    return { taken: true, budget: undefined, arithmetic: 'free: the operator asks nothing for it' };
  if (pays === 0n) return { taken: false, reason: 'This ask pays this host nothing.', arithmetic: 'pays 0' };
  if (paid === undefined || coin === undefined)
    return {
      taken: false,
      reason: 'This host does not take the token that this ask pays in.',
      arithmetic: `pays ${pays} of the smallest unit of ${token}, whose worth in ${rates.currency} is not in the models file`,
    };

  const worth = worthOf(pays, paid, 'down');
  const feeInAll = gas * feeWei;
  const gasCost = worthOf(feeInAll, coin, 'up');
  const modelCost = model === undefined ? 0n : costOf(model.terms, model.input, model.output);
  const hundred = 100n + BigInt(marginPercent);
  // The most that gas and model may cost together: `cost × (1 + margin) ≤ worth`, rounded down.
  const budget = (worth * 100n) / hundred - gasCost;
  const cost = gasCost + modelCost;
  const needed = (cost * hundred + 99n) / 100n;
  const taken = modelCost <= budget;
  const times = (amount: string, rate: { name: string; worth: bigint }): string =>
    rate.name === rates.currency ? '' : ` × ${format(rate.worth, 18)} ${rates.currency} = ${amount}`;
  const arithmetic = [
    `pays ${format(pays, paid.decimals, paid.name)}${times(money(worth), paid)}`,
    `gas at most ${gas} × ${format(feeWei, 9, 'gwei')} = ${format(feeInAll, 18, 'coin')}${times(money(gasCost), coin)}`,
    model === undefined
      ? 'model not counted, there is no price list'
      : `${model.name} at most ${model.input} tokens in × ${money(model.terms.inputPerMillion)}/M + ${model.output} tokens out × ${money(model.terms.outputPerMillion)}/M = ${money(modelCost)}`,
    `cost ${money(cost)}, with ${marginPercent} % margin ${money(needed)}`,
    taken ? `taken, ${money(worth - needed)} more than that` : `not taken, ${money(needed - worth)} short`,
  ].join('; ');
  if (taken) return { taken, budget, arithmetic };
  const reason =
    gasCost > modelCost
      ? "This ask pays less than its answer can cost this host: the chain's fees are high now. Ask again later, or choose another offer."
      : 'This ask pays less than its answer can cost this host at this length. Ask something shorter, or choose another offer.';
  return { taken, reason, arithmetic };
}
