import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasKey } from '../../bot/core/I18n.ts';
import en from '../../bot/core/locales/en.json' with { type: 'json' };
import { requestRefusals } from '../../bot/pay/refusals.ts';
import { periods } from '../../bot/pay/request/AllowanceTerms.ts';
import { amountProblems } from '../../contracts/client/Amount.ts';

const headings = [
  'To the person who asks',
  'What a chat',
  'The group',
  'To the person who sells',
  'Who thinks an answer',
];
const page = readFileSync('docs/errors.md', 'utf8');

const rows = headings.flatMap((heading) => {
  const section = page.split(`\n### ${heading}`)[1]?.split(/\n##/)[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what is said'));
  return lines.map((line) => {
    const [first = '', why = '', cure = '', again = ''] = line.slice(2, -2).split(' | ');
    const [, said = first, keys = ''] = /^(.*) \((`[\w., `]+`)\)$/.exec(first) ?? [];
    return { said, why, cure, again, keys: [...keys.matchAll(/`([\w.]+)`/g)].map(([, key = '']) => key) };
  });
});

/** Areas in which every message says no, and the names that such messages have everywhere. */
const areas = /^(?:draft|moderation|prompt|rules|throttle)\./;
const names =
  /\.(?:adminsOnly|already|bad[A-Z]\w*|empty|exists|feeTooHigh|gone|linkFirst|no[A-Z]\w*|none|none[A-Z]\w*|not[A-Z]\w*|nowhere|over|over[A-Z]\w*|purseOver\w*|too[A-Z]\w*|unavailable|unknown\w*|wrong)$/;
/** What the pages say, by codes of their own, each with its entry (refusals.test.ts). */
const pages = /^(?:chat|do|listing|page)\./;
/** Named so too, and no refusal: what a list or a standing says of itself, and what the pay page, with codes of its own, says. */
const others = new Set([
  ...['admin', 'audit', 'history', 'models', 'receipts'].map((list) => `${list}.none`),
  ...['balance.empty', 'balance.noLimit', 'card.noReason', 'card.notReported', 'models.noRecord', 'models.noneFits'],
  ...['model.gone', 'pay.badOwner', 'pay.unknown', 'purse.noLimitLine', 'refund.notReported', 'settings.notAgreed'],
  ...['status.noneOpen', 'transfer.notOpened', 'transfer.tooLittle'],
]);

test('everything that the bot says when it does not do what a person wants has one entry', () => {
  const documented = rows.flatMap(({ keys }) => keys);
  expect(documented.filter((key, index) => documented.indexOf(key) !== index)).toEqual([]);
  expect(documented.filter((key) => !hasKey(key))).toEqual([]);
  const refusals = Object.keys(en).filter(
    (key) => (areas.test(key) || names.test(key)) && !pages.test(key) && !others.has(key),
  );
  expect(refusals.length).toBeGreaterThan(50);
  expect(refusals.filter((key) => !documented.includes(key))).toEqual([]);
  expect([...others].filter((key) => !hasKey(key) || documented.includes(key))).toEqual([]);
});

test.each(rows)(
  '$said: in the bot’s own words, with why, cure and whether again',
  ({ said, keys, why, cure, again }) => {
    expect(keys).not.toEqual([]);
    const words = (text: string) =>
      text
        .toLowerCase()
        .replaceAll('’', "'")
        .match(/[a-z'-]{2,}/g) ?? [];
    const spoken = new Set(keys.flatMap((key) => (hasKey(key) ? words(en[key]) : [])));
    expect(words(said).filter((word) => !spoken.has(word))).toEqual([]);
    expect(why).toMatch(/\S+ \S+/);
    expect(cure).toMatch(/\S+/);
    expect(again).toMatch(/^(?:yes|no|later|–)/);
  },
);

/** Keys of the pages that are put together of a prefix and one of these. */
const composed: Readonly<Record<string, readonly string[]>> = {
  'do.amount.': amountProblems,
  'do.period.': Object.keys(periods),
  'do.signIn.': requestRefusals,
};

test('the pages have the words that they say, and none that nobody says', () => {
  const code = readdirSync('bot', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join('bot', name), 'utf8'))
    .join('\n');
  const said = new Set([...code.matchAll(/'((?:chat|do|listing|page)\.[\w.]*\w)'/g)].map(([, key = '']) => key));
  const prefixes = new Set(
    [...code.matchAll(/\(`((?:chat|do|listing|page)\.[\w.]*)\$\{/g)].map(([, prefix]) => prefix),
  );
  expect([...prefixes].sort()).toEqual(Object.keys(composed));
  expect(said.size).toBeGreaterThan(100);
  expect([...said].filter((key) => !hasKey(key))).toEqual([]);
  const parts = Object.entries(composed).flatMap(([prefix, names]) => names.map((name) => `${prefix}${name}`));
  for (const prefix of ['do.amount.', 'do.period.'])
    expect(parts.filter((key) => key.startsWith(prefix) && !hasKey(key))).toEqual([]);
  expect(Object.keys(en).filter((key) => pages.test(key) && !said.has(key) && !parts.includes(key))).toEqual([]);
});
