/**
 * A picture as plain data, drawn only when it is sent: horizontal bars from the largest down, each with its number at the left
 * and its value at the right. What the bars are is said in the message: names come in scripts that the picture's font lacks.
 */
export type Picture = {
  /** Said by a screen reader in place of the picture. */
  alt: string;
  bars: readonly Bar[];
};

/** `share`: length of the bar, 0 to 1. `value`: digits and a token's symbol. */
export type Bar = { number: number; value: string; share: number };

/** @param amounts smallest units of one token @param value how an amount is written */
export function barsOf(amounts: readonly bigint[], value: (amount: bigint) => string): Bar[] {
  const most = amounts.reduce((a, b) => (a > b ? a : b), 0n);
  return amounts.map((amount, index) => ({
    number: index + 1,
    value: value(amount),
    share: most === 0n ? 0 : Number((amount * 10_000n) / most) / 10_000,
  }));
}
