import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draw } from '../../../bot/core/picture/draw.ts';
import { barsOf } from '../../../bot/core/picture/Picture.ts';
import { type Expense, spendingBy } from '../../../bot/core/spending/Spending.ts';
import { address } from '../../../contracts/client/Hex.ts';

const addressOf = (n: number) => address(`0x${n.toString(16).padStart(40, '0')}`);

const expenses = fc.array(
  fc.record({
    person: fc.constant({ platform: 'local' as const, id: 'ann', name: 'Ann' }),
    model: fc.constantFrom({ id: 1n, name: 'guide' }, { id: 2n, name: 'terse' }, { id: 0n, name: 'own' }),
    token: fc.constantFrom(
      { address: addressOf(0), symbol: 'ETH', decimals: 18 },
      { address: addressOf(7), symbol: 'LANG', decimals: 18 },
    ),
    amount: fc.bigInt(0n, 10n ** 30n),
    state: fc.constantFrom<Expense['state'][]>('spent', 'held', 'returned'),
  }),
  { maxLength: 40 },
);
const byModel = (list: readonly Expense[]) =>
  spendingBy(
    list,
    ({ model }) => model,
    ({ id }) => id.toString(),
  );
const sum = (amounts: readonly bigint[]) => amounts.reduce((a, b) => a + b, 0n);

test('nothing is lost or counted twice, tokens are never added up, and shares are dearest first', () => {
  fc.assert(
    fc.property(expenses, (list) => {
      const found = byModel(list);
      expect(new Set(found.map(({ token }) => token.address)).size).toBe(found.length);
      for (const { token, shares, ...sums } of found) {
        const own = list.filter((one) => one.token.address === token.address);
        for (const state of ['spent', 'held', 'returned'] as const)
          expect(sums[state]).toBe(sum(own.filter((one) => one.state === state).map(({ amount }) => amount)));
        expect(sum(shares.map(({ amount }) => amount))).toBe(sums.spent);
        expect(sum(shares.map(({ asks }) => BigInt(asks)))).toBe(
          BigInt(own.filter(({ state }) => state === 'spent').length),
        );
        expect(shares.every(({ amount }, index) => amount >= (shares[index + 1]?.amount ?? 0n))).toBe(true);
      }
      expect(sum(found.map((one) => one.spent + one.held + one.returned))).toBe(sum(list.map(({ amount }) => amount)));
    }),
  );
});

test('bars are as long as their amounts, also when those are beyond what a number can hold', () => {
  const bars = barsOf([10n ** 40n, 10n ** 39n, 1n, 0n], String);
  expect(bars.map(({ share }) => share)).toEqual([1, 0.1, 0, 0]);
  expect(barsOf([0n, 0n], String).map(({ share }) => share)).toEqual([0, 0]);
});

test('the picture is a PNG whose words are drawn with the font that ships: other words, another picture', async () => {
  const picture = (value: string) => ({ alt: 'x', bars: [{ number: 1, value, share: 0.5 }] });
  const [one, same, other, foreign, foreignToo] = await Promise.all(
    ['12 LANG', '12 LANG', '13 LANG', '1 金', '1 銀'].map((value) => draw(picture(value))),
  );
  expect(one?.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  expect(one?.readUInt32BE(16)).toBe(1440);
  expect(same?.equals(one ?? Buffer.alloc(0))).toBe(true);
  expect(other?.equals(one ?? Buffer.alloc(0))).toBe(false);
  // What the font lacks is a dot, never an empty box.
  expect(foreign?.equals(foreignToo ?? Buffer.alloc(0))).toBe(true);
});
