import { describe, expect, test } from 'vitest';
import { english, languages, wordsOf } from '../../../bot/core/I18n.ts';
import type { AskStatus } from '../../../bot/core/types.ts';
import { refusedText } from '../../../bot/pay/page/refusedText.ts';
import { durationText } from '../../../bot/pay/page/shared.tsx';
import { stepsOf } from '../../../bot/pay/page/steps.ts';
import { explainWalletError } from '../../../bot/pay/page/walletError.ts';
import { setWords } from '../../../bot/pay/page/words.tsx';
import { serverRefusals } from '../../../bot/pay/refusals.ts';
import { createAttempts } from '../../../bot/pay/server/attempts.ts';
import { createLimiter } from '../../../bot/pay/server/limiter.ts';
import { priceText, toWire } from '../../../bot/pay/server/wire.ts';

setWords(wordsOf('en', 'page'));

const step = { at: 1, block: 1, transaction: '0x01' as const };
const host = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' as const;

describe('steps', () => {
  const line = (status: AskStatus) =>
    stepsOf(toWire(status))
      .map(({ label, state }) => `${label}:${state}`)
      .join(' ');
  test.each<[AskStatus, string]>([
    [{ state: 'awaiting', expiresAt: 9 }, 'Payment:now Answered:todo Reported:todo Final:todo'],
    [{ state: 'expired' }, 'Expired:bad Answered:todo Reported:todo Final:todo'],
    [
      { state: 'paid', paid: step, host, exclusiveUntil: 2, deadline: 3 },
      'Paid:done With host:now Reported:todo Final:todo',
    ],
    [
      { state: 'paid', paid: step, host, exclusiveUntil: 2, deadline: 3, refundDue: 'overdue' },
      'Paid:done No answer:bad Refund:now',
    ],
    [
      { state: 'declined', paid: step, host, declined: step, reason: 'no', deadline: 3, soleHost: false },
      'Paid:done Declined:bad Another host:now Final:todo',
    ],
    [
      { state: 'declined', paid: step, host, declined: step, reason: '', deadline: 3, soleHost: true },
      'Paid:done Declined:bad Refund:now',
    ],
    [
      { state: 'delivered', paid: step, host, delivered: step, answer: 'a', reportDue: 9 },
      'Paid:done Answered:done Reporting:now Final:todo',
    ],
    [
      { state: 'delivered', paid: step, host, delivered: step, answer: 'a', reportDue: 9, refundDue: 'notReported' },
      'Paid:done Answered:done Not reported:bad Refund:now',
    ],
    [
      { state: 'reported', paid: step, host, delivered: step, answer: 'a', sealed: step, finalAt: 9 },
      'Paid:done Answered:done Reported:done Final:now',
    ],
    [
      {
        state: 'final',
        paid: step,
        host,
        delivered: step,
        answer: 'a',
        sealed: step,
        settled: step,
        hostPrice: 1n,
        royalty: 1n,
      },
      'Paid:done Answered:done Reported:done Final:done',
    ],
    [
      { state: 'refunded', paid: step, host, refunded: step, reason: 'overdue', amount: 1n },
      'Paid:done No answer:bad Refunded:done',
    ],
    [
      {
        state: 'refunded',
        paid: step,
        host,
        refunded: step,
        reason: 'disputeLost',
        amount: 1n,
        delivered: step,
        sealed: step,
        answer: 'a',
      },
      'Paid:done Answered:done Reported:done Refunded:done',
    ],
  ])('%#', (status, expected) => expect(line(status)).toBe(expected));
});

test('steps and times are said in the page’s language', () => {
  const said = languages.map((language) => {
    setWords(wordsOf(language, 'page'));
    const steps = stepsOf(
      toWire({ state: 'reported', paid: step, host, delivered: step, answer: 'a', sealed: step, finalAt: 9 }),
    );
    return [
      ...steps.flatMap(({ label, detail = [] }) => [label].concat(detail)),
      ...[3_700, 400_000].map(durationText),
    ];
  });
  setWords(wordsOf('en', 'page'));
  expect(said).toMatchSnapshot();
});

