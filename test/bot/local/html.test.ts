import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../bot/local/html.ts';
import { attacks } from './attacks.ts';

/** Every tag and attribute that may come out. */
const allowed =
  /^<(?:\/(?:p|h[3-6]|ul|ol|li|blockquote|pre|code|strong|em|del|table|thead|tbody|tr|th|td|div|figure|figcaption|span|button|a)|p|h[3-6]|ul|ol|ol start="\d+"|li|blockquote|hr|br|pre|pre tabindex="0"|code|strong|em|del|table|thead|tbody|tr|th|td|div class="table" tabindex="0"|figure class="code"|figcaption|span|button type="button" data-copy-code|button type="button" class="hash" data-copy="0x[\da-fA-F]+" title="Copy 0x[\da-fA-F]+"|a href="https?:&?[^"<>]*" title="[^"<>]*" target="_blank" rel="noopener noreferrer nofollow ugc")>$/;

function strangers(html: string): string[] {
  return (html.match(/<[^>]*>?/g) ?? []).filter((tag) => !allowed.test(tag));
}

describe('Markdown as HTML', () => {
  test.each([
    ['**bold** *it* ~~gone~~ `code`', '<p><strong>bold</strong> <em>it</em> <del>gone</del> <code>code</code></p>'],
    ['# A title', '<h3>A title</h3>'],
    ['one\ntwo', '<p>one<br>two</p>'],
    ['one\\\ntwo', '<p>one<br>two</p>'],
    ['> said', '<blockquote><p>said</p></blockquote>'],
    ['- [x] done', '<ul><li>☑ done</li></ul>'],
    ['3. three', '<ol start="3"><li>three</li></ol>'],
    ['a < b & c > "d"', '<p>a &#60; b &#38; c &#62; &#34;d&#34;</p>'],
    ['R&amp;D', '<p>R&#38;D</p>'],
    ['<b>x</b>', '<p>&#60;b&#62;x&#60;/b&#62;</p>'],
    ['', ''],
  ])('%j', (markdown, html) => expect(renderHtml(markdown)).toBe(html));

  test('code keeps every character and gets a copy button', () => {
    expect(renderHtml('```html\n<script>&amp;\n```')).toBe(
      '<figure class="code"><figcaption><span>html</span><button type="button" data-copy-code>Copy</button></figcaption>' +
        '<pre tabindex="0"><code>&#60;script&#62;&#38;amp;</code></pre></figure>',
    );
  });

  test('a table scrolls in a box of its own', () => {
    expect(renderHtml('| a | b |\n|---|---|\n| 1 | `2` |')).toMatchInlineSnapshot(
      `"<div class="table" tabindex="0"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table></div>"`,
    );
  });

  test('links are http or https, say where they lead and take nothing along', () => {
    expect(renderHtml('[Tellor](https://tellor.io/a?b="c)')).toBe(
      '<p><a href="https://tellor.io/a?b=%22c" title="https://tellor.io/a?b=%22c" target="_blank" rel="noopener noreferrer nofollow ugc">Tellor</a></p>',
    );
    expect(renderHtml('[x](https://bank.example@evil.example)')).toBe('<p>x (https://bank.example@evil.example)</p>');
    expect(renderHtml('[x](ftp://a.b)')).toBe('<p>x (ftp://a.b)</p>');
    expect(renderHtml('a@b.example')).toBe('<p>a@b.example</p>');
  });

  test('a picture is a link, never fetched', () => {
    expect(renderHtml('![a cat](https://cats.example/1.png)')).toMatch(
      /^<p><a href="https:\/\/cats[^>]*>a cat<\/a><\/p>$/,
    );
  });

  test('hashes can be copied in our own words only', () => {
    const hash = `0x${'ab'.repeat(32)}`;
    expect(renderHtml(`\`${hash}\``, { own: 'en' })).toContain(`data-copy="${hash}"`);
    expect(renderHtml(`\`${hash}\``)).toBe(`<p><code>${hash}</code></p>`);
  });

  test.each(attacks)('only our own tags come out of %j', (attack) => {
    expect(strangers(renderHtml(attack))).toEqual([]);
    expect(strangers(renderHtml(attack, { own: 'en' }))).toEqual([]);
  });

  test('only our own tags come out of anything', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '](',
      '[',
      '![',
      '`',
      '```',
      '\n',
      '|',
      '---',
      'javascript:',
      'https://a.b/',
      ' on',
      '=',
      '<!--',
      '\\',
      '*',
      '&lt;',
      '\0',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 40 }), (parts) => {
        expect(strangers(renderHtml(parts.join('')))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['quotes in quotes', `${'>'.repeat(20_000)}x`],
    ['lists in lists', `${'* '.repeat(8_000)}x`],
    ['numbers in numbers', `${'1. '.repeat(8_000)}x`],
    ['spaces before no mark', `${' '.repeat(50_000)}x\n`.repeat(1)],
    ['open brackets', '['.repeat(20_000)],
    ['tildes', '~a~ ~'.repeat(6_000)],
    ['stars', '**a'.repeat(8_000)],
    ['underscores', '_a'.repeat(20_000)],
    ['a huge text', 'x'.repeat(200_000)],
  ])('%s neither hang nor crash', (_name, markdown) => {
    expect(strangers(renderHtml(markdown))).toEqual([]);
  });
});
