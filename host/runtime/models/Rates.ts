import type { Deployment } from '../../../contracts/client/Deployment.ts';
import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import type { ModelsFile } from './ModelsFile.ts';

/** What a token is worth. `worth`: of one whole token, in 1e-18 of the currency. */
export type Rate = { name: string; worth: bigint; decimals: number };

/** The operator's own rates: there is no oracle for prices here. */
export type Rates = { currency: string; of(token: Address): Rate | undefined };

/** Without a models file everything is counted in coin, and no other token can be compared with it. */
export const coinOnly: Rates = {
  currency: 'coin',
  of: (token) => (token === zeroAddress ? { name: 'coin', worth: 10n ** 18n, decimals: 18 } : undefined),
};

export function ratesOf(file: ModelsFile, deployment: Pick<Deployment, 'token'>): Rates {
  return {
    currency: file.currency,
    of: (token) => {
      const name = tokenKey(token, deployment);
      const rate = file.tokens[name];
      return rate && { name, ...rate };
    },
  };
}

/** The name of a token in the models file. */
export function tokenKey(token: Address, deployment: Pick<Deployment, 'token'>): 'coin' | 'LANG' | Address {
  return token === zeroAddress ? 'coin' : token === deployment.token ? 'LANG' : token;
}

/** An amount of `rate`'s token in 1e-18 of the currency, rounded down, or up where it is a cost. */
export function worthOf(amount: bigint, { worth, decimals }: Rate, round: 'down' | 'up'): bigint {
  const unit = 10n ** BigInt(decimals);
  return (amount * worth + (round === 'up' ? unit - 1n : 0n)) / unit;
}
