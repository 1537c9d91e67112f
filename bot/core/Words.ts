import { format } from '../../contracts/client/Amount.ts';
import type { ContractError } from '../../contracts/client/ContractError.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { hasKey, type Language, type Translate } from './I18n.ts';
import { plain } from './markdown/plain.ts';
import { timeToken } from './Times.ts';

/** `0x12ab…cd34`: enough to recognise, in code type. */
export function short(value: Hex | Address): string {
  return `\`${value.slice(0, 6)}…${value.slice(-4)}\``;
}

/** A transaction as a link to the block explorer, or its short hash where there is none. */
export function transactionText(hash: Hex, explorer: string | undefined): string {
  return explorer ? `[${hash.slice(0, 6)}…${hash.slice(-4)}](${explorer}/tx/${hash})` : short(hash);
}

export function addressText(address: Address, explorer: string | undefined): string {
  return explorer ? `[${address.slice(0, 6)}…${address.slice(-4)}](${explorer}/address/${address})` : short(address);
}

/** Nearer than this, the time of day says it all. Seconds. */
const near = 12 * 3_600;

/**
 * A time that every platform shows as its readers know it, with the day unless it is near `around`. Both in unix seconds.
 * The same input always gives the same words, so that a card that didn't change isn't edited.
 */
export function clockText(at: number, around: number): string {
  return timeToken(at, Math.abs(at - around) < near ? 't' : 'f');
}

/** @param seconds rounded to what people would say */
export function durationText(seconds: number, t: Translate): string {
  if (seconds < 120) return t('duration.seconds', { count: Math.max(1, Math.round(seconds)) });
  if (seconds < 7_200) return t('duration.minutes', { count: Math.round(seconds / 60) });
  return t('duration.hours', { count: Math.round(seconds / 3_600) });
}

const numbers = new Map<Language, Intl.NumberFormat>();

/**
 * An exact amount as the language writes it: `0.25 LANG`, `0,25 LANG`. Five digits and more are grouped.
 * @param amount smallest units
 */
export function amountLabel(amount: bigint, token: { symbol: string; decimals: number }, t: Translate): string {
  const number =
    numbers.get(t.language) ?? new Intl.NumberFormat(t.language, { maximumFractionDigits: 100, useGrouping: 'min2' });
  numbers.set(t.language, number);
  // As decimal text, never as a float: Intl keeps every digit of that.
  return `${number.format(format(amount, token.decimals) as `${number}`)} ${token.symbol}`;
}

/** `0.25 LANG`, or `free`, for where no Markdown is read (button labels). */
export function priceLabel(amount: bigint, token: { symbol: string; decimals: number }, t: Translate): string {
  return amount === 0n ? t('price.free') : amountLabel(amount, token, t);
}

export function priceText(amount: bigint, token: { symbol: string; decimals: number }, t: Translate): string {
  return plain(priceLabel(amount, token, t));
}

/** An amount, nothing included: `0 LANG`. */
export function amountText(amount: bigint, token: { symbol: string; decimals: number }, t: Translate): string {
  return plain(amountLabel(amount, token, t));
}

/** Lines of one paragraph. */
export function lines(...parts: readonly string[]): string {
  return parts.join('\\\n');
}

export function paragraphs(...parts: readonly string[]): string {
  return parts.join('\n\n');
}

/** A person's or model's name: one line, at most 40 characters. */
export function nameText(name: string, fallback: string): string {
  const characters = [...new Intl.Segmenter().segment(name.slice(0, 400))];
  const short =
    characters.length > 40
      ? `${characters
          .slice(0, 39)
          .map(({ segment }) => segment)
          .join('')}…`
      : name;
  return plain(short) || fallback;
}

export function modelText({ id, name }: { id: bigint; name: string }, t: Translate): string {
  return id === 0n ? t('model.own') : nameText(name, `#${id}`);
}

/** Why the chain refused something, for people, unescaped. What has no translation is said in English. */
export function reasonText(reason: ContractError, t: Translate): string {
  const key = `reason.${reason.code}`;
  return t.language !== 'en' && hasKey(key) ? t(key) : reason.sentence;
}
