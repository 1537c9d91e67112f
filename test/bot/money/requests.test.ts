import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Language } from '../../../bot/core/I18n.ts';
import type { StepResult } from '../../../bot/pay/request/types.ts';
import { accountEvents } from '../../../bot/store/events.ts';
import { setPreference } from '../../../bot/store/preferences.ts';
import { requestByToken } from '../../../bot/store/requests.ts';
import { walletsOf } from '../../../bot/store/wallets.ts';
import { address, zeroAddress } from '../../../contracts/client/Hex.ts';
import type { AllowanceTerms } from '../../../contracts/client/Market.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import { createToken } from '../../../contracts/client/Token.ts';
import { deployClearFirst } from './clearFirst.ts';
import { ada, bob, createMoneyWorld, type MoneyWorld } from './world.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await createMoneyWorld();
});
afterAll(() => world.stop());

const asker = () => world.market.asker;
const account = () => accountOf(address(asker().address));
const limit = {
  token: zeroAddress,
  perAsk: '0.0000000000000005',
  perPeriod: '0.000000000000001',
  period: 'day',
  days: '30',
};

describe('a link goes from chat to chain', () => {
  it('links a wallet by a signature, once', async () => {
    const done = await world.go(ada, { type: 'link' }, asker());
    expect(done).toMatchObject({ ok: true, type: 'done', next: [{ label: 'Put money in' }, { label: /limit/ }] });
    expect(await walletsOf(world.context.store.db, ada)).toMatchObject([{ address: asker().address, isDefault: true }]);
  });

  it('speaks what the person chose in the chat, else the browser’s language, errors included', async () => {
    const { store } = world.context;
    const token = await world.link(bob, { type: 'allow', token: zeroAddress });
    const open = async (hint?: Language) => world.bot.requests.open(token, address(asker().address), limit, hint);
    expect(await open('es')).toMatchObject({ language: 'es', view: { title: 'Fijar lo que el bot puede gastar' } });
    await setPreference(store.db, bob, 'language', 'ru');
    const shown = await open('es');
    expect(shown).toMatchObject({ language: 'ru', view: { title: 'Сколько может тратить бот' } });
    const wrong = await world.bot.requests.advance(
      token,
      { wallet: address(asker().address), fields: { ...limit, perAsk: '2' }, results: [] },
      'es',
    );
    expect(wrong).toMatchObject({ ok: false, message: 'Сумма за один вопрос не может быть больше общей.' });
    const { message: comma } = z.object({ message: z.string() }).parse(
      await world.bot.requests.advance(token, {
        wallet: address(asker().address),
        fields: { ...limit, perAsk: '0,2' },
        results: [],
      }),
    );
    expect(comma).toBe('Не больше за один вопрос: В «0,2» есть запятая. Напишите сумму с точкой, например 0.25.');
    await setPreference(store.db, bob, 'language', undefined);
  });

  it('shows a request that was stored in words as it was stored, and the page around it in the person’s language', async () => {
    const token = await world.link(bob, {
      type: 'transactions',
      title: 'Retire model #7',
      facts: [{ label: 'Name', value: 'haiku {name}' }],
      worst: 'Nobody can ask it any more.',
      done: 'It is retired.',
      calls: [{ what: 'Retire model #7', to: zeroAddress, data: '0x', value: 0n }],
    });
    expect(await world.bot.requests.open(token, undefined, {}, 'es')).toMatchObject({
      view: {
        title: 'Retire model #7',
        text: ['Tu cartera envía una transacción.'],
        facts: [{ label: 'Name', value: 'haiku {name}' }],
        worst: 'Nobody can ask it any more.',
      },
    });
    const of = { wallet: address(asker().address), fields: {} };
    expect(await world.bot.requests.advance(token, { ...of, results: [] }, 'es')).toMatchObject({
      step: { what: 'Retire model #7' },
    });
    const results = [{ id: 'call0', value: '0x' as const }];
    expect(await world.bot.requests.advance(token, { ...of, results }, 'es')).toMatchObject({
      message: 'It is retired.',
    });
  });

  it('puts coin in, and the account’s event is kept', async () => {
    const done = await world.go(ada, { type: 'deposit', token: zeroAddress }, asker(), { amount: '0.5' });
    expect(done).toMatchObject({ ok: true, type: 'done' });
    expect(await world.context.accounts.balanceOf(account(), zeroAddress)).toBe(5n * 10n ** 17n);
    await world.caughtUp();
    expect(await accountEvents(world.context.store.db, account())).toMatchObject([
      { type: 'Deposited', amount: 5n * 10n ** 17n, from: asker().address },
    ]);
  });

  it('puts a token in by a permit for exactly the amount', async () => {
    const { token } = world.market.deployment;
    const { send, owner } = world.market;
    await send(owner, createToken(world.chain.rpc, token).calls.transfer(address(asker().address), 10n ** 18n));
    const done = await world.go(ada, { type: 'deposit', token, amount: 10n ** 18n }, asker(), { amount: '1' });
    expect(done).toMatchObject({ ok: true, type: 'done', message: expect.stringContaining('1 LANG went into') });
    expect(await world.context.accounts.balanceOf(account(), token)).toBe(10n ** 18n);
    expect(await world.context.market.allowanceOf(token, address(asker().address))).toBe(0n);
  });

  it('takes an old approval back first, for a token that wants it so, and approves exactly the amount', async () => {
    const { rpc } = world.chain;
    const token = await deployClearFirst(world, asker(), { held: 5_000_000n, allowed: 400_000n });
    const { market } = world.market.deployment;
    const wallet = address(asker().address);
    const link = await world.link(ada, { type: 'deposit', token });
    const results: StepResult[] = [];
    for (;;) {
      const next = await world.bot.requests.advance(link, { wallet, fields: { amount: '1' }, results });
      if (!next.ok) throw new Error(next.message);
      if (next.type === 'done') break;
      results.push(await world.perform(next.step, asker()));
      if (results.at(-1)?.id === 'approve')
        expect(await createToken(rpc, token).allowance(wallet, market)).toBe(1_000_000n);
    }
    expect(results.map(({ id }) => id)).toEqual(['clear', 'approve', 'deposit']);
    expect(await createToken(rpc, token).allowance(wallet, market)).toBe(0n);
    expect(await world.context.accounts.balanceOf(account(), token)).toBe(1_000_000n);
    expect(await createToken(rpc, token).balanceOf(wallet)).toBe(4_000_000n);
  });

  it('sets a limit that the bot sends: the owner pays no gas', async () => {
    const before = await world.chain.rpc.getTransactionCount(asker().address);
    const done = await world.go(ada, { type: 'allow', token: zeroAddress }, asker(), limit);
    expect(done).toMatchObject({ ok: true, type: 'done' });
    expect(await world.chain.rpc.getTransactionCount(asker().address)).toBe(before);
    const allowance = await world.context.accounts.allowanceOf(account(), zeroAddress);
    expect(allowance).toMatchObject({
      active: true,
      terms: {
        perAsk: 500n,
        perPeriod: 1_000n,
        periodSeconds: 86_400n,
        maxRelayFee: 0n,
      } satisfies Partial<AllowanceTerms>,
    });
  });

  it('ends every limit by a signature', async () => {
    expect(await world.go(ada, { type: 'revoke' }, asker())).toMatchObject({ ok: true, type: 'done' });
    expect(await world.context.accounts.allowanceOf(account(), zeroAddress)).toMatchObject({ active: false });
  });

  it('takes money out by a signature, to another address, and by the wallet’s own transaction', async () => {
    const to = '0x00000000000000000000000000000000000A11cE';
    const request = { type: 'withdraw', token: zeroAddress } as const;
    const done = await world.go(ada, request, asker(), { amount: '0.2', to, how: 'sign' });
    expect(done).toMatchObject({ ok: true, type: 'done' });
    expect(await world.chain.rpc.getBalance(to)).toBe(2n * 10n ** 17n);
    await world.go(ada, request, asker(), { amount: '0.1', to, how: 'send' });
    expect(await world.chain.rpc.getBalance(to)).toBe(3n * 10n ** 17n);
    expect(await world.context.accounts.balanceOf(account(), zeroAddress)).toBe(2n * 10n ** 17n);
  });
});

