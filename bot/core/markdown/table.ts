import type { Align } from './Tree.ts';

const segmenter = new Intl.Segmenter();
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}])/u;

/** How many columns of a fixed-width font `text` takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

function padded(text: string, width: number, align: Align): string {
  const missing = Math.max(0, width - widthOf(text));
  const before = align === 'right' ? missing : align === 'center' ? Math.floor(missing / 2) : 0;
  return ' '.repeat(before) + text + ' '.repeat(missing - before);
}

/**
 * A table for a fixed-width font.
 * @param limit the widest that is readable: nothing is returned when the table is wider
 */
export function alignedTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Align[],
  limit: number,
): string | undefined {
  const widths = header.map((title, column) =>
    [title, ...rows.map((row) => row[column] ?? '')].reduce((most, cell) => Math.max(most, widthOf(cell)), 1),
  );
  if (widths.reduce((sum, width) => sum + width + 3, -3) > limit) return undefined;
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) => padded(cells[column] ?? '', width, align[column] ?? null))
      .join(' | ')
      .trimEnd();
  return [line(header), widths.map((width) => '-'.repeat(width)).join('-+-'), ...rows.map(line)].join('\n');
}
