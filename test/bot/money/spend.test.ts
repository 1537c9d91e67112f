import type { Wallet } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AskRecord } from '../../../bot/core/AskRecord.ts';
import { queryIdOf } from '../../../bot/core/money/queryIdOf.ts';
import type { Incoming, Person } from '../../../bot/core/types.ts';
import { askByToken } from '../../../bot/store/asks.ts';
import { endSpending, letSpend, maySpend } from '../../../bot/store/wallets.ts';
import { address, zeroAddress } from '../../../contracts/client/Hex.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import { fundedWallet } from '../../client/chain.ts';
import { command } from '../core/world.ts';
import { createMoneyWorld, type MoneyWorld } from './world.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await createMoneyWorld();
});
afterAll(() => world.stop());

/** The model costs 100 wei; what stands here is in wei too. */
const wei = (amount: number) => `0.${String(amount).padStart(18, '0')}`;
const limit = { token: zeroAddress, perAsk: wei(150), perPeriod: wei(1_000), period: 'day', days: '30' };
let people = 0;
let person: Person;
let wallet: Wallet;
const account = () => accountOf(address(wallet.address));
const balance = () => world.context.accounts.balanceOf(account(), zeroAddress);

/** Somebody new, linked. */
beforeEach(async () => {
  people += 1;
  person = { platform: 'telegram', id: `person-${people}`, name: 'Ada' };
  wallet = await fundedWallet(world.chain);
  await world.go(person, { type: 'link' }, wallet);
});

const putIn = (amount: number) =>
  world.go(person, { type: 'deposit', token: zeroAddress }, wallet, { amount: wei(amount) });
const allow = (change: Record<string, string> = {}) =>
  world.go(person, { type: 'allow', token: zeroAddress }, wallet, { ...limit, ...change });

let questions = 0;
async function ask(more: Partial<Extract<Incoming, { type: 'command' }>> = {}): Promise<string> {
  questions += 1;
  const question = `What is question ${questions}?`;
  await world.bot.receive(command('ask', question, { person, ...more }));
  const row = await world.context.store.db
    .selectFrom('asks')
    .select('token')
    .where('question', '=', question)
    .executeTakeFirstOrThrow();
  return row.token;
}
async function record(token: string): Promise<AskRecord> {
  const found = await askByToken(world.context.store.db, token);
  if (!found) throw new Error('no such ask');
  return found;
}
const until = (token: string, state: string) =>
  expect.poll(async () => (await record(token)).status.state, { timeout: 20_000 }).toBe(state);

const pending = async () => Number((await world.chain.rpc.send('txpool_status', [])).pending);

describe('a limit is for the chat user who had it signed', () => {
  let other: Person;
  const whose = async (of: Person) => {
    const { spend, status } = await record(await ask({ person: of }));
    return spend?.state === 'failed' ? spend.reason : status.state;
  };
  const otherUser = expect.stringMatching(/signed for another chat user/);
  beforeEach(async () => {
    other = { platform: 'telegram', id: `other-${people}`, name: 'Bob' };
    await world.go(other, { type: 'link' }, wallet);
    await putIn(500);
  });

  it.each([
    [
      'of this currency',
      () => world.market.market.calls.revoke(account(), world.context.accounts.spender, zeroAddress),
    ],
    ['of everything', () => world.context.accounts.calls.revokeAll(account())],
  ])('the owner’s own revocation, %s and without the bot, ends it for all of them', async (_name, revocation) => {
    await allow();
    await world.go(other, { type: 'allow', token: zeroAddress }, wallet, limit);
    expect(await whose(other)).not.toEqual(otherUser);
    await (await wallet.sendTransaction(revocation())).wait();
    await world.caughtUp();
    // Signed anew, for one of the two.
    await allow();
    expect(await whose(other)).toEqual(otherUser);
    expect(await whose(person)).not.toEqual(otherUser);
  });

  it('which /balance tells whom it was not signed for', async () => {
    await allow();
    const seenBy = async (of: Person) => {
      await world.bot.receive(command('balance', '', { person: of }));
      await world.bot.outbox.idle();
      return world.platform.shown.at(-1)?.message.text;
    };
    const may = expect.stringMatching(/the bot may still spend/);
    expect(await seenBy(other)).toEqual(otherUser);
    expect(await seenBy(other)).not.toEqual(may);
    expect(await seenBy(person)).toEqual(may);
    expect(await seenBy(person)).not.toEqual(otherUser);
  });

  it('and for the currency that it was signed for', async () => {
    await allow();
    const lang = world.market.deployment.token;
    await world.go(other, { type: 'allow', token: lang }, wallet, { ...limit, token: lang });
    expect(await whose(other)).toEqual(otherUser);
  });

  it('stands when it was signed after a revocation that is only seen later', async () => {
    const { db } = world.context.store;
    const own = address(wallet.address);
    const signed = { token: zeroAddress, nonce: 3n << 48n, block: 12 };
    await letSpend(db, person, own, signed);
    await endSpending(db, own, { before: 11 });
    expect(await maySpend(db, person, own, zeroAddress)).toBe(true);
    await endSpending(db, own, { token: world.market.deployment.token, before: 13 });
    expect(await maySpend(db, person, own, zeroAddress)).toBe(true);
    await endSpending(db, own, { token: zeroAddress, before: 13 });
    expect(await maySpend(db, person, own, zeroAddress)).toBe(false);
  });

  it('a limit of a later epoch ends those of earlier ones, seen or not', async () => {
    const { db } = world.context.store;
    const own = address(wallet.address);
    await letSpend(db, person, own, { token: zeroAddress, nonce: (3n << 48n) + 5n, block: 12 });
    await letSpend(db, other, own, { token: zeroAddress, nonce: 4n << 48n, block: 13 });
    expect(await maySpend(db, person, own, zeroAddress)).toBe(false);
    expect(await maySpend(db, other, own, zeroAddress)).toBe(true);
  });
});

