import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { discordLimit, toDiscord } from '../../../bot/core/markdown/discord.ts';
import { compose, sectionsOf } from '../../../bot/core/markdown/Section.ts';
import { telegramLimits, toTelegram } from '../../../bot/core/markdown/telegram.ts';
import { hostileMarkdown, longDocument, plainWords } from './arbitrary.ts';

/** The whole as it is before it is split, markup read: what the parts have to give back. */
const whole = (markdown: string, bullet: string) => compose(sectionsOf(markdown), bullet, (flat) => flat).text;
const invisible = /[\s\p{Cf}\u2800\u3164]/gu;
const visible = (text: string) => text.replace(invisible, '');
const anything = fc.oneof(hostileMarkdown, longDocument, plainWords);
const runs = { numRuns: 120 };
/** Longer ones don't fit into a window around the cut, or not even into a message. */
const longestCharacter = 400;

function isBetweenCharacters(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length || /\s/.test(text.charAt(at))) return true;
  const one = new Intl.Segmenter().segment(text).containing(at);
  return one === undefined || one.index === at || one.segment.length > longestCharacter;
}

/** What Discord shows of a message without its markup: https://support.discord.com/hc/en-us/articles/210298617 */
function shownByDiscord(content: string): string {
  let fence: { prefix: string } | undefined;
  return content
    .split('\n')
    .flatMap((line): string[] => {
      const mark = /^(> )?```[^`]*$/.exec(line);
      if (mark) {
        fence = fence ? undefined : { prefix: mark[1] ?? '' };
        return [];
      }
      if (fence) return [line.startsWith(fence.prefix) ? line.slice(fence.prefix.length) : line];
      return [
        line
          .replace(/^> /, '')
          .replace(/^(?:#{1,3} |-# )/, '')
          .replace(
            /\\(.)|(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\2(?!`)|<(https?:\/\/[^>\s]*)>|[*_~]/gu,
            (_, escaped, _mark, code, url) => escaped ?? code ?? url ?? '',
          ),
      ];
    })
    .join('\n');
}

/** Discord shows an address that stands for itself normalised: with its scheme, a slash at its end, some letters as percent codes. */
const addressesAlike = (text: string) =>
  visible(text)
    .replace(/%(2A|60|7C|7E|40)/g, (code) => decodeURIComponent(code))
    .replace(/https?:\/\/|\//gi, '');

describe('the parts of any Markdown', () => {
  test('on Telegram are the whole text in order, less white space at the cuts, cut between characters', () => {
    fc.assert(
      fc.property(anything, (markdown) => {
        const text = whole(markdown, '•');
        let at = 0;
        for (const part of toTelegram(markdown)) {
          expect(part.text.length).toBeLessThanOrEqual(telegramLimits.units);
          expect(part.text.isWellFormed()).toBe(true);
          const from = text.indexOf(part.text, at);
          expect(from, 'the part is in the rest of the text').toBeGreaterThanOrEqual(at);
          expect(visible(text.slice(at, from)), 'lost before the part').toBe('');
          at = from + part.text.length;
          expect([isBetweenCharacters(text, from), isBetweenCharacters(text, at)]).toEqual([true, true]);
        }
        expect(visible(text.slice(at)), 'lost at the end').toBe('');
      }),
      runs,
    );
  });

  test('on Discord show the whole text in order', () => {
    fc.assert(
      fc.property(anything, (markdown) => {
        const parts = toDiscord(markdown);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(discordLimit);
          expect(part.isWellFormed()).toBe(true);
        }
        expect(addressesAlike(parts.map(shownByDiscord).join('\n'))).toBe(addressesAlike(whole(markdown, '-')));
      }),
      runs,
    );
  });

  test.each([
    ['flags', `a${'🇪🇺'.repeat(3_000)}`],
    ['flags behind a letter of another length', `abc${'🇪🇺'.repeat(3_000)}`],
    ['a family', `a${'👩‍👩‍👧'.repeat(1_500)}`],
    ['accents of their own behind a space', 'word x \u0301'.repeat(1_500)],
    ['colours of skin behind a space', 'word x 🏻'.repeat(1_500)],
    ['syllables', `a${'한'.repeat(5_000)}`],
  ])('are cut between characters: %s', (_, text) => {
    for (const parts of [toTelegram(text).map((part) => part.text), toDiscord(text)]) {
      let at = 0;
      for (const part of parts) {
        const from = text.indexOf(part, at);
        expect(text.slice(at, from).trim()).toBe('');
        at = from + part.length;
        expect([isBetweenCharacters(text, from), isBetweenCharacters(text, at)]).toEqual([true, true]);
      }
      expect(at).toBe(text.length);
    }
  });
});

describe('code of any length', () => {
  const lines = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }) },
      { weight: 2, arbitrary: fc.constantFrom('', '    return x;', '| a | b |', '**no** _markup_', '\tif (a < b) {') },
      { weight: 1, arbitrary: fc.constantFrom('x'.repeat(5_000), '🇪🇺'.repeat(900), 'long words '.repeat(400)) },
    ),
    { minLength: 1, maxLength: 120 },
  );
  const languages = fc.constantFrom('', 'ts', 'c++', 'objective-c');
  const around = fc.constantFrom('', 'Before.\n\n', '# Title\n\ntext\n');

  test('is closed and opened again with its language', () => {
    fc.assert(
      fc.property(lines, languages, around, fc.boolean(), (written, language, before, isClosed) => {
        const code = written.map((line) => line.replaceAll('`', "'").replaceAll('~', '-')).join('\n');
        fc.pre(visible(code) !== '');
        const markdown = `${before}\`\`\`${language}\n${code}${isClosed ? '\n```' : ''}`;
        const inside = toDiscord(markdown).map((part) => {
          const fences = part.split('\n').filter((line) => line.startsWith('```'));
          expect(fences.length % 2).toBe(0);
          fences.forEach((fence, index) => {
            expect(fence).toBe(index % 2 === 0 ? `\`\`\`${language}` : '```');
          });
          return part.replace(/^[\s\S]*?(?=```)/, '');
        });
        expect(visible(inside.map(shownByDiscord).join('\n'))).toBe(visible(code.replaceAll('\0', '')));
        const parts = toTelegram(markdown);
        parts.forEach(({ text, entities }, index) => {
          const pre = entities.filter(({ type }) => type === 'pre');
          expect(pre.map((one) => ('language' in one ? one.language : ''))).toEqual([language]);
          // Nothing follows the code, and only the first part has something before it.
          expect((pre[0]?.offset ?? 0) + (pre[0]?.length ?? 0)).toBe(text.length);
          if (index > 0) expect(pre[0]?.offset).toBe(0);
        });
      }),
      runs,
    );
  });
});