describe('what can’t be', () => {
  it.each(['deposit', 'withdraw'] as const)(
    'a wrong amount on the page of %s is refused in the person’s language',
    async (type) => {
      const link = await world.link(bob, { type, token: zeroAddress });
      const wallet = address(asker().address);
      const of = { wallet, fields: { amount: '1,5' }, results: [] };
      expect(await world.bot.requests.advance(link, of, 'es')).toEqual({
        ok: false,
        code: 'badAmount',
        message: '«1,5» tiene una coma. Escribe el importe con punto, como 0.25.',
      });
    },
  );

  it('a link works once, for its time, and its outcome stays to be seen', async () => {
    const token = await world.link(bob, {
      type: 'transactions',
      title: 'x',
      facts: [],
      worst: 'x',
      done: 'It is done.',
      calls: [],
    });
    const wallet = address(asker().address);
    const of = { wallet, fields: {}, results: [] };
    expect(await world.bot.requests.advance(token, of)).toMatchObject({ ok: true, message: 'It is done.' });
    expect(await world.bot.requests.advance(token, of)).toMatchObject({ ok: false, code: 'used' });
    expect(await world.bot.requests.open(token, undefined, {})).toMatchObject({
      state: 'done',
      outcome: 'It is done.',
    });
    const late = await world.link(bob, { type: 'link' });
    await world.context.store.db.updateTable('requests').set({ expires_at: 1 }).where('token', '=', late).execute();
    expect(await world.bot.requests.advance(late, of)).toMatchObject({ ok: false, code: 'expired' });
    expect(await world.bot.requests.open(late, undefined, {})).toMatchObject({ state: 'expired' });
    expect(await world.bot.requests.advance('nobody-knows-it', of)).toMatchObject({ ok: false, code: 'unknown' });
    expect(await requestByToken(world.context.store.db, late)).toMatchObject({
      code: expect.stringMatching(/^[A-Z2-9]{4}$/),
    });
  });

  it('a stranger’s wallet can’t sign for an account', async () => {
    const stranger = world.market.owner;
    for (const type of ['allow', 'withdraw'] as const) {
      const request = { type, token: zeroAddress, account: account() };
      expect(await world.go(bob, request, stranger, { ...limit, amount: '0.1' })).toMatchObject({
        ok: false,
        code: 'notOwner',
      });
    }
    expect(await world.go(bob, { type: 'revoke', account: account() }, stranger)).toMatchObject({
      ok: false,
      code: 'notOwner',
    });
  });

  it.each([
    ['1,5', /comma/],
    ['-1', /negative/],
    ['NaN', /not an amount/],
    ['1e-9', /not an amount/],
    ['0', /above 0/],
    ['', /missing/],
    ['0.0000000000000000001', /18 decimals/],
    ['999999999999999999999999999999999999', /too large/],
    ['100000000', /This wallet has/],
  ])('an amount of “%s” is refused in words', async (amount, words) => {
    const done = await world.go(ada, { type: 'deposit', token: zeroAddress }, asker(), { amount });
    expect(done).toMatchObject({ ok: false });
    expect(done.ok === false && done.message).toMatch(words);
  });

  it.each([
    [{ perAsk: '2', perPeriod: '1' }, /can’t be above/],
    [{ perAsk: '0' }, /allows nothing/],
    [{ period: 'minute' }, /for which time/],
    [{ days: '100000' }, /until when/],
    [{ askFirstAbove: '1,0' }, /comma/],
  ])('terms that make no sense are refused: %j', async (change, words) => {
    const done = await world.go(ada, { type: 'allow', token: zeroAddress }, asker(), { ...limit, ...change });
    expect(done.ok === false && done.message).toMatch(words);
  });

  it('money can’t be sent to the market itself or to a mistyped address', async () => {
    const request = { type: 'withdraw', token: zeroAddress } as const;
    for (const to of [
      world.market.deployment.market,
      '0x00000000000000000000000000000000000A11cF',
      '0x12',
      zeroAddress,
    ]) {
      expect(await world.go(ada, request, asker(), { amount: '0.1', to })).toMatchObject({
        ok: false,
        code: 'badAddress',
      });
    }
  });

  it('the bot pays the gas of one person only so often a day', async () => {
    const at = world.context.now();
    const rows = Array.from({ length: 19 }, () => ({ owner: 'telegram:bob', at }));
    await world.context.store.db.insertInto('relays').values(rows).execute();
    const outcomes = [];
    for (let time = 0; time < 2; time += 1) outcomes.push(await world.go(bob, { type: 'revoke' }, world.market.owner));
    expect(outcomes[0]).toMatchObject({ ok: true });
    expect(outcomes.at(-1)).toMatchObject({ ok: false, code: 'tooManyRelays' });
  });
});