describe('a linked person’s /ask simply asks', () => {
  it('from the account, within the limit, without a wallet', async () => {
    await putIn(500);
    await allow();
    const before = await world.chain.rpc.getTransactionCount(wallet.address);
    const token = await ask();
    await until(token, 'paid');
    expect(await balance()).toBe(400n);
    expect(await world.chain.rpc.getTransactionCount(wallet.address)).toBe(before);
    const paid = await record(token);
    expect(paid).toMatchObject({ spend: { state: 'pending', account: account() } });
    // The log named the ask before it was on chain.
    if (paid.spend?.state !== 'pending') throw new Error('not paid from the account');
    expect(queryIdOf(world.context, paid.spend.order, paid.question)).toBe(paid.queryId);
    // The pay link of what is paid takes no second payment.
    expect(await world.bot.desk.prepare(token, address(wallet.address))).toMatchObject({ ok: false, code: 'paid' });
  });

  it('without a limit there is the pay link, as for anybody', async () => {
    await putIn(500);
    expect(await record(await ask())).toMatchObject({ status: { state: 'awaiting' } });
  });

  it.each([
    ['over the limit for one question', { perAsk: wei(99) }, 500, /above your limit of 0\\.000000000000000099 ETH/],
    ['too little in the account', {}, 99, /account has 0\\.000000000000000099 ETH/],
  ])('%s: said, and the pay link stays', async (_, change, amount, words) => {
    await putIn(amount);
    await allow(change);
    const { spend, status } = await record(await ask());
    expect(status).toMatchObject({ state: 'awaiting' });
    expect(spend).toMatchObject({ state: 'failed', reason: expect.stringMatching(words) });
    expect(await balance()).toBe(BigInt(amount));
  });

  it('over the limit for the day: the third says until when', async () => {
    await putIn(500);
    await allow({ perPeriod: wei(200) });
    for (const token of [await ask(), await ask()]) await until(token, 'paid');
    expect((await record(await ask())).spend).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/leaves 0 ETH until/),
    });
    expect(await balance()).toBe(300n);
  });

  it('revoked in the same block: the ask behind it takes nothing, and says why', async () => {
    await putIn(500);
    await allow();
    let token = '';
    await world.inOneBlock(async () => {
      token = await ask();
      await expect.poll(pending).toBe(1);
      // Dearer, so that it comes first in the block that both are in.
      const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n, gasLimit: 100_000n };
      await wallet.sendTransaction({ ...world.context.accounts.calls.revokeAll(account()), ...fees });
      await expect.poll(pending).toBe(2);
    });
    await until(token, 'awaiting');
    expect((await record(token)).spend).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/not allowed this spender/),
    });
    expect(await balance()).toBe(500n);
  });

  it('two at once from a balance that covers one: one is asked, the other says why, nothing is stuck', async () => {
    await putIn(150);
    await allow();
    const tokens = await Promise.all([ask(), ask()]);
    await expect
      .poll(async () => (await Promise.all(tokens.map(record))).map(({ status }) => status.state).sort())
      .toEqual(['awaiting', 'paid']);
    const other = (await Promise.all(tokens.map(record))).find(({ status }) => status.state === 'awaiting');
    expect(other?.spend).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/balance is too low|account has/),
    });
    expect(await balance()).toBe(50n);
  });
});

