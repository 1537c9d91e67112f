import { expect, test } from 'vitest';
import { wordsOf } from '../../../bot/core/I18n.ts';
import { checkStep } from '../../../bot/pay/page/request/checkStep.ts';
import { setWords } from '../../../bot/pay/page/words.tsx';
import { createSignIn, nonceLength } from '../../../bot/pay/request/SignIn.ts';
import { typedDataTypes, type WalletStep } from '../../../bot/pay/request/types.ts';
import { toWire } from '../../../bot/pay/server/wire.ts';
import { address, zeroAddress } from '../../../contracts/client/Hex.ts';

setWords(wordsOf('en', 'page'));

const market = address('0x7777777777777777777777777777777777777777');
const account = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266';
const chain = { id: 31_337, name: 'x', rpcUrls: [], coin: { name: 'x', symbol: 'ETH', decimals: 18 }, market };
const accepts = (step: WalletStep) => {
  try {
    checkStep(toWire(step), { chain, account, host: 'ask.example' });
    return true;
  } catch {
    return false;
  }
};
const domain = { name: 'AskMarket', version: '1', chainId: 31_337, verifyingContract: market };
const typed = (primaryType: string, change: Record<string, unknown> = {}): WalletStep =>
  ({
    type: 'typedData',
    id: 'AllowanceGrant',
    what: 'x',
    payload: { primaryType, domain, types: { EIP712Domain: [], [primaryType]: [] }, message: {}, ...change },
  }) as WalletStep;
const send = (data: `0x${string}`): WalletStep => ({
  type: 'transaction',
  id: 'x',
  what: 'x',
  to: zeroAddress,
  data,
  value: 0n,
});
const word = (value: bigint) => value.toString(16).padStart(64, '0');
const signIn = createSignIn(
  {
    domain: 'ask.example',
    uri: 'https://ask.example/do',
    chainId: 31_337,
    address: address(account),
    statement: 'Hello.',
  },
  { nonce: 'a'.repeat(nonceLength), issuedAt: 1, expiresAt: 2 },
);
const message = (text: string): WalletStep => ({ type: 'message', id: 'signIn', what: 'x', text });
const permit = { owner: account, spender: market, value: '5' };

test('these are all the kinds of typed data there are', () => {
  expect(typedDataTypes).toEqual(['AllowanceGrant', 'RevokeAll', 'Withdrawal', 'Permit']);
  for (const type of typedDataTypes)
    expect(accepts(typed(type, type === 'Permit' ? { message: permit } : {}))).toBe(true);
});

test('a sign-in to this very page by this very account, and no other text', () => {
  expect(accepts(message(signIn))).toBe(true);
  expect(accepts(message(signIn.replace('ask.example wants', 'evil.example wants')))).toBe(false);
  expect(accepts(message(signIn.replace(address(account), market)))).toBe(false);
  // A bare hash, or a text that looks like a transaction.
  expect(accepts(message(`0x${word(7n)}`))).toBe(false);
  expect(accepts(message('I transfer everything'))).toBe(false);
});

test('typed data of other kinds, networks, contracts, or with more inside is refused', () => {
  // EIP-7702 authorisations and smart accounts' operations are no kind of ours; nor are Permit2, orders, meta-transactions.
  for (const type of [
    'Authorization',
    'PackedUserOperation',
    'PermitSingle',
    'PermitBatch',
    'Order',
    'MetaTransaction',
    'Delegation',
  ])
    expect(accepts(typed(type))).toBe(false);
  expect(accepts(typed('AllowanceGrant', { domain: { ...domain, chainId: 1 } }))).toBe(false);
  expect(accepts(typed('AllowanceGrant', { domain: { ...domain, verifyingContract: zeroAddress } }))).toBe(false);
  expect(accepts(typed('Withdrawal', { types: { Withdrawal: [], Order: [] } }))).toBe(false);
});

test('a permit for somebody else, of somebody else, or without end is refused', () => {
  for (const change of [{ spender: zeroAddress }, { owner: zeroAddress }, { value: (2n ** 256n - 1n).toString() }])
    expect(accepts(typed('Permit', { message: { ...permit, ...change } }))).toBe(false);
});

test('transactions: approvals of an amount, none without', () => {
  expect(accepts(send('0x'))).toBe(true);
  expect(accepts(send(`0x095ea7b3${word(1n)}${word(5n)}`))).toBe(true);
  expect(accepts(send(`0x095ea7b3${word(1n)}${word(0n)}`))).toBe(true);
  expect(accepts(send(`0x095ea7b3${word(1n)}${word(2n ** 256n - 1n)}`))).toBe(false);
  expect(accepts(send(`0xa22cb465${word(1n)}${word(1n)}`))).toBe(false);
  expect(accepts(send(`0x39509351${word(1n)}${word(1n)}`))).toBe(false);
});