describe('wallet errors in people’s words', () => {
  test.each<[string, unknown, string]>([
    ['EIP-1193 rejection', { code: 4001, message: 'User rejected the request.' }, 'cancelled'],
    ['ethers rejection', { code: 'ACTION_REJECTED', message: 'x' }, 'cancelled'],
    [
      'Ledger rejection',
      { code: -32603, message: 'Ledger device: Condition of use not satisfied (denied by the user?) (0x6985)' },
      'cancelled',
    ],
    ['unknown chain', { code: 4902, message: 'Unrecognized chain ID' }, 'unknownNetwork'],
    ['unknown chain, wrapped', { code: -32603, data: { originalError: { code: 4902 } } }, 'unknownNetwork'],
    ['pending', { code: -32002, message: 'Already processing eth_requestAccounts.' }, 'pending'],
    ['locked', { code: 4100, message: 'The requested account has not been authorized' }, 'locked'],
    ['disconnected', { code: 4900, message: 'x' }, 'disconnected'],
    ['no coin', { code: -32000, message: 'insufficient funds for gas * price + value' }, 'noFunds'],
    [
      'no coin, wrapped',
      { code: -32603, message: 'Internal JSON-RPC error.', data: { code: -32000, message: 'err: insufficient funds' } },
      'noFunds',
    ],
    ['no coin in anvil’s words', { code: -32003, message: 'Insufficient funds for gas * price + value' }, 'noFunds'],
    ['locked Ledger', { message: 'Ledger device: Locked device (0x5515)' }, 'device'],
    ['revert', { code: 3, message: 'execution reverted: OfferTooHigh' }, 'reverted'],
    ['anything', { message: 'weird' }, 'other'],
    ['a string', 'weird', 'other'],
    ['nothing', undefined, 'other'],
    [
      'a loop',
      (() => {
        const loop: Record<string, unknown> = { message: 'x' };
        loop['cause'] = loop;
        return loop;
      })(),
      'other',
    ],
  ])('%s', (_name, error, kind) => {
    const problem = explainWalletError(error, 'ETH');
    expect(problem.kind).toBe(kind);
    expect(problem.message).toMatch(/^[A-Z].*\.$/s);
  });
});

describe('what the server refuses in English whoever asks, on the page of a private link', () => {
  const message = 'Too big: expected string to have <=200 characters';
  const codes = [...serverRefusals.filter((code) => code !== 'unknown'), 'unreachable'];

  test.each(languages)('is said in the page’s language: %s', (language) => {
    setWords(wordsOf(language, 'page'));
    const said = codes.map((code) => refusedText({ code, message }));
    expect(said.filter((words) => words.includes(message) || words.startsWith('page.'))).toEqual([]);
    expect([...new Set(said)]).toMatchSnapshot();
    // What the request's own desk said is in the person's words already.
    expect(refusedText({ code: 'badAmount', message: 'Falta un importe.' })).toBe('Falta un importe.');
    setWords(wordsOf('en', 'page'));
  });
});

test('durations are short', () => {
  expect([5, 65, 3_700, 43_200, 400_000].map(durationText)).toEqual([
    '5 s',
    '1:05 min',
    '1 h 1 min',
    '12 h 0 min',
    '4 days',
  ]);
});

test('prices have their token’s decimals and no scientific notation', () => {
  const price = (amount: bigint, decimals: number) =>
    priceText({ amount, decimals, symbol: 'T', token: host, royalty: 0n, hostPrice: 0n }, english);
  expect([price(0n, 18), price(1n, 18), price(250_000n, 6), price(7n, 0), price(10n ** 24n, 18)]).toEqual([
    'free',
    '0.000000000000000001 T',
    '0.25 T',
    '7 T',
    '1000000 T',
  ]);
});

test('a limiter gives back over time, per key, and forgets without ever refusing more', () => {
  let now = 0;
  const may = createLimiter(2, 1, () => now);
  expect([may('a'), may('a'), may('a'), may('b')]).toEqual([true, true, false, true]);
  now = 1_000;
  expect([may('a'), may('a')]).toEqual([true, false]);
});

test('an attempt to pay is forgotten in time, and a look at a wallet does not hide what was sent', () => {
  let now = 0;
  const attempts = createAttempts(() => now);
  attempts.note('t', { window: 'a', stage: 'sent', hash: '0x1' });
  attempts.note('t', { window: 'b', stage: 'prepared' });
  expect(attempts.of('t')).toMatchObject({ window: 'a', stage: 'sent' });
  now = 15 * 60_000;
  expect(attempts.of('t')).toBeUndefined();
  attempts.note('t', { window: 'b', stage: 'prepared' });
  now += 5 * 60_000;
  expect(attempts.of('t')).toBeUndefined();
});
