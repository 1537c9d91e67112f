import { stringify } from 'csv-stringify/sync';

/** `bigint`s are written as whole numbers: turn amounts into whole tokens first. */
export type Cell = string | number | bigint | null;

/**
 * RFC 4180: a line of column names, then a line per record, each ended by CRLF. A text that a spreadsheet would take for a formula
 * (`=`, `+`, `-`, `@`, tab or carriage return in front) gets a `'` before it; numbers keep their sign. `null` is an empty cell.
 * @param columns which fields, in which order
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function toCsv<Column extends string>(
  columns: readonly Column[],
  records: Iterable<Readonly<Record<Column, Cell>>>,
): string {
  return stringify(
    [...records].map((record) => columns.map((column) => record[column])),
    {
      columns: [...columns],
      header: true,
      escape_formulas: true,
      record_delimiter: 'windows',
      // Also quotes what holds a lone CR or LF, which the delimiter CRLF would let through.
      quoted_match: /[\r\n]/,
    },
  );
}
