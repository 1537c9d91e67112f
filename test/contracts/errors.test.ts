import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const contracts = ['AskMarket', 'ModelRegistry', 'Host', 'LangToken', 'DepositAddress'] as const;
type Entry = { type: string; name: string; inputs: { name: string }[] };

const page = readFileSync('docs/errors.md', 'utf8');
const section = page.slice(page.indexOf('\n## Contracts\n')).split(/\n## (?!Contracts)/)[0] ?? '';

test.each(contracts)('every custom error of %s is in docs/errors.md with why and how to solve', (name) => {
  const file = `.build/artifacts/contracts/${name}.sol/${name}.json`;
  const { abi } = JSON.parse(readFileSync(file, 'utf8')) as { abi: Entry[] };
  const errors = abi.filter((entry) => entry.type === 'error');
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) {
    const wanted = `\`${error.name}(${error.inputs.map((input) => input.name).join(', ')})\``;
    const row = section.split('\n').find((line) => line.startsWith('|') && line.includes(wanted));
    expect(row, wanted).toBeDefined();
    const [, why, cure] = (row ?? '')
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    expect(why, wanted).toMatch(/\S+ \S+/);
    expect(cure, wanted).toMatch(/\w/);
  }
});

test('docs/errors.md explains no error that the contracts no longer have', () => {
  const known = new Set(
    contracts.flatMap((name) => {
      const file = `.build/artifacts/contracts/${name}.sol/${name}.json`;
      const { abi } = JSON.parse(readFileSync(file, 'utf8')) as { abi: Entry[] };
      return abi.filter((entry) => entry.type === 'error').map((entry) => entry.name);
    }),
  );
  for (const line of section.split('\n').filter((text) => text.startsWith('| `'))) {
    for (const [, name] of (line.split(' | ')[0] ?? '').matchAll(/`(\w+)\(/g)) expect(known, name).toContain(name);
  }
});
