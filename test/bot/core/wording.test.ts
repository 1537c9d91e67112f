import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languages, translator } from '../../../bot/core/I18n.ts';
import { toDiscord } from '../../../bot/core/markdown/discord.ts';
import { plain, quote } from '../../../bot/core/markdown/plain.ts';
import { toTelegram } from '../../../bot/core/markdown/telegram.ts';
import { timeInUtc, timeToken } from '../../../bot/core/Times.ts';
import { amountLabel, clockText, durationText, priceLabel } from '../../../bot/core/Words.ts';
import { renderHtml } from '../../../bot/local/html.ts';
import { after, payment } from './chainEvents.ts';
import { FakePlatform } from './FakePlatform.ts';
import { createWorld, type World } from './world.ts';

const at = 1_800_043_208;

describe('a time', () => {
  const ours = (markdown: string) => [{ markdown, from: 'us', language: 'es' } as const];

  it('is shown in the reader’s own clock by Discord and Telegram, and in UTC where there is none', () => {
    const text = `hasta **${timeToken(at, 'f')}**, a las ${timeToken(at, 't')}`;
    expect(toDiscord(ours(text))).toEqual([`hasta **<t:${at}:f>**, a las <t:${at}:t>`]);
    expect(toTelegram(ours(text))).toEqual([
      {
        text: 'hasta 15 ene, 20:00 UTC, a las 20:00 UTC',
        entities: [
          { type: 'bold', offset: 6, length: 17 },
          { type: 'date_time', offset: 6, length: 17, unix_time: at, date_time_format: 'dt' },
          { type: 'date_time', offset: 31, length: 9, unix_time: at, date_time_format: 't' },
        ],
      },
    ]);
    expect(renderHtml(text, { own: 'es' })).toBe(
      '<p>hasta <strong><time datetime="2027-01-15T20:00:08.000Z" data-style="f">15 ene, 20:00 UTC</time></strong>, a las <time datetime="2027-01-15T20:00:08.000Z" data-style="t">20:00 UTC</time></p>',
    );
  });

  it('can’t be made by a model or by what a person types', () => {
    const forged = timeToken(at, 'f');
    for (const safe of [plain(forged), quote(forged)]) {
      expect(toDiscord(ours(safe)).join()).not.toContain('<t:');
      expect(toTelegram(ours(safe)).flatMap(({ entities }) => entities.map(({ type }) => type))).not.toContain(
        'date_time',
      );
      expect(renderHtml(safe, { own: 'es' })).not.toContain('<time');
    }
    expect(toDiscord(forged)).toEqual([`{time\\:${at}:f}`]);
    expect(toTelegram(forged)).toEqual([{ text: forged, entities: [] }]);
    expect(renderHtml(forged)).toBe(`<p>${forged}</p>`);
  });

  it('says the day unless it is near', () => {
    expect(clockText(at, at - 43_199)).toBe(timeToken(at, 't'));
    expect(clockText(at, at - 43_200)).toBe(timeToken(at, 'f'));
  });

  it('is spelled as its readers do', () => {
    expect(languages.map((language) => timeInUtc({ at, style: 'f' }, language))).toEqual([
      '15 Jan, 20:00 UTC',
      '15 ene, 20:00 UTC',
      '1月15日 20:00 UTC',
      '15 de jan., 20:00 UTC',
      '15 янв., 20:00 UTC',
    ]);
  });
});

describe('an amount', () => {
  it.each([
    ['en', '1,234,567.000000000000000001 LANG', '1234.5 LANG', 'free'],
    ['es', '1.234.567,000000000000000001 LANG', '1234,5 LANG', 'gratis'],
    ['zh', '1,234,567.000000000000000001 LANG', '1234.5 LANG', '免费'],
    ['pt', '1.234.567,000000000000000001 LANG', '1234,5 LANG', 'grátis'],
    ['ru', '1\u00a0234\u00a0567,000000000000000001 LANG', '1234,5 LANG', 'бесплатно'],
  ] as const)('is written as in %s, to the last digit', (language, large, small, free) => {
    const t = translator(language);
    const token = { symbol: 'LANG', decimals: 18 };
    expect(priceLabel(1_234_567n * 10n ** 18n + 1n, token, t)).toBe(large);
    expect(priceLabel(12_345n * 10n ** 17n, token, t)).toBe(small);
    expect(priceLabel(0n, token, t)).toBe(free);
  });

  it('keeps every digit in any language', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }),
        fc.integer({ min: 0, max: 36 }),
        fc.constantFrom(...languages),
        (amount, decimals, language) => {
          const shown = amountLabel(amount, { symbol: '', decimals }, translator(language));
          const point = /[.,](?=\d*\s*$)/.exec(shown);
          const isFraction = point && (shown.match(/[.,]/g)?.length === 1 || shown.match(/[.,]/g)?.at(-2) !== point[0]);
          const grouped = language === 'ru' ? ',' : ['es', 'pt'].includes(language) ? ',' : '.';
          const [whole = '', fraction = ''] = isFraction && point[0] === grouped ? shown.split(grouped) : [shown];
          const digits = `${whole.replace(/\D/g, '')}${fraction.replace(/\D/g, '').padEnd(decimals, '0')}`;
          expect(BigInt(digits)).toBe(amount);
        },
      ),
    );
  });
});