describe('a fee for the network', () => {
  it('is taken within what the limit says, and goes where the limit says', async () => {
    const { accounts } = world.context;
    const payee = address('0x00000000000000000000000000000000000FEE00');
    const [fee, to] = [accounts.relayFee, accounts.feePayee];
    Object.assign(accounts, { relayFee: () => 5n, feePayee: payee });
    try {
      await putIn(500);
      await allow();
      const { terms } = await accounts.allowanceOf(account(), zeroAddress);
      expect(terms).toMatchObject({ maxRelayFee: 10n, feePayee: payee });
      await until(await ask(), 'paid');
      expect(await balance()).toBe(395n);
      expect(await accounts.balanceOf(accountOf(payee), zeroAddress)).toBe(5n);
      // Dearer than agreed to: nothing is taken, and it is said.
      Object.assign(accounts, { relayFee: () => 11n });
      expect((await record(await ask())).spend).toMatchObject({
        reason: expect.stringMatching(/network fee is above/),
      });
      expect(await balance()).toBe(395n);
    } finally {
      Object.assign(accounts, { relayFee: fee, feePayee: to });
    }
  });
});

describe('only the person’s own word spends', () => {
  it('above the price of his choosing a button is wanted, which only he can press, once', async () => {
    await putIn(500);
    await allow({ askFirstAbove: wei(50) });
    const token = await ask();
    expect(await record(token)).toMatchObject({ status: { state: 'awaiting' }, spend: { state: 'offered' } });
    await world.bot.outbox.idle();
    const shown = world.platform.shown.findLast(({ message }) => message.buttons?.some(({ type }) => type === 'press'));
    const button = shown?.message.buttons?.find(({ type }) => type === 'press');
    expect(button).toMatchObject({ label: 'Pay 0.0000000000000001 ETH from my account', data: `ask:${token}` });
    let presses = 0;
    const press = (by: Person, data = `ask:${token}`) => {
      presses += 1;
      return world.bot.receive({
        type: 'press',
        updateId: `press-${token}-${presses}`,
        chat: { platform: 'telegram', id: 'group' },
        person: by,
        message: { chat: { platform: 'telegram', id: 'group' }, id: shown?.id ?? '' },
        data,
      });
    };
    await press({ platform: 'telegram', id: 'mallory', name: 'Ada' });
    await press({ ...person, platform: 'discord' });
    expect(await record(token)).toMatchObject({ spend: { state: 'offered' } });
    await Promise.all([press(person), press(person)]);
    await until(token, 'paid');
    await press(person);
    expect(await balance()).toBe(400n);
  });

  it('a mention, a reply or private text is no order: it gets the button', async () => {
    await putIn(500);
    await allow();
    expect(await record(await ask({ isPlain: true }))).toMatchObject({ spend: { state: 'offered' } });
    expect(await balance()).toBe(500n);
  });

  it('somebody else’s command never spends it', async () => {
    await putIn(500);
    await allow();
    const stranger: Person = { platform: 'discord', id: person.id, name: person.name };
    expect((await record(await ask({ person: stranger }))).spend).toBeUndefined();
    expect(await balance()).toBe(500n);
  });
});

describe('after a crash', () => {
  it('what was written is sent, once', async () => {
    await putIn(500);
    await allow();
    let token = '';
    await world.inOneBlock(async () => {
      token = await ask();
      // Perhaps sent, perhaps not: nothing is in a block yet.
      await world.restart();
    });
    await until(token, 'paid');
    expect(await balance()).toBe(400n);
  });

  it('even when the journal of what was sent is lost: the chain refuses the second, and the first stands', async () => {
    await putIn(500);
    await allow();
    let token = '';
    await world.inOneBlock(async () => {
      token = await ask();
      await expect.poll(pending).toBe(1);
      await world.restart({ forgetSent: true });
    });
    await until(token, 'paid');
    const other = await ask();
    await until(other, 'paid');
    expect((await record(token)).spend).toMatchObject({ state: 'pending' });
    expect(await balance()).toBe(300n);
  });
});
