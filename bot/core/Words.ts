import { format } from '../../contracts/client/Amount.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { plain } from './markdown/plain.ts';

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

/**
 * A time as people read it; the day is said when it isn't that of `day`.
 * Both in unix seconds. The same input always gives the same words, so that a card that didn't change isn't edited.
 */
export function clockText(at: number, day: number): string {
  const iso = new Date(at * 1000).toISOString();
  const time = `${iso.slice(11, 16)} UTC`;
  if (iso.slice(0, 10) === new Date(day * 1000).toISOString().slice(0, 10)) return time;
  const month = new Date(at * 1000).toLocaleString('en', { month: 'short', timeZone: 'UTC' });
  return `${Number(iso.slice(8, 10))} ${month}, ${time}`;
}

export function durationText(seconds: number): string {
  const [amount, unit] =
    seconds < 120
      ? [Math.max(1, Math.round(seconds)), 'second']
      : seconds < 7200
        ? [Math.round(seconds / 60), 'minute']
        : [Math.round(seconds / 3600), 'hour'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

/** `0.25 LANG`, or `free`, for where no Markdown is read (button labels). */
export function priceLabel(amount: bigint, token: { symbol: string; decimals: number }): string {
  return amount === 0n ? 'free' : format(amount, token.decimals, token.symbol);
}

export function priceText(amount: bigint, token: { symbol: string; decimals: number }): string {
  return plain(priceLabel(amount, token));
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

export function modelText({ id, name }: { id: bigint; name: string }): string {
  return nameText(name, `model ${id}`);
}
