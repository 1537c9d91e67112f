import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, address, zeroAddress } from '../../contracts/client/Hex.ts';
import { answerBytesOf, answerGas } from '../../host/reporter/Gas.ts';
import { type Scales, weigh } from '../../host/reporter/Weigh.ts';
import { coinOnly, type Rates } from '../../host/runtime/models/Rates.ts';

const e18 = 10n ** 18n;
const lang = address('0x5FbDB2315678afecb367f032d93F642f64180aa3');
const dollar = address('0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913');
const stranger = address('0x90F79bf6EB2c4f870365E785982E1f101E93b906');
const rates: Rates = {
  currency: 'USD',
  of: (token: Address) =>
    new Map([
      [zeroAddress, { name: 'coin', worth: 3_000n * e18, decimals: 18 }],
      [lang, { name: 'LANG', worth: e18 / 50n, decimals: 18 }],
      [dollar, { name: dollar, worth: e18, decimals: 6 }],
    ]).get(token),
};
const terms = {
  inputPerMillion: (15n * e18) / 100n,
  outputPerMillion: (60n * e18) / 100n,
  maxInputTokens: 60_000,
  maxOutputTokens: 2_000,
  contextTokens: undefined,
  bytesPerToken: 1,
};
const scales: Scales = {
  pays: e18 / 1_000n,
  token: zeroAddress,
  free: false,
  gas: answerGas({ answerBytes: 1_024, inputBytes: 256, byReport: false, takeOver: false }),
  feeWei: 1_500_000_000n,
  model: { name: 'gpt-4o-mini', terms, input: 412, output: 2_000 },
  rates,
  marginPercent: 10,
};

describe('what an ask pays against what it costs', () => {
  test('the whole arithmetic is said, with units', () => {
    const said = [
      scales,
      { ...scales, feeWei: 8_000_000_000n },
      { ...scales, token: dollar, pays: 3_000_000n },
      { ...scales, token: lang, pays: e18 },
      { ...scales, pays: e18 / 1_000_000n, feeWei: 1n },
      { ...scales, token: stranger },
      { ...scales, pays: 0n },
      { ...scales, pays: 0n, free: true },
      { ...scales, model: undefined, rates: coinOnly },
    ].map((one) => {
      const { taken, arithmetic, ...rest } = weigh(one);
      return { taken, arithmetic, ...('reason' in rest && { reason: rest.reason }) };
    });
    expect(said).toMatchSnapshot();
  });

  const amount = (most: bigint) => fc.bigInt({ min: 0n, max: most });
  const anyScales = fc.record({
    pays: amount(10n * e18),
    token: fc.constantFrom(zeroAddress, lang, dollar),
    gas: amount(5_000_000n),
    feeWei: amount(10n ** 12n),
    worth: amount(10_000n * e18),
    input: fc.integer({ min: 0, max: 1_000_000 }),
    output: fc.integer({ min: 0, max: 100_000 }),
    inputPerMillion: amount(200n * e18),
    outputPerMillion: amount(200n * e18),
    marginPercent: fc.integer({ min: 0, max: 1_000 }),
  });
  type Any = typeof anyScales extends fc.Arbitrary<infer T> ? T : never;
  const scalesOf = ({ worth, input, output, inputPerMillion, outputPerMillion, ...rest }: Any): Scales => ({
    ...rest,
    free: false,
    model: { name: 'm', terms: { ...terms, inputPerMillion, outputPerMillion }, input, output },
    rates: {
      currency: 'USD',
      of: (token) => ({ name: token, worth, decimals: token === dollar ? 6 : 18 }),
    },
  });

  test('never taken at a loss with the given prices, in exact fractions', () => {
    fc.assert(
      fc.property(anyScales, (any) => {
        const { taken } = weigh(scalesOf(any));
        if (!taken) return;
        // Everything over the common denominator 10^decimals · 10^18 · 10^6, nothing rounded.
        const decimals = any.token === dollar ? 6n : 18n;
        const million = 1_000_000n;
        const paid = any.pays * any.worth * 10n ** (18n - decimals) * million;
        const gas = any.gas * any.feeWei * any.worth * million;
        const model = (BigInt(any.input) * any.inputPerMillion + BigInt(any.output) * any.outputPerMillion) * e18;
        expect(paid * 100n).toBeGreaterThanOrEqual((gas + model) * BigInt(100 + any.marginPercent));
      }),
      { numRuns: 2_000 },
    );
  });

  test('what is taken stays taken when it pays more or costs less', () => {
    const more = fc.record({
      pays: amount(e18),
      gas: amount(1_000_000n),
      fee: amount(10n ** 9n),
      input: fc.nat(10_000),
      output: fc.nat(10_000),
      margin: fc.nat(100),
    });
    fc.assert(
      fc.property(anyScales, more, (any, by) => {
        const dear = scalesOf(any);
        const cheap = scalesOf({
          ...any,
          pays: any.pays + by.pays,
          gas: any.gas > by.gas ? any.gas - by.gas : 0n,
          feeWei: any.feeWei > by.fee ? any.feeWei - by.fee : 0n,
          input: Math.max(0, any.input - by.input),
          output: Math.max(0, any.output - by.output),
          marginPercent: Math.max(0, any.marginPercent - by.margin),
        });
        const before = weigh(dear);
        const after = weigh(cheap);
        if (before.taken) expect(after.taken).toBe(true);
        if (before.taken && after.taken) expect(after.budget ?? 0n).toBeGreaterThanOrEqual(before.budget ?? 0n);
      }),
      { numRuns: 1_000 },
    );
  });

  test('the budget is what the model may cost, to the last unit', () => {
    fc.assert(
      fc.property(anyScales, (any) => {
        // A price for a million tokens is what a million tokens cost.
        const withModel = (cost: bigint) =>
          weigh(scalesOf({ ...any, input: 1_000_000, output: 0, inputPerMillion: cost, outputPerMillion: 0n }));
        const { taken, ...rest } = withModel(0n);
        fc.pre(taken && any.pays > 0n && 'budget' in rest);
        const budget = 'budget' in rest ? (rest.budget ?? 0n) : 0n;
        expect(withModel(budget).taken).toBe(true);
        expect(withModel(budget + 1n).taken).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

test('gas grows with every byte, and an answer may have what its gas was counted with', () => {
  const at = (answerBytes: number) => answerGas({ answerBytes, inputBytes: 0, byReport: false, takeOver: false });
  // docs/gas.md: alone, 1 KB, and its share of a settlement that is sent alone.
  expect(at(1_024)).toBeGreaterThan(251_972n + 60_000n);
  expect(at(2_048) - at(1_024)).toBeGreaterThanOrEqual(48n * 1_024n);
  expect([answerBytesOf(1, 24_576), answerBytesOf(1_000, 24_576), answerBytesOf(9_999, 24_576)]).toEqual([
    1_024, 8_000, 24_576,
  ]);
});
