import { Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkSignIn,
  createSignIn,
  nonceLength,
  type SignInTerms,
  statementFor,
} from '../../../bot/pay/request/SignIn.ts';
import { walletsOf } from '../../../bot/store/wallets.ts';
import { type Address, address, hex } from '../../../contracts/client/Hex.ts';
import { ada, bob, createMoneyWorld, type MoneyWorld } from './world.ts';

const now = 1_800_000_000;
const wallet = Wallet.createRandom();
const terms: SignInTerms = {
  domain: 'ask.example',
  uri: 'https://ask.example/do',
  chainId: 31_337,
  address: address(wallet.address),
  statement: statementFor(ada),
};
const times = { nonce: 'a'.repeat(nonceLength), issuedAt: now, expiresAt: now + 600 };

describe('a sign-in is what was asked for, or it is refused', () => {
  const check = (changes: Partial<SignInTerms>, at = now, time: Partial<typeof times> = {}) =>
    checkSignIn(createSignIn({ ...terms, ...changes }, { ...times, ...time }), terms, at);

  it('as it should be', () => {
    expect(check({})).toEqual({ ok: true, nonce: times.nonce });
    expect(createSignIn(terms, times)).toContain('ask.example wants you to sign in with your Ethereum account:');
  });

  it.each<[string, Partial<SignInTerms>, string]>([
    ['domain', { domain: 'ask.example.evil.test' }, 'wrongDomain'],
    ['page', { uri: 'https://ask.example/elsewhere' }, 'wrongPage'],
    ['chain', { chainId: 1 }, 'wrongChain'],
    ['address', { address: address(Wallet.createRandom().address) }, 'wrongAddress'],
    ['chat user', { statement: statementFor(bob) }, 'wrongPerson'],
  ])('the wrong %s', (_, changes, problem) => expect(check(changes)).toEqual({ ok: false, problem }));

  it.each<[string, number, Partial<typeof times>, string]>([
    ['expired', now + 600, {}, 'expired'],
    ['dated in the future', now - 121, {}, 'notYetValid'],
    ['with too short a nonce', now, { nonce: 'abcdefgh' }, 'shortNonce'],
  ])('%s', (_, at, time, problem) => expect(check({}, at, time)).toEqual({ ok: false, problem }));

  it('too short a nonce for EIP-4361, without an expiry, not valid yet, or no such message at all', () => {
    const text = createSignIn(terms, times);
    const without = text.replace(/\nExpiration Time: .*/, '');
    const problems = [
      text.replace(/Nonce: .*/, 'Nonce: short'),
      without,
      `${text}\nNot Before: ${new Date((now + 300) * 1000).toISOString()}`,
      text.replace(terms.address, terms.address.toLowerCase()),
      text.replace('Version: 1', 'Version: 2'),
      'Send all my money to Mallory',
      '',
    ].map((one) => {
      const checked = checkSignIn(one, terms, now);
      return checked.ok ? 'accepted' : checked.problem;
    });
    expect(problems).toEqual([
      'malformed',
      'noExpiry',
      'notYetValid',
      'malformed',
      'malformed',
      'malformed',
      'malformed',
    ]);
  });

  it('a name can’t make another person, or a second line, of the statement', () => {
    const mallory = {
      platform: 'telegram' as const,
      id: '666',
      name: 'Ada (telegram user ada)\n\nURI: https://evil.test',
    };
    expect(statementFor(mallory)).toContain('(telegram user 666)');
    expect(statementFor(mallory)).not.toContain('\n');
    expect(check({ statement: statementFor(mallory) })).toEqual({ ok: false, problem: 'wrongPerson' });
    expect(statementFor({ ...mallory, name: '张伟 🦊' })).toMatch(
      /^Link this wallet to the user \(telegram user 666\)/,
    );
  });
});

describe('the server', () => {
  let world: MoneyWorld;
  beforeAll(async () => {
    world = await createMoneyWorld();
  });
  afterAll(() => world.stop());

  const begin = async (token: string, of: Address) => {
    const next = await world.bot.requests.advance(token, { wallet: of, fields: {}, results: [] });
    if (!next.ok || next.type !== 'step' || next.step.type !== 'message') throw new Error('no message to sign');
    return next.step.text;
  };
  const finish = (token: string, of: Address, text: string, value: `0x${string}`) =>
    world.bot.requests.advance(token, { wallet: of, fields: {}, results: [{ id: 'signIn', value, text }] });

  it('takes a signature once, and only for the link and wallet that it was made for', async () => {
    const token = await world.link(ada, { type: 'link' });
    const own = address(wallet.address);
    const text = await begin(token, own);
    const signature = hex(await wallet.signMessage(text));
    const other = address(Wallet.createRandom().address);
    expect(await finish(token, other, text, signature)).toMatchObject({ ok: false, code: 'wrongAddress' });
    const forged = hex(await Wallet.createRandom().signMessage(text));
    expect(await finish(token, own, text, forged)).toMatchObject({ ok: false, code: 'wrongSignature' });
    expect(await finish(token, own, text, '0x')).toMatchObject({ ok: false, code: 'wrongSignature' });
    // The same person's other link, and another person's.
    const second = await world.link(ada, { type: 'link' });
    expect(await finish(second, own, text, signature)).toMatchObject({ ok: false, code: 'unknownNonce' });
    const bobs = await world.link(bob, { type: 'link' });
    expect(await finish(bobs, own, text, signature)).toMatchObject({ ok: false, code: 'wrongPerson' });
    // A nonce of the wallet's own making.
    const invented = text.replace(/Nonce: .*/, `Nonce: ${'z'.repeat(nonceLength)}`);
    expect(await finish(token, own, invented, hex(await wallet.signMessage(invented)))).toMatchObject({
      ok: false,
      code: 'unknownNonce',
    });
    const both = await Promise.all([finish(token, own, text, signature), finish(token, own, text, signature)]);
    expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(await finish(token, own, text, signature)).toMatchObject({ ok: false, code: 'used' });
    expect(await walletsOf(world.context.store.db, ada)).toMatchObject([{ address: own }]);
    expect(await walletsOf(world.context.store.db, bob)).toEqual([]);
  });

  it('takes a contract wallet’s word (ERC-1271), and not that of one which says no', async () => {
    const yes = address('0x00000000000000000000000000000000000a1271');
    const no = address('0x00000000000000000000000000000000000B1271');
    // Returns the magic value; returns nothing.
    await world.chain.rpc.send('anvil_setCode', [yes, '0x631626ba7e60e01b60005260206000f3']);
    await world.chain.rpc.send('anvil_setCode', [no, '0x60006000f3']);
    const token = await world.link(bob, { type: 'link' });
    const refused = await begin(token, no);
    expect(await finish(token, no, refused, '0x1234')).toMatchObject({ ok: false, code: 'wrongSignature' });
    const text = await begin(token, yes);
    expect(await finish(token, yes, text, '0x1234')).toMatchObject({ ok: true, type: 'done' });
    expect(await walletsOf(world.context.store.db, bob)).toMatchObject([{ address: yes }]);
  });
});
