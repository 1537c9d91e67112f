import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import { plain, quote } from '../../../bot/core/markdown/plain.ts';

const markdown = new MarkdownIt();
const unescapeHtml = (html: string) =>
  html.replace(
    /&(lt|gt|quot|#39|amp);/g,
    (_, name) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[String(name)] ?? '',
  );

test('plain shows any text literally, wherever it stands', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), (text) => {
      const shown = plain(text);
      const literal = shown.replace(/\\([!-/:-@[-`{-~])/g, '$1');
      if (literal === '') return;
      expect(unescapeHtml(markdown.render(`By ${shown}`))).toBe(`<p>By ${literal}</p>\n`);
      expect(unescapeHtml(markdown.render(shown))).toBe(`<p>${literal}</p>\n`);
      expect(shown.length).toBeLessThanOrEqual(2 * text.length + 2);
    }),
  );
});

test.each([
  ['**hi** @everyone', '**hi** @everyone'],
  ['a\n# b\n\n1. c', 'a # b 1. c'],
  ['name\u202Egpj.exe', 'namegpj.exe'],
  ['ad\u200bmi\u200dn\u2060', 'admin'],
  ['\ud800x\udc00', '\ufffdx\ufffd'],
  ['👩‍👩‍👧', '👩‍👩‍👧'],
  ['می‌خواهم', '\u2068می‌خواهم\u2069'],
  [`e${'\u0301'.repeat(50)}`, `e${'\u0301'.repeat(6)}`],
  ['nul\u0000l', 'null'],
  ['9)', '9)'],
  ['1. one', '1. one'],
])('%j is shown as %j', (text, shown) => {
  expect(plain(text).replace(/\\([!-/:-@[-`{-~])/g, '$1')).toBe(shown);
});

test('quote keeps lines and can not be left', () => {
  expect(quote('one\n# two\n\n\n\n- three\n<b>')).toMatchInlineSnapshot(`
    "> one\\
    > \\# two
    >
    > \\- three\\
    > \\<b\\>"
  `);
  expect(quote('a👩‍👩‍👧bc', 2)).toBe('> a👩‍👩‍👧…');
});
