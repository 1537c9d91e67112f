import { describe, expect, it, test } from 'vitest';
import { english, languages, translator } from '../../../bot/core/I18n.ts';
import { readTerms, worstOf } from '../../../bot/pay/request/AllowanceTerms.ts';
import { address, zeroAddress } from '../../../contracts/client/Hex.ts';

const payee = address('0x00000000000000000000000000000000000FEE00');
const none = { fee: 0n, payee };
const fields = { perAsk: '1', perPeriod: '20', period: 'month', days: '90', askFirstAbove: '' };
const token = (decimals: number) => ({ symbol: 'T', decimals });

describe.each([
  [18, '0.1', 100_000_000_000_000_000n],
  [6, '0.1', 100_000n],
  [0, '3', 3n],
  [18, '0.000000000000000001', 1n],
  [6, '999999999999', 999_999_999_999_000_000n],
])('a token with %i decimals', (decimals, typed, amount) => {
  it(`takes ${typed}`, () => {
    const read = readTerms(
      { ...fields, perAsk: typed, perPeriod: typed, askFirstAbove: typed },
      token(decimals),
      none,
      1_000,
      english,
    );
    expect(read).toEqual({
      ok: true,
      chosen: {
        period: 'month',
        askFirstAbove: amount,
        terms: {
          perAsk: amount,
          perPeriod: amount,
          periodSeconds: 2_592_000n,
          expiry: 1_000n + 90n * 86_400n,
          feePayee: zeroAddress,
          maxRelayFee: 0n,
        },
      },
    });
  });
});

test.each([
  [18, '1e-9'],
  [18, '1,5'],
  [18, '-1'],
  [18, 'NaN'],
  [18, 'Infinity'],
  [18, '0x10'],
  [18, '９'],
  [6, '0.0000001'],
  [0, '0.5'],
  [18, '340282366920938463463.374607431768211456'],
  [18, '1'.repeat(100)],
  [18, ''],
])('with %i decimals “%s” is refused in a sentence', (decimals, perAsk) => {
  const read = readTerms({ ...fields, perAsk }, token(decimals), none, 1_000, english);
  expect(read).toMatchObject({ ok: false, message: expect.stringMatching(/^At most for one question: .+/) });
});

test('what is wrong with an amount is said in each language, field and all', () => {
  const said = languages.map((language) => {
    const t = translator(language);
    return ['', '1,5', '-1', 'x', '0.0000001', '9'.repeat(40)].map((perAsk) => {
      const read = readTerms({ ...fields, perAsk }, token(6), none, 1_000, t);
      return read.ok ? 'accepted' : read.message;
    });
  });
  expect(said).toMatchSnapshot();
  expect(new Set(said.flat()).size).toBe(languages.length * 6);
});

test('a fee for the network has a payee and a cap of its own, and the worst is said whole', () => {
  const read = readTerms(fields, token(6), { fee: 2_000n, payee }, 1_800_000_000, english);
  expect(read).toMatchObject({ ok: true, chosen: { terms: { feePayee: payee, maxRelayFee: 4_000n } } });
  if (!read.ok) return;
  expect(worstOf(read.chosen, token(6), english)).toMatchInlineSnapshot(
    `"If the bot’s key is stolen, the thief can spend at most 1 T at a time and 20 T each 30 days (up to 40 T within a short time around the moment one period ends and the next begins), until 15 Apr 2027, and never more than your account holds. Nobody but you can take money out. Of each question’s limit, up to 0.004 T may be the bot’s fee for the network."`,
  );
});
