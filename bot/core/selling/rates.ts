import type { Address } from '../../../contracts/client/Hex.ts';
import { askable } from '../Choice.ts';
import type { Context } from '../Context.ts';

/** What sellers of models that can be asked now take for each ask, smallest units of `token`. */
export type Rates = { token: Address; models: number; least: bigint; middle: bigint; most: bigint };

/**
 * The going rates by token, the one of most models first. Models that are free count.
 * @param updates a listed model, whose token can't be changed: only the rates of that; absent: of all
 */
export function goingRates({ catalog }: Pick<Context, 'catalog'>, updates?: bigint): Rates[] {
  const listed = catalog.models().find(({ id }) => id === updates);
  const royalties = new Map<Address, bigint[]>();
  for (const { token, royalty } of askable(catalog))
    if (!listed || token === listed.token) royalties.set(token, [...(royalties.get(token) ?? []), royalty]);
  return [...royalties.entries()]
    .map(([token, list]) => {
      const sorted = list.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      const at = (place: number) => sorted[Math.min(sorted.length - 1, Math.floor(place))] ?? 0n;
      return { token, models: sorted.length, least: at(0), middle: at(sorted.length / 2), most: at(sorted.length - 1) };
    })
    .sort((a, b) => b.models - a.models);
}
