import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import { askable } from '../Choice.ts';
import type { Context } from '../Context.ts';

export type TokenLabel = { token: Address; symbol: string; decimals: number };

/** The tokens that models are paid in now: the one of most models first, and the coin in any case. */
export function knownTokens({ catalog }: Pick<Context, 'catalog'>): Address[] {
  const counts = new Map<Address, number>();
  for (const { token } of askable(catalog)) counts.set(token, (counts.get(token) ?? 0) + 1);
  counts.set(zeroAddress, counts.get(zeroAddress) ?? 0);
  return [...counts.entries()].sort(([, a], [, b]) => b - a).map(([token]) => token);
}

/** What the dearest model of a token costs now with its cheapest host, smallest units; 0 when there is none. */
export function dearest({ catalog }: Pick<Context, 'catalog'>, token: Address): bigint {
  return askable(catalog)
    .filter((model) => model.token === token)
    .map((model) => model.royalty + (catalog.offers(model.id, token)[0]?.price ?? 0n))
    .reduce((most, price) => (price > most ? price : most), 0n);
}

/** The token that a person means by its symbol or address; undefined: none of those in use. Ambiguous symbols: the first. */
export async function tokenNamed(
  context: Pick<Context, 'catalog' | 'market'>,
  wanted: string,
): Promise<TokenLabel | undefined> {
  const lower = wanted.trim().toLowerCase();
  for (const token of knownTokens(context)) {
    const info = await context.market.tokenInfo(token);
    if (info.symbol.toLowerCase() === lower || token.toLowerCase() === lower) return { token, ...info };
  }
  return undefined;
}
