import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { payRefusals, requestRefusals, serverRefusals } from '../../bot/pay/refusals.ts';

const page = readFileSync('docs/errors.md', 'utf8');

/** The rows of one table of the page, each with the codes that its first cell names. */
function tableOf(heading: string) {
  const [, after = ''] = page.split(`\n### ${heading}`);
  const section = after.split(/\n##/)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [codes = '', ...cells] = line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim());
      return { codes: [...codes.matchAll(/`(\w+)`/g)].map(([, code]) => code), cells };
    });
}

const tables = [
  ['On the pay page', payRefusals],
  ['On the page of a private link', requestRefusals],
  ['On any page', serverRefusals],
] as const;

test.each(tables)(
  '%s: every code that can be returned has one entry with why, cure and whether again',
  (heading, codes) => {
    const rows = tableOf(heading);
    expect(rows.flatMap((row) => row.codes).sort()).toEqual([...codes].sort());
    for (const {
      codes: [code],
      cells,
    } of rows) {
      const [why, cure, again] = cells;
      expect(why, code).toMatch(/\S+ \S+/);
      expect(cure, code).toMatch(/\S+/);
      expect(again, code).toMatch(/^(?:yes|no|later|mostly|–)/);
    }
  },
);
