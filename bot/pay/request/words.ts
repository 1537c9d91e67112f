import { type AmountProblem, format } from '../../../contracts/client/Amount.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import type { Translate } from '../../core/I18n.ts';
import type { Platform } from '../../core/types.ts';

const places = { discord: 'Discord', telegram: 'Telegram' } as const;

export function placeName(platform: Platform, t: Translate): string {
  return platform === 'local' ? t('do.local') : places[platform];
}

export function shortAddress(address: Address): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}

/** @param amount smallest units */
export function amountText(amount: bigint, token: { symbol: string; decimals: number }): string {
  return format(amount, token.decimals, token.symbol);
}

/** What is wrong with an amount that was typed, its rule and the cure. */
export function amountRefusal({ problem, typed, decimals }: AmountProblem, t: Translate): string {
  return t(`do.amount.${problem}`, { typed, decimals });
}

/** `28 Dec 2026`, UTC. @param at unix seconds */
export function dayText(at: number, { language }: Pick<Translate, 'language'>): string {
  return new Date(at * 1000).toLocaleDateString(language === 'en' ? 'en-GB' : language, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