it('counts hours, minutes and seconds as each language does', () => {
  const said = languages.map((language) => [1, 2, 5, 21, 180, 7_200].map((n) => durationText(n, translator(language))));
  expect(said).toEqual([
    ['1 second', '2 seconds', '5 seconds', '21 seconds', '3 minutes', '2 hours'],
    ['1 segundo', '2 segundos', '5 segundos', '21 segundos', '3 minutos', '2 horas'],
    ['1 秒', '2 秒', '5 秒', '21 秒', '3 分钟', '2 小时'],
    ['1 segundo', '2 segundos', '5 segundos', '21 segundos', '3 minutos', '2 horas'],
    ['1 секунду', '2 секунды', '5 секунд', '21 секунду', '3 минуты', '2 часа'],
  ]);
});

describe('an ask in another language', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ platform: new FakePlatform({ limit: 4_000 }), rules: { asksPerMinute: 100 } });
  });
  afterAll(() => world.end());

  it.each(languages)('is %s from the first message to the last', async (locale) => {
    const record = await world.ask('What is TellorFlex?', { locale });
    await world.bot.outbox.idle();
    const shown = world.platform.shown.at(-1);
    const states: string[] = [];
    const look = () => {
      const { message } = shown ?? {};
      const parts = [
        message?.text,
        message?.answer,
        message?.footer,
        ...(message?.buttons ?? []).map(({ label }) => `[${label}]`),
      ];
      states.push(parts.filter(Boolean).join('\n\n'));
    };
    look();
    const block = 10 * (languages.indexOf(locale) + 1);
    const asked = payment(record, block);
    for (const event of [asked, after(asked).delivered(block + 2), after(asked).sealed(block + 3)]) {
      world.mine(event);
      await world.follow();
      await world.bot.outbox.idle();
      look();
    }
    expect(shown?.message.language).toBe(locale === 'en' ? undefined : locale);
    expect(states.join('\n\n=====\n\n')).toMatchSnapshot();
  });
});

/** Literals of a file that read like English sentences, three words in a row, but for lines that log or make an error. */
function sentences(file: string): string[] {
  const code = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^import .*$/gm, '')
    // A transaction's, for the operator's log.
    .replace(/\bnote: '[^']*'/g, '')
    .replace(/\blog\.\w+\([\s\S]*?\);?$/gm, '')
    .replace(/\blog\.\w+\([\s\S]*?\);$/gm, '')
    .replace(/new \w*Error\([\s\S]*?\);$/gm, '');
  const literals = code.match(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`/g) ?? [];
  return literals
    .filter((text) => /(?:^|[\s'`])[A-Za-z][a-z’]+ [a-z’]+ [a-z’]+/.test(text))
    .map((text) => `${file}: ${text}`);
}

it('the core says nothing that isn’t in its locales', () => {
  const files = readdirSync('bot/core', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(30);
  expect(sentences('bot/local/chatRoutes.ts')).not.toEqual([]);
  expect(files.flatMap((name) => sentences(join('bot/core', name)))).toEqual([]);
});

/** No words of a page: its name, style classes, and what is signed, which EIP-4361 wants in ASCII and so is English for everybody. */
const notSaid = />AI Marketplace<|'button primary big'|sign in with your ethereum account|Link this wallet to/;

/** Two words or more between tags, and not by `say`. */
function markup(file: string): string[] {
  const texts = readFileSync(file, 'utf8').match(/(?<!=)>\s*[A-Za-z][^<>{}=;()|&]*\s[^<>{}=;()|&]*</g) ?? [];
  return texts.map((text) => `${file}: ${text}`);
}

it.each(['bot/pay/request', 'bot/pay/page', 'bot/pay/page/request'])(
  'neither do the pages of links, in %s',
  (folder) => {
    const files = readdirSync(folder)
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name));
    expect(files.length).toBeGreaterThan(6);
    const found = [...files.flatMap(sentences), ...files.filter((name) => name.endsWith('x')).flatMap(markup)];
    expect(found.filter((text) => !notSaid.test(text))).toEqual([]);
  },
);
