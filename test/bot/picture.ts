/**
 * Draws docs/images/bot-card.png from what the Telegram adapter would send for one question at three moments of its life.
 * Run: `node test/bot/picture.ts`
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { AskRecord } from '../../bot/core/AskRecord.ts';
import { card } from '../../bot/core/Card.ts';
import type { AskStatus } from '../../bot/core/types.ts';
import { renderTelegram, type TelegramPayload } from '../../bot/telegram/payload.ts';
import { zeroHash } from '../../contracts/client/Hex.ts';
import { genesis, host, lang, word } from './core/chainEvents.ts';

const fonts = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'));
const step = (after: number) => ({ at: genesis + after, block: after, transaction: word(after * 7_919) });
const paid = step(40);
const delivered = step(46);
const moments: AskStatus[] = [
  { state: 'awaiting', expiresAt: genesis + 1_800 },
  { state: 'paid', paid, host, exclusiveUntil: genesis + 100, deadline: genesis + 640 },
  {
    state: 'reported',
    paid,
    host,
    delivered,
    sealed: delivered,
    finalAt: genesis + 43_246,
    answer: 'TellorFlex is an oracle: staked reporters put data on chain, and anyone can dispute it within 12 hours.',
  },
];
const record = (status: AskStatus): AskRecord => ({
  token: 'aaaaaaaaaaaaaaaaaaaaa',
  person: { platform: 'telegram', id: '1', name: 'Ada' },
  question: 'What is TellorFlex?',
  language: 'en',
  model: { id: 1n, name: 'guide' },
  workload: word(1),
  script: '',
  host,
  price: { amount: 25n, token: lang, symbol: 'LANG', decimals: 2, royalty: 5n, hostPrice: 20n },
  soleHost: false,
  userSalt: word(2),
  parent: zeroHash,
  createdAt: genesis,
  expiresAt: genesis + 1_800,
  ...(status.state !== 'awaiting' && { queryId: word(3) }),
  status,
  refundAttempts: 0,
});

const width = 560;
const perLine = 62;
const asXml = (text: string) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);

function wrapped(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const lines = [''];
    for (const one of line.split(' ')) {
      const last = lines.at(-1) ?? '';
      if (last !== '' && last.length + one.length >= perLine) lines.push(one);
      else lines[lines.length - 1] = last === '' ? one : `${last} ${one}`;
    }
    return lines;
  });
}

/** One message: its words and, below, its buttons. Emoji, which the shipped font lacks, are left out. */
function bubble(payload: TelegramPayload, top: number): { svg: string; height: number } {
  if ('file' in payload) return { svg: '', height: 0 };
  const lines = wrapped(payload.text.replace(/\p{Extended_Pictographic}\uFE0F? ?/gu, ''));
  const buttons = payload.reply_markup?.inline_keyboard ?? [];
  const textHeight = lines.length * 19 + 24;
  const texts = lines.map((line, index) => `<text x="24" y="${top + 30 + index * 19}">${asXml(line)}</text>`);
  const keys = buttons.flatMap((row, index) =>
    row.map(({ text }, at) => {
      const size = (width - 16 - (row.length - 1) * 6) / row.length;
      const x = 8 + at * (size + 6);
      const y = top + textHeight + 6 + index * 40;
      return `<rect x="${x}" y="${y}" width="${size}" height="34" rx="8" fill="#3d5a80"/><text x="${x + size / 2}" y="${y + 22}" fill="#fff" text-anchor="middle">${asXml(text)}</text>`;
    }),
  );
  const back = `<rect x="8" y="${top}" width="${width - 16}" height="${textHeight}" rx="12" fill="#fff"/>`;
  return { svg: [back, ...texts, ...keys].join(''), height: textHeight + buttons.length * 40 + 18 };
}

let top = 12;
const drawn = moments.flatMap((status) => {
  const [part] = renderTelegram(card(record(status), { publicUrl: 'https://ask.example.org', localOnly: false }), true);
  if (!part) return [];
  const { svg, height } = bubble(part.payload, top);
  top += height;
  return [svg];
});
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" font-family="DejaVu Sans" font-size="14" fill="#1b2430"><rect width="100%" height="100%" fill="#d9e4ee"/>${drawn.join('')}</svg>`;
const font = { fontDirs: [join(fonts, 'ttf')], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
writeFileSync(
  'docs/images/bot-card.png',
  new Resvg(svg, { font, fitTo: { mode: 'zoom', value: 1.5 } }).render().asPng(),
);
