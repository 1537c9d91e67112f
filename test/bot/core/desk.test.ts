import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AskView } from '../../../bot/core/types.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';
import { genesis, host, lang, marketAddress, offer, otherHost, payment, place, wallet } from './chainEvents.ts';
import { createWorld, undescribed, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

const price = 250_000_000_000_000_000n;

describe('the pay desk', () => {
  it('describes an approval of exactly the price and the payment, for a token', async () => {
    const record = await world.ask('What is TellorFlex?');
    const payment = await world.bot.desk.prepare(record.token, wallet);
    expect(payment).toMatchObject({
      ok: true,
      chainId: 31337,
      price,
      token: lang,
      calls: [
        { purpose: 'approve', to: lang, value: 0n },
        { purpose: 'ask', to: marketAddress, value: 0n },
      ],
    });
    if (!payment.ok) return;
    expect(undescribed(payment.calls[0]?.data ?? '0x')).toEqual(['approve', [`${price}`]]);
    expect(undescribed(payment.calls[1]?.data ?? '0x')).toEqual([
      'askAndPay',
      [
        {
          model: '1',
          workload: record.workload,
          token: lang,
          host,
          maxPrice: `${price}`,
          deadline: `${genesis + 600}`,
          parent: record.parent,
          userSalt: record.userSalt,
          soleHost: true,
          byReport: false,
        },
        'What is TellorFlex?',
        '',
        '0',
      ],
    ]);
    world.market.allowances.set(`${lang} ${wallet}`, price);
    const approved = await world.bot.desk.prepare(record.token, wallet);
    expect(approved.ok && approved.calls.map(({ purpose }) => purpose)).toEqual(['ask']);
  });

  it('describes one call with the price along, for the coin', async () => {
    const record = await world.ask('--model #3 x');
    const payment = await world.bot.desk.prepare(record.token, wallet);
    expect(payment).toMatchObject({
      ok: true,
      token: zeroAddress,
      calls: [{ purpose: 'ask', value: 10n ** 15n + 1n }],
    });
  });

  it('refuses in sentences', async () => {
    const record = await world.ask('x');
    const { desk } = world.bot;
    const sentences: string[] = [];
    const refused = async (code: string, token = record.token) => {
      const refusal = await desk.prepare(token, wallet);
      expect(refusal).toMatchObject({ ok: false, code });
      if (!refusal.ok) sentences.push(`${code}: ${refusal.message}`);
    };
    await refused('unknown', 'nonsense');
    world.market.balances.set(`${lang} ${wallet}`, 1n);
    await refused('balanceTooLow');
    world.market.balances.set(`${lang} ${wallet}`, 0n);
    await refused('balanceTooLow');
    world.market.balances.clear();
    world.market.prices.set(`1 ${host}`, { royalty: price, hostPrice: 1n });
    await refused('offerChanged');
    world.market.prices.clear();
    world.market.state = 'open';
    await refused('paid');
    world.market.state = 'none';
    world.market.down = true;
    await refused('chainUnreachable');
    world.market.down = false;
    world.clock.now += 1_801;
    await refused('expired');
    world.mine(payment(record, 9));
    await world.follow();
    await refused('paid');
    expect(sentences).toMatchSnapshot();
  });

  it('takes another host when the quoted one has become dearer, and never more than was shown', async () => {
    const record = await world.ask('x');
    world.mine(place(offer(1n, otherHost, lang, 200_000_000_000_000_000n), 9));
    await world.follow();
    world.market.prices.set(`1 ${host}`, { royalty: price, hostPrice: 1n });
    const payment = await world.bot.desk.prepare(record.token, wallet);
    expect(payment).toMatchObject({ ok: true, price });
    expect(payment.ok && JSON.stringify(undescribed(payment.calls[1]?.data ?? '0x'))).toContain(otherHost);
  });

  it('tells who watches about each change', async () => {
    const record = await world.ask('x');
    const seen: AskView[] = [];
    const stop = world.bot.desk.watch(record.token, (view) => seen.push(view));
    world.mine(payment(record, 9));
    await world.follow();
    await expect.poll(() => seen.map(({ status }) => status.state)).toEqual(['paid']);
    expect(seen[0]).toMatchObject({ payUrl: `https://ask.example/pay/${record.token}`, host });
    stop();
    world.undo(8);
    await world.follow();
    expect(seen).toHaveLength(1);
    expect(await world.bot.desk.view(record.token)).toMatchObject({ status: { state: 'awaiting' } });
    expect(await world.bot.desk.view('nonsense')).toBeUndefined();
  });
});

describe('a token with a permit, or with an old approval', () => {
  const permitted = () => {
    world.context.accounts.permitDomain = async () => ({ name: 'LangToken', version: '1', nonce: 7n });
  };

  it('asks for a signature for exactly the price when the page can give one, and takes it for exactly that', async () => {
    const { permitDomain } = world.context.accounts;
    try {
      permitted();
      const record = await world.ask('x');
      const { desk } = world.bot;
      expect(await desk.prepare(record.token, wallet)).toMatchObject({
        calls: [{ purpose: 'approve' }, { purpose: 'ask' }],
      });
      const asked = await desk.prepare(record.token, wallet, 'wanted');
      expect(asked).toMatchObject({
        ok: true,
        calls: [],
        permit: {
          primaryType: 'Permit',
          domain: { name: 'LangToken', verifyingContract: lang.toLowerCase() },
          message: { owner: wallet.toLowerCase(), spender: marketAddress.toLowerCase(), value: `${price}`, nonce: '7' },
        },
      });
      const signature = `0x${'11'.repeat(64)}1b` as const;
      const signed = await desk.prepare(record.token, wallet, { value: price, deadline: 9n, signature });
      expect(signed).toMatchObject({ ok: true, calls: [{ purpose: 'ask', to: marketAddress, value: 0n }] });
      expect(signed.ok && JSON.stringify(undescribed(signed.calls[0]?.data ?? '0x'))).toMatch(
        /^\["askAndPayWithPermit"/,
      );
      // Of another amount, or no key's signature: approvals do.
      for (const odd of [
        { value: price - 1n, deadline: 9n, signature },
        { value: price, deadline: 9n, signature: '0x1234' as const },
      ]) {
        expect(await desk.prepare(record.token, wallet, odd)).toMatchObject({
          calls: [{ purpose: 'approve' }, { purpose: 'ask' }],
        });
      }
    } finally {
      world.context.accounts.permitDomain = permitDomain;
    }
  });

  it('takes an old approval back first', async () => {
    const record = await world.ask('x');
    world.market.allowances.set(`${lang} ${wallet}`, 1n);
    const payment = await world.bot.desk.prepare(record.token, wallet);
    expect(
      payment.ok && payment.calls.map(({ purpose, data }) => [purpose, JSON.stringify(undescribed(data)).slice(0, 14)]),
    ).toEqual([
      ['clear', '["approve",["0'],
      ['approve', '["approve",["2'],
      ['ask', '["askAndPay",['],
    ]);
  });
});
