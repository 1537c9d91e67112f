import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const files = ['bot', 'host', 'contracts'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name)),
);

const imports = files.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => ({
    file,
    to: normalize(join(dirname(file), match[1] ?? '')),
  })),
);

/** Who may not import whom. */
const forbidden: readonly [from: RegExp, to: RegExp, why: string][] = [
  [/^contracts\//, /^(bot|host)\//, 'the chain client knows neither bot nor host'],
  [/^host\//, /^bot\//, 'the chain is the only thing that host and bot share'],
  [/^bot\//, /^host\//, 'the chain is the only thing that host and bot share'],
  [/^bot\/core\//, /^bot\/(discord|telegram|local|pay)\//, 'the core knows no platform'],
  [/^bot\/discord\//, /^bot\/(telegram|local)\//, 'platforms do not know each other'],
  [/^bot\/telegram\//, /^bot\/(discord|local)\//, 'platforms do not know each other'],
  [/^bot\/local\//, /^bot\/(discord|telegram)\//, 'platforms do not know each other'],
];

test('there is something to check', () => {
  expect(imports.length).toBeGreaterThan(20);
});

test.each(forbidden)('%s does not import %s: %s', (from, to) => {
  expect(imports.filter((one) => from.test(one.file) && to.test(one.to))).toEqual([]);
});

test('nothing outside of test/ imports a test', () => {
  expect(imports.filter((one) => one.to.startsWith('test/'))).toEqual([]);
});
