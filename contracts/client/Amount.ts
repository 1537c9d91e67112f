/**
 * `250000000000000000n, 18, 'LANG'` → `0.25 LANG`. Exact; no exponent, no grouping, no trailing zeros.
 * @param amount smallest units
 */
export function format(amount: bigint, decimals: number, symbol?: string): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const number = `${amount < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`;
  return symbol === undefined ? number : `${number} ${symbol}`;
}

const most = 2n ** 128n - 1n;

/**
 * An amount that a person typed, in smallest units; or a sentence that says what is wrong with it.
 * Takes digits with at most one point, no sign, exponent, comma or unit; at most 2^128 - 1, the contracts' own limit.
 */
export function parse(text: string, decimals: number): bigint | string {
  const typed = text.trim();
  const shown = typed.length > 40 ? `${typed.slice(0, 40)}…` : typed;
  if (typed === '') return 'An amount is missing. Write it like 0.25';
  if (typed.includes(',')) return `“${shown}” has a comma. Write the amount with a point, like 0.25`;
  if (typed.startsWith('-')) return `“${shown}” is negative. Write an amount of 0 or more, like 0.25`;
  const match = /^(\d*)(?:\.(\d*))?$/.exec(typed);
  if (!match || typed === '.') return `“${shown}” is not an amount. Write only digits and a point, like 0.25`;
  const [, whole = '', fraction = ''] = match;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > decimals) {
    return decimals === 0
      ? `“${shown}” has decimals, and this token has none. Write a whole number`
      : `“${shown}” has more than ${decimals} decimals. This token can't be divided further`;
  }
  if (whole.length > 60) return `“${shown}” is too large`;
  const amount = BigInt(whole || '0') * 10n ** BigInt(decimals) + BigInt(significant.padEnd(decimals, '0') || '0');
  return amount > most ? `“${shown}” is too large` : amount;
}
