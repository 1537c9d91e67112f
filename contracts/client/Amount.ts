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

/** Why what a person typed can be no amount. */
export const amountProblems = [
  'missing',
  'comma',
  'negative',
  'notAmount',
  'noDecimals',
  'tooManyDecimals',
  'tooLarge',
] as const;

/** What is wrong with what a person typed, for whoever says it in words of their own. `typed`: cut to be shown. */
export type AmountProblem = {
  problem: (typeof amountProblems)[number];
  typed: string;
  decimals: number;
};

/**
 * An amount that a person typed, in smallest units; or what is wrong with it.
 * Takes digits with at most one point, no sign, exponent, comma or unit; at most 2^128 - 1, the contracts' own limit.
 */
export function read(text: string, decimals: number): bigint | AmountProblem {
  const typed = text.trim();
  const wrong = (problem: AmountProblem['problem']): AmountProblem => ({
    problem,
    typed: typed.length > 40 ? `${typed.slice(0, 40)}…` : typed,
    decimals,
  });
  if (typed === '') return wrong('missing');
  if (typed.includes(',')) return wrong('comma');
  if (typed.startsWith('-')) return wrong('negative');
  const match = /^(\d*)(?:\.(\d*))?$/.exec(typed);
  if (!match || typed === '.') return wrong('notAmount');
  const [, whole = '', fraction = ''] = match;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > decimals) return wrong(decimals === 0 ? 'noDecimals' : 'tooManyDecimals');
  if (whole.length > 60) return wrong('tooLarge');
  const amount = BigInt(whole || '0') * 10n ** BigInt(decimals) + BigInt(significant.padEnd(decimals, '0') || '0');
  return amount > most ? wrong('tooLarge') : amount;
}

/** The same; or a sentence, in English and without its period, that says what is wrong with it. */
export function parse(text: string, decimals: number): bigint | string {
  const amount = read(text, decimals);
  return typeof amount === 'bigint' ? amount : sentenceOf(amount);
}

function sentenceOf({ problem, typed, decimals }: AmountProblem): string {
  switch (problem) {
    case 'missing':
      return 'An amount is missing. Write it like 0.25';
    case 'comma':
      return `“${typed}” has a comma. Write the amount with a point, like 0.25`;
    case 'negative':
      return `“${typed}” is negative. Write an amount of 0 or more, like 0.25`;
    case 'notAmount':
      return `“${typed}” is not an amount. Write only digits and a point, like 0.25`;
    case 'noDecimals':
      return `“${typed}” has decimals, and this token has none. Write a whole number`;
    case 'tooManyDecimals':
      return `“${typed}” has more than ${decimals} decimals. This token can't be divided further`;
    case 'tooLarge':
      return `“${typed}” is too large`;
  }
}
