import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { discordLimit, toDiscord } from '../../../bot/core/markdown/discord.ts';
import { plain, quote } from '../../../bot/core/markdown/plain.ts';
import type { Section } from '../../../bot/core/markdown/Section.ts';
import { telegramLimits, toTelegram } from '../../../bot/core/markdown/telegram.ts';
import { foundByTelegram } from '../../fakes/telegramRules.ts';
import { hostileMarkdown, plainWords } from './arbitrary.ts';

const runs = { numRuns: 150 };
const letters = (text: string) => text.replace(/\s+/g, '');
const boundaries = (text: string) =>
  new Set([...new Intl.Segmenter().segment(text)].map(({ index }) => index).concat(text.length));

describe('any Markdown', () => {
  test('fits Telegram', () => {
    fc.assert(
      fc.property(hostileMarkdown, (markdown) => {
        for (const { text, entities } of toTelegram(markdown)) {
          expect(text.length).toBeLessThanOrEqual(telegramLimits.units);
          expect(entities.length).toBeLessThanOrEqual(telegramLimits.entities);
          expect(text).toBe(text.trimEnd());
          expect(text).not.toBe('');
          expect(foundByTelegram(text, entities)).toEqual([]);
          expect(text.isWellFormed()).toBe(true);
          for (const { offset, length } of entities) {
            expect(length).toBeGreaterThan(0);
            expect(offset).toBeGreaterThanOrEqual(0);
            expect(offset + length).toBeLessThanOrEqual(text.length);
          }
          const code = entities.filter(({ type }) => type === 'code' || type === 'pre');
          const others = entities.filter(({ type }) => type !== 'code' && type !== 'pre' && type !== 'blockquote');
          for (const one of code) {
            for (const other of others) {
              expect(other.offset >= one.offset + one.length || other.offset + other.length <= one.offset).toBe(true);
            }
          }
        }
      }),
      runs,
    );
  });

  test('brings no command to life by cutting the text beside it', () => {
    for (let length = 4_080; length < 4_100; length++) {
      for (const text of [`${'x'.repeat(length)}</ask:1>`, `${'x'.repeat(length)} /ask>${'y'.repeat(99)}`]) {
        for (const part of toTelegram(text)) expect(foundByTelegram(part.text, part.entities)).toEqual([]);
      }
    }
    expect(toTelegram([{ markdown: '/help', from: 'us' }])[0]?.entities).toEqual([]);
  });

  test('fits Discord, fences closed in each part', () => {
    fc.assert(
      fc.property(hostileMarkdown, (markdown) => {
        for (const content of toDiscord(markdown)) {
          expect(content.length).toBeLessThanOrEqual(discordLimit);
          expect(content.trim()).not.toBe('');
          expect(content.isWellFormed()).toBe(true);
          const fences = content.split('\n').filter((line) => /^(?:> )?```/.test(line));
          expect(fences.length % 2).toBe(0);
          const outside = content
            .replace(/^(?:> )?```[^`\n]*\n[\s\S]*?\n(?:> )?```$/gm, '')
            .replace(/(?<!\\)(`+)[^`][\s\S]*?(?<!`)\1(?!`)/g, '');
          expect(outside).not.toMatch(/(?<!\\)(?:\\\\)*<(?!https?:\/\/)[@#:/ta]/);
          expect(outside).not.toMatch(/(?<!\\)(?:\\\\)*@(?:everyone|here)/);
        }
      }),
      runs,
    );
  });
});

describe('plain text', () => {
  test('comes through Telegram whole, cut only between words or characters', () => {
    fc.assert(
      fc.property(plainWords, (text) => {
        const parts = toTelegram(text).map((part) => part.text);
        expect(letters(parts.join(''))).toBe(letters(text));
        const whole = boundaries(text);
        let at = 0;
        for (const part of parts) {
          const start = text.indexOf(part, at);
          expect(text.slice(at, start).trim()).toBe('');
          at = start + part.length;
          expect(whole.has(start) && whole.has(at)).toBe(true);
        }
        expect(at).toBe(text.length);
      }),
      runs,
    );
  });

  test('comes through Discord whole', () => {
    fc.assert(
      fc.property(plainWords, (text) => {
        expect(letters(toDiscord(text).join(''))).toBe(letters(text));
      }),
      runs,
    );
  });
});

test('code longer than a message is closed and opened again with its language, every line kept', () => {
  const code = Array.from({ length: 400 }, (_, line) => `${' '.repeat(line % 8)}const line${line} = ${line};`).join(
    '\n',
  );
  const discord = toDiscord(`Before\n\n\`\`\`ts\n${code}\n\`\`\`\n\nAfter`);
  expect(discord.length).toBeGreaterThan(4);
  expect(discord.every((part) => /```ts\n[\s\S]*\n```/.test(part))).toBe(true);
  expect(discord.map((part) => part.replace(/^[\s\S]*?```ts\n|\n```[\s\S]*$/g, '')).join('\n')).toBe(code);
  const telegram = toTelegram(`\`\`\`ts\n${code}\n\`\`\``);
  expect(
    telegram
      .map(({ text }) => text.trim())
      .join('\n')
      .replace(/\n +/g, '\n'),
  ).toBe(code.replace(/\n +/g, '\n'));
  expect(telegram.every(({ text, entities }) => entities.length === 1 && entities[0]?.length === text.length)).toBe(
    true,
  );
});

const showcase = `# Title
## Sub *x*
#### Small
Hello **bold *both*** and _it_ ~~gone~~ \`code\` a\`b \`\`c\`d\`\`
[label](https://evil.example) and https://good.example/a_b and [https://good.example](https://evil.example) ![pic](http://x.example/y.png)
[js](javascript:alert(1)) <b>html</b> &lt;&copy; 2*3*4 snake_case_x

- one
  - nested
    1. deep
    2. deeper
- [x] done

> quote
> - item
>
> > nested

| name | price |
|:--|--:|
| 你好 | 1 |
| x | 100 |

\`\`\`js extra
a \`\`\` b
  indented
\`\`\`

---
$x_1 * y_2$ and \\(a_b\\) for $5 and $10`;

const hostile =
  '@everyone @here <@1> <@&2> <#3> <:a:4> <a:b:5> </ask:6> <t:7:R> <id:customize> :smile: @alice /start /pay@somebot /usr/bin discord.gg/abc';

test('everything, on Discord', () => expect(toDiscord(showcase).join('\n=====\n')).toMatchSnapshot());
test('everything, on Telegram', () => expect(toTelegram(showcase)).toMatchSnapshot());
test('nothing in a model’s text pings or runs', () => {
  expect(toDiscord(hostile)).toMatchSnapshot();
  expect(toTelegram(hostile)).toMatchSnapshot();
});
test.each([
  ['**bold `a**b @everyone` on**', 'bold `a**b @everyone` on'],
  ['~~gone `~~<@1>` on~~', 'gone `~~<@1>` on'],
  ['_see `snake_case` there_', '*see `snake_case` there*'],
])('code that would end the formatting around it stands without it on Discord: %s', (markdown, shown) => {
  expect(toDiscord(markdown)).toEqual([shown]);
});

test('our own wording keeps its commands and hidden addresses, not those of the names in it', () => {
  const ours: Section[] = [
    {
      markdown: `**${plain('@bob /pay [x](http://y) :smile:')}** can try /help or [the page](https://pay.example/1)\n\n${quote('# hi\n- <@1>')}`,
      from: 'us',
    },
    { markdown: '**answer**', from: 'model' },
    { markdown: 'price 1 LANG\n[report](https://scan.example/0x1)', from: 'us', small: true },
  ];
  expect(toDiscord(ours)).toMatchSnapshot();
  expect(toTelegram(ours)).toMatchSnapshot();
});

test.each(['', ' \n ', '\u200b', '```\n```', '<!-- -->'.slice(0, 0), '>', '# '])(
  'nothing to show in %j',
  (markdown) => {
    expect(toDiscord(markdown)).toEqual([]);
    expect(toTelegram(markdown)).toEqual([]);
  },
);

test.each([
  ['deep quotes', '>'.repeat(20_000)],
  ['deep lists', '> - '.repeat(3_000)],
  ['quotes as deep as the parser goes', '> '.repeat(900)],
  ['deep emphasis', `${'*a _b '.repeat(300)}${'c_ d* '.repeat(300)}`],
  ['emphasis', '**a**b'.repeat(4_000)],
  ['one word', 'x'.repeat(20_000)],
  ['backticks', '`a``b```'.repeat(3_000)],
  ['one character', `e${'\u0301'.repeat(20_000)}`],
])('20,000 characters of %s are shown', (_, markdown) => {
  expect(toDiscord(markdown)).not.toEqual([]);
  expect(toTelegram(markdown)).not.toEqual([]);
});
