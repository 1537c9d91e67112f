import { expect, test } from 'vitest';
import { parse } from '../../../bot/core/markdown/parse.ts';
import type { Block, Inline } from '../../../bot/core/markdown/Tree.ts';
import { toTelegram } from '../../../bot/core/markdown/telegram.ts';
import { renderHtml } from '../../../bot/local/html.ts';
import { costly, repeated } from './costly.ts';

const words = (text: string): Inline => ({ type: 'text', text });
const paragraph = (...children: Inline[]): Block => ({ type: 'paragraph', children });

test('a source that is only named in the text is linked there, and its line stays', () => {
  expect(parse('As [Tellor][1] says.\n\n[1]: https://tellor.io\n[2]: https://other.example "Other"')).toEqual([
    paragraph(words('As '), { type: 'link', url: 'https://tellor.io/', children: [words('Tellor')] }, words(' says.')),
    paragraph(words('[1]: https://tellor.io\n[2]: https://other.example "Other"')),
  ]);
  expect(parse('[1]: https://tellor.io\n\nBehind it.')).toEqual([
    paragraph(words('[1]: https://tellor.io')),
    paragraph(words('Behind it.')),
  ]);
});

test.each([
  ['quotes', `${'> '.repeat(400)}the end`],
  ['lists', `${'- '.repeat(400)}the end`],
  ['both', `${'> - '.repeat(60)}the end`],
])('what stands below hundreds of %s is still shown', (_name, markdown) => {
  expect(JSON.stringify(parse(markdown))).toContain('the end');
});

test('emphasis deeper than anybody writes shows its marks', () => {
  const deep = `${'*a _b '.repeat(20)}x${'_ *'.repeat(20)}`;
  const shown = JSON.stringify(parse(deep));
  expect(shown).toContain('"emphasis"');
  expect(shown.match(/[*_]/g)?.length).toBeGreaterThan(5);
});

test.each([
  ['$x_1 * y_2$ costs $5 and $10', [words('$x_1 * y_2$ costs $5 and $10')]],
  ['\\(a_b\\) and \\[c_d\\]', [words('\\(a_b\\) and \\[c_d\\]')]],
  ['a &lt; b &copy; &#x202e;c', [words('a < b © c')]],
  [
    '\\*no\\* <b>html</b>',
    [
      { type: 'text', text: '*', escaped: true },
      words('no'),
      { type: 'text', text: '*', escaped: true },
      words(' <b>html</b>'),
    ],
  ],
  ['www.example.com example.com //a.b a@b.c', [words('www.example.com example.com //a.b a@b.c')]],
  ['{time:5:R}', [words('{time:5:R}')]],
] satisfies [string, Inline[]][])('%j', (markdown, children) => {
  expect(parse(markdown)).toEqual([paragraph(...children)]);
});

test('a hundred thousand marks in a row, and a hundred thousand blank lines of code, are shown', () => {
  const marks = `${'*'.repeat(50_000)}a${'*'.repeat(49_000)}`;
  const [first] = toTelegram(marks);
  expect(first?.text).toContain('*****');
  expect(renderHtml(marks)).toContain('*a*');
  const lines = `\`\`\`\nfirst${'\n'.repeat(99_000)}last\n\`\`\``;
  const parts = toTelegram(lines).map(({ text }) => text);
  expect(parts.at(0)).toMatch(/^first/);
  expect(parts.at(-1)).toMatch(/last$/);
});

// The square of this takes a parser longer than a test may. What it takes: `npm run bench:markdown`.
test.each(costly)('the longest answer, made of %j, is read', (unit) => {
  expect(parse(repeated(unit, 100_000))).not.toEqual([]);
});
