/** Columns as wide as they must be, two spaces between; numbers to the right. Text from outside loses what could move the cursor. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const safe = [columns, ...rows].map((row) => row.map(plainLine));
  const widths = columns.map((_, index) => Math.max(...safe.map((row) => [...(row[index] ?? '')].length)));
  return safe
    .map((row) =>
      row
        .map((cell, index) => {
          const gap = ' '.repeat(Math.max(0, (widths[index] ?? 0) - [...cell].length));
          return right.includes(columns[index] ?? '') ? gap + cell : cell + gap;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line without control characters, and without those that turn a line around. */
export function plainLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}
