import type { Wallet } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AskRecord } from '../../../bot/core/AskRecord.ts';
import type { CommandEvent } from '../../../bot/core/commands/Command.ts';
import { life } from '../../../bot/core/Life.ts';
import type { Person } from '../../../bot/core/types.ts';
import { askByToken } from '../../../bot/store/asks.ts';
import { eventsOf } from '../../../bot/store/events.ts';
import { purseOf } from '../../../bot/store/purses.ts';
import { address, zeroAddress } from '../../../contracts/client/Hex.ts';
import { purseAccount } from '../../../contracts/client/Market.ts';
import { fundedWallet } from '../../client/chain.ts';
import { command } from '../core/world.ts';
import { createMoneyWorld, type MoneyWorld } from './world.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await createMoneyWorld();
});
afterAll(() => world.stop());

/** A question costs 100 wei: it stands for 1 here, so that a purse of 6 holds six questions. */
const one = 100n;
const coins = (count: number) => `0.${String(BigInt(count) * one).padStart(18, '0')}`;
const limit = { token: zeroAddress, perAsk: coins(2), perPeriod: coins(100), period: 'day', days: '30' };

let groups = 0;
let group: string;
let owner: Wallet;
const admin: Person = { platform: 'telegram', id: 'admin', name: 'Olga' };
const ada: Person = { platform: 'telegram', id: 'ada', name: 'Ada' };
const bob: Person = { platform: 'telegram', id: 'bob', name: 'Bob' };
const carl: Person = { platform: 'telegram', id: 'carl', name: 'Carl' };

const chat = (id = group) => ({ platform: 'telegram' as const, id });
/** What a member types in the group. */
const typed = (name: string, text: string, person: Person, more: Partial<CommandEvent> = {}) =>
  command(name, text, { person, chat: chat(), group, ...more });
const say = (...of: Parameters<typeof typed>) => shownAfter(typed(...of));
/** The same in a private chat with the bot. */
const sayAlone = (name: string, text: string, person: Person) =>
  shownAfter(command(name, text, { person, chat: chat(person.id) }));
const shownAfter = async (event: CommandEvent) => {
  await world.bot.receive(event);
  await world.bot.outbox.idle();
  const last = world.platform.shown.at(-1)?.message;
  return { text: last?.text ?? '', buttons: last?.buttons ?? [], file: last?.file };
};

async function ask(person: Person, more: Partial<CommandEvent> = {}): Promise<string> {
  const question = `What is question ${Math.random()}?`;
  await world.bot.receive(typed('ask', question, person, more));
  const { token } = await world.context.store.db
    .selectFrom('asks')
    .select('token')
    .where('question', '=', question)
    .executeTakeFirstOrThrow();
  return token;
}
async function record(token: string): Promise<AskRecord> {
  const found = await askByToken(world.context.store.db, token);
  if (!found) throw new Error('no such ask');
  return found;
}
const until = (token: string, state: string) =>
  expect.poll(async () => (await record(token)).status.state, { timeout: 20_000 }).toBe(state);
async function paid(person: Person, more: Partial<CommandEvent> = {}): Promise<string> {
  const token = await ask(person, more);
  await until(token, 'paid');
  return token;
}
const pending = async () => Number((await world.chain.rpc.send('txpool_status', [])).pending);
/** The only host declines: the bot refunds by itself. */
async function refuse(token: string): Promise<void> {
  const { queryId } = await record(token);
  if (!queryId) throw new Error('not asked yet');
  const lived = life(await eventsOf(world.context.store.db, queryId), 0);
  if (!lived) throw new Error('not asked yet');
  await world.market.send(world.market.owner, world.market.host.calls.decline(queryId, lived.ask, 'no'));
}
const purse = async () => {
  const found = await purseOf(world.context.store.db, { platform: 'telegram', id: group });
  if (!found) throw new Error('no purse');
  return found;
};
const balance = async () => (await world.context.accounts.balanceOf((await purse()).account, zeroAddress)) / one;

const createRequest = () => ({
  type: 'purse' as const,
  token: zeroAddress,
  owner: address(owner.address),
  group: { platform: 'telegram' as const, id: group },
  chat: chat(),
  language: 'en' as const,
});
const create = () => world.go(admin, createRequest(), owner, limit);
const fill = async (count: number) =>
  world.go(bob, { type: 'deposit', token: zeroAddress, account: (await purse()).account }, world.market.asker, {
    amount: coins(count),
  });
const cap = (about: Person, count: number) => say('cap', `${coins(count)} ETH`, admin, { isAdmin: true, about });

const stable = (text: string) => text.replace(/\{time:\d+:f\}/g, '{time}').replace(/0x\w+…\w+/g, '0x…');

describe('a group’s purse', () => {
  beforeEach(async () => {
    groups += 1;
    group = `-${groups}`;
    // Whoever opens one purse after the other soon has had all the relays of a day.
    await world.context.store.db.deleteFrom('relays').execute();
    owner = await fundedWallet(world.chain);
    await world.go(admin, { type: 'link' }, owner);
  });

  it('is opened by an admin, owned by his linked wallet, and told to the group', async () => {
    expect((await say('purse', 'create', bob)).text).toMatch(/Only the group’s admins/);
    const answer = await say('purse', 'create', admin, { isAdmin: true });
    expect(answer.text).toMatch(/Open a purse for this group/);
    const url = answer.buttons.flatMap((button) => (button.type === 'link' ? [button.url] : []))[0] ?? '';
    const token = url.split('#')[1] ?? '';
    const stranger = await fundedWallet(world.chain);
    const of = { fields: limit, results: [] };
    expect(await world.bot.requests.advance(token, { ...of, wallet: address(stranger.address) })).toMatchObject({
      code: 'notOwner',
    });
    const sent = await world.chain.rpc.getTransactionCount(owner.address);
    const next = await world.bot.requests.advance(token, { ...of, wallet: address(owner.address) });
    if (!next.ok || next.type !== 'step') throw new Error('no step');
    // Nothing is on chain and nobody's before the owner has signed.
    expect(await purseOf(world.context.store.db, { platform: 'telegram', id: group })).toBeUndefined();
    const results = [await world.perform(next.step, owner)];
    const done = await world.bot.requests.advance(token, { ...of, wallet: address(owner.address), results });
    expect(done).toMatchObject({ ok: true, type: 'done' });
    expect(await world.chain.rpc.getTransactionCount(owner.address)).toBe(sent);
    const { account } = await purse();
    expect(account).toBe(purseAccount(address(owner.address), 1n));
    expect(await world.context.accounts.ownerOf(account)).toBe(owner.address);
    await world.bot.outbox.idle();
    expect(world.platform.shown.at(-1)?.message.text).toMatch(/Olga\*\* opened a purse for this group/);
    expect((await say('purse', 'create', admin, { isAdmin: true })).text).toMatch(/has a purse already/);
    expect(await world.go(admin, createRequest(), owner, limit)).toMatchObject({ code: 'hasPurse' });
  });

  it('of 6 with caps of 5, 3 and 0: who may, up to what, what comes back, what is left', async () => {
    await create();
    await fill(6);
    await cap(ada, 5);
    await cap(bob, 3);
    await cap(carl, 0);
    const first = await paid(ada);
    expect(await record(first)).toMatchObject({ spend: { state: 'pending', purse: { group: `telegram:${group}` } } });
    await world.bot.outbox.idle();
    const card = () => world.platform.shown.findLast(({ message }) => message.text.includes('Ada'))?.message;
    expect(card()?.text).toMatch(/paid from the group’s purse/);
    // Three for Bob; the fourth is told how much, until when, and has his own way to pay.
    for (let count = 0; count < 3; count += 1) await paid(bob);
    const fourth = await record(await ask(bob));
    expect(fourth).toMatchObject({ status: { state: 'awaiting' }, spend: { state: 'failed', isPurse: true } });
    expect(fourth.spend).toMatchObject({
      reason: expect.stringMatching(/your cap of 0\\.0000000000000003 ETH a day 0 ETH are left; enough is free again/),
    });
    // Nothing for Carl but the link that everybody has.
    expect(await record(await ask(carl))).toMatchObject({ status: { state: 'awaiting' } });
    expect((await record(await ask(carl))).spend).toBeUndefined();
    // Two are left in the purse, four of Ada's cap.
    await paid(ada);
    await paid(ada);
    expect(await balance()).toBe(0n);
    expect((await record(await ask(ada))).spend).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/only 0 ETH free.*\/topup/),
    });
    expect(stable((await say('purse', '', bob)).text)).toMatchInlineSnapshot(`
      "**The group’s purse**

      - **0 ETH** in the purse; 0\\.0000000000000006 ETH held by open questions
        - this month: 0\\.0000000000000006 ETH for 6 questions
        - the bot may still spend 0\\.0000000000000002 ETH now, 0\\.0000000000000002 ETH for a question, until {time}

      It belongs to \`0x…\`; only that wallet can take money out.

      It pays first, for members with a cap (/cap); then your own account; or the link on each question. Fill it: /topup."
    `);
    expect((await say('cap', '', bob)).text).toMatch(/You may still spend 0 ETH/);
    await fill(1);
    await paid(ada);
    expect(await balance()).toBe(0n);
  });

  it('two asks at the same moment at the last of a cap, and of the purse: one is paid', async () => {
    await create();
    await fill(6);
    await cap(ada, 1);
    const asked = await Promise.all([ask(ada), ask(ada), ask(ada)]);
    await expect
      .poll(async () => (await Promise.all(asked.map(record))).map(({ status }) => status.state).sort(), {
        timeout: 20_000,
      })
      .toEqual(['awaiting', 'awaiting', 'paid']);
    await cap(bob, 5);
    await cap(carl, 5);
    await fill(0);
    expect(await balance()).toBe(5n);
    await Promise.all(Array.from({ length: 4 }, () => paid(bob)));
    const last = await Promise.all([ask(bob), ask(carl)]);
    await expect
      .poll(async () => (await Promise.all(last.map(record))).map(({ status }) => status.state).sort(), {
        timeout: 20_000,
      })
      .toEqual(['awaiting', 'paid']);
    expect(await balance()).toBe(0n);
  });

  it('what comes back is in the purse and in the member’s cap again; a reply after that is paid again', async () => {
    await create();
    await fill(1);
    await cap(ada, 1);
    const first = await paid(ada);
    expect(await balance()).toBe(0n);
    expect((await record(await ask(ada))).spend).toMatchObject({ state: 'failed' });
    await refuse(first);
    await until(first, 'refunded');
    expect(await balance()).toBe(1n);
    await paid(ada);
    expect(await balance()).toBe(0n);
  });

  it('once its owner ends the limit, it pays nothing; with a new one it pays again; the rest is the owner’s', async () => {
    await create();
    await fill(3);
    await cap(ada, 3);
    await paid(ada);
    const { account } = await purse();
    expect(await world.go(admin, { type: 'revoke', account }, owner)).toMatchObject({ type: 'done' });
    expect((await record(await ask(ada))).spend).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/may spend nothing of it now/),
    });
    expect(await world.go(admin, { type: 'allow', token: zeroAddress, account }, owner, limit)).toMatchObject({
      ok: true,
    });
    await paid(ada);
    const withdrawal = { type: 'withdraw' as const, token: zeroAddress, account };
    expect(await world.go(admin, withdrawal, owner, { amount: coins(1), how: 'send' })).toMatchObject({ type: 'done' });
    expect(await balance()).toBe(0n);
  });

  it('only the models and topics that the admins chose', async () => {
    await create();
    await fill(6);
    await cap(ada, 6);
    await say('cap', '--channels here', admin, { isAdmin: true, chat: { ...chat(), thread: '7' } });
    expect((await record(await ask(ada))).spend).toBeUndefined();
    await paid(ada, { chat: { ...chat(), thread: '7' } });
    await say('cap', '--channels all', admin, { isAdmin: true });
    await paid(ada);
    expect((await say('cap', '--models nonsense', admin, { isAdmin: true })).text).toMatch(/no model named/);
    await say('cap', '--models Terse', admin, { isAdmin: true });
    expect((await say('cap', '', admin, { isAdmin: true })).text).toMatch(/secret|private|Only for: Terse/);
    await paid(ada);
  });

  it('a member at his cap with money of his own is asked first: his own is never spent by surprise', async () => {
    await create();
    await fill(6);
    await cap(ada, 1);
    const wallet = await fundedWallet(world.chain);
    await world.go(ada, { type: 'link' }, wallet);
    await world.go(ada, { type: 'deposit', token: zeroAddress }, wallet, { amount: coins(3) });
    await world.go(ada, { type: 'allow', token: zeroAddress }, wallet, limit);
    await paid(ada);
    const token = await ask(ada);
    expect(await record(token)).toMatchObject({
      status: { state: 'awaiting' },
      spend: { state: 'offered', refused: expect.stringMatching(/your cap/) },
    });
    await world.bot.outbox.idle();
    const shown = world.platform.shown.at(-1)?.message;
    expect(shown?.buttons?.map(({ label }) => label)).toEqual([
      'Pay 0.0000000000000001 ETH from my account',
      'Pay 0.0000000000000001 ETH',
      expect.any(String),
    ]);
    await world.context.store.db.deleteFrom('wallets').where('owner', '=', 'telegram:ada').execute();
  });

  it('follows a group to its new id with caps and what was used of them', async () => {
    await create();
    await fill(3);
    await cap(ada, 2);
    await paid(ada);
    const moved = `${group}-moved`;
    await world.bot.moved({ platform: 'telegram', from: group, to: moved });
    await world.bot.moved({ platform: 'telegram', from: group, to: moved });
    expect((await record(await ask(ada))).spend).toBeUndefined();
    group = moved;
    await paid(ada);
    expect((await record(await ask(ada))).spend).toMatchObject({ reason: expect.stringMatching(/your cap/) });
    expect(await balance()).toBe(1n);
  });

  it('ended for the group by an admin or its owner: open questions go on, it pays no more, the money is the owner’s', async () => {
    await create();
    await fill(3);
    await cap(ada, 3);
    const open = await paid(ada);
    const { account } = await purse();
    const asked = await say('purse', 'unbind', admin, { isAdmin: true });
    expect(asked.text).toMatch(/pays for nobody here any more.*money stays its owner’s.*`\/purse withdraw`/s);
    expect(asked.text).toContain(`account \`${account}\``);
    expect(await balance()).toBe(2n);
    const button = asked.buttons[0];
    if (button?.type !== 'press') throw new Error('no button');
    const id = world.platform.shown.at(-1)?.id ?? '';
    const press = () =>
      world.bot.receive({
        type: 'press',
        updateId: `unbind-${Math.random()}`,
        person: admin,
        chat: chat(),
        group,
        isAdmin: true,
        message: { chat: chat(), id },
        data: button.data,
      });
    await press();
    await press();
    await world.bot.outbox.idle();
    const told = world.platform.shown.filter(({ message }) => message.text.includes('ended this group’s purse'));
    expect(told).toHaveLength(1);
    // The owner gets the page on which the money is taken out.
    const link = world.platform.shown.flatMap(({ message }) =>
      message.text.includes('no longer this group’s') ? (message.buttons ?? []) : [],
    )[0];
    const token = link?.type === 'link' ? (link.url.split('#')[1] ?? '') : '';
    expect((await say('purse', '', bob)).text).toMatch(/has no purse/);
    expect((await record(await ask(ada))).spend).toBeUndefined();
    // A question that was paid comes back to it as to any account.
    await refuse(open);
    await until(open, 'refunded');
    expect(await world.context.accounts.balanceOf(account, zeroAddress)).toBe(3n * one);
    const taking = { wallet: address(owner.address), fields: { token: zeroAddress, amount: coins(3), how: 'send' } };
    const next = await world.bot.requests.advance(token, { ...taking, results: [] });
    if (!next.ok || next.type !== 'step') throw new Error('no step');
    const results = [await world.perform(next.step, owner)];
    expect(await world.bot.requests.advance(token, { ...taking, results })).toMatchObject({ ok: true, type: 'done' });
    expect(await world.context.accounts.balanceOf(account, zeroAddress)).toBe(0n);
    // Later the owner finds it by his linked wallet, in private and in no group, and takes the rest out.
    const funded = { type: 'deposit' as const, token: zeroAddress, account };
    await world.go(bob, funded, world.market.asker, { amount: coins(2) });
    // Linked by a chat user of his own: the other tests' purses are this admin's too, and one person's events a minute are counted.
    const owning: Person = { platform: 'telegram', id: 'owning', name: 'Olga' };
    await world.go(owning, { type: 'link' }, owner);
    const mine = await sayAlone('purse', 'mine', owning);
    expect(mine.text).toMatch(/Purse of no group/);
    expect(mine.text).toContain(`account \`${account}\``);
    expect(mine.buttons.map(({ label }) => label)).toEqual(['1: take money out', '1: end limits']);
    const shownAt = { chat: chat(owning.id), id: world.platform.shown.at(-1)?.id ?? '' };
    for (const way of mine.buttons) {
      if (way.type !== 'press') throw new Error('no button');
      const { type, data } = way;
      await world.bot.receive({ type, data, chat: chat(owning.id), updateId: data, person: owning, message: shownAt });
      await world.bot.outbox.idle();
      const page = world.platform.shown.at(-1)?.message.buttons?.[0];
      if (page?.type !== 'link') throw new Error('no link');
      const of = { wallet: address(owner.address), fields: { token: zeroAddress, amount: coins(2), how: 'send' } };
      const given = page.url.split('#')[1] ?? '';
      const step = await world.bot.requests.advance(given, { ...of, results: [] });
      if (!step.ok || step.type !== 'step') throw new Error('no step');
      const did = [await world.perform(step.step, owner)];
      expect(await world.bot.requests.advance(given, { ...of, results: did })).toMatchObject({ type: 'done' });
    }
    expect(await world.context.accounts.balanceOf(account, zeroAddress)).toBe(0n);
    expect((await world.context.accounts.allowanceOf(account, zeroAddress)).active).toBe(false);
    expect((await say('purse', 'withdraw', owning)).text).toMatch(/finds it with `\/purse mine`/);
    // Another purse can be opened; the old button does not end it.
    await create();
    await press();
    expect((await purse()).account).not.toBe(account);
  });

  it('handed over on chain, it is the new owner’s in /purse mine, with the group that it is bound to, and no longer the old one’s', async () => {
    await create();
    await fill(2);
    const { account } = await purse();
    const wallet = await fundedWallet(world.chain);
    const { calls } = world.market.market;
    await (await owner.sendTransaction(calls.offerPurse(account, address(wallet.address)))).wait();
    await (await wallet.sendTransaction(calls.acceptPurse(account))).wait();
    await world.caughtUp();
    const people = [
      { person: { platform: 'telegram', id: 'heir', name: 'Hedy' } as const, wallet },
      { person: { platform: 'telegram', id: 'giver', name: 'Guido' } as const, wallet: owner },
    ];
    for (const one of people) await world.go(one.person, { type: 'link' }, one.wallet);
    const texts = [];
    for (const { person } of people) texts.push((await sayAlone('purse', 'mine', person)).text);
    expect(texts[0]).toContain(`account \`${account}\``);
    expect(texts[0]).toContain(`\`telegram:${group}\``);
    expect(texts[1]).not.toContain(String(account));
  });

  it('what strangers open in an owner’s name before him hides none of his own in /purse mine', async () => {
    const { calls } = world.market.market;
    const strangers = Array.from({ length: 20 }, () => calls.openPurse(address(owner.address)));
    await world.market.send(world.market.asker, ...strangers);
    await create();
    await fill(1);
    const { account } = await purse();
    const { text } = await sayAlone('purse', 'mine', admin);
    expect(text).toContain(`account \`${account}\``);
    expect(text).toContain('4 more were opened');
  });

  it('/purse mine says how many purses it does not show, and how many it did not look at', async () => {
    const wallet = await fundedWallet(world.chain);
    const of = address(wallet.address);
    const { calls } = world.market.market;
    await world.market.send(owner, ...Array.from({ length: 18 }, () => calls.openPurse(of)));
    const filled = Array.from({ length: 12 }, (_, index) => purseAccount(of, BigInt(index + 1)));
    await world.market.send(wallet, ...filled.map((account) => calls.depositCoin(account, one)));
    await world.caughtUp();
    const many: Person = { platform: 'telegram', id: 'many', name: 'Mia' };
    await world.go(many, { type: 'link' }, wallet);
    const { text, buttons } = await sayAlone('purse', 'mine', many);
    expect(text.match(/Purse of no group/g)).toHaveLength(10);
    expect(buttons).toHaveLength(10);
    expect(text.split('\n\n').slice(-2)).toEqual([
      '2 more purses are not shown. Empty ones without a limit and of no group are left out: clear some of those above, and the next ones show.',
      '2 more were opened in the name of these wallets without this bot, which anybody can do; of those only the first 16 of each wallet are looked at here.',
    ]);
    // On the page it is a purse, and nobody's.
    const link = await world.link(many, { type: 'withdraw', token: zeroAddress, account: purseAccount(of, 1n) });
    const opened = await world.bot.requests.open(link, of, {});
    expect(opened?.state === 'open' && opened.view.facts[0]).toEqual({ label: 'Account', value: 'the purse' });
    const put = { type: 'deposit' as const, token: zeroAddress, account: purseAccount(of, 1n) };
    const done = await world.go(many, put, wallet, { amount: coins(1) });
    expect(done.ok && done.type === 'done' && done.message).toMatch(/ went into the purse\.$/);
  });

  it('/spent group: everybody for admins, one’s own share for members, as words, picture and table', async () => {
    await create();
    await fill(6);
    await cap(ada, 5);
    await cap(bob, 5);
    for (const person of [ada, ada, bob]) await paid(person);
    await world.context.store.db
      .updateTable('asks')
      .set({ state: 'final' })
      .where('purse', '=', `telegram:${group}`)
      .execute();
    const all = await say('spent', 'group', admin, { isAdmin: true });
    expect(all.text).toMatch(/1\. \*\*Ada\*\*: 2 questions.*\n2\. \*\*Bob\*\*: 1 question/);
    expect(all.file).toMatchObject({ name: 'spent.png', picture: { bars: [{ number: 1 }, { number: 2 }] } });
    const own = await say('spent', 'group', bob);
    expect(own.text).toMatch(/Your share[\s\S]*Terse\*\*: 1 question/);
    expect(own.text).not.toContain('Ada');
    const lines = async (person: Person, more: Partial<CommandEvent> = {}) => {
      const { file } = await say('spent', 'group csv 7', person, more);
      return file && 'text' in file
        ? file.text
            .trim()
            .split('\r\n')
            .map((line) => line.split(',').slice(1, 7).join())
        : [];
    };
    expect(await lines(admin, { isAdmin: true })).toEqual([
      'member,member_id,model,amount,token,state',
      'Ada,ada,Terse,0.0000000000000001,ETH,paid',
      'Ada,ada,Terse,0.0000000000000001,ETH,paid',
      'Bob,bob,Terse,0.0000000000000001,ETH,paid',
    ]);
    expect(await lines(bob)).toHaveLength(2);
  });

  it('a crash between the ask’s entry and the chain loses and repeats nothing, nor does one with the journal lost', async () => {
    await create();
    await fill(2);
    await cap(ada, 2);
    for (const forgetSent of [false, true]) {
      let token = '';
      await world.inOneBlock(async () => {
        token = await ask(ada);
        if (forgetSent) await expect.poll(pending).toBe(1);
        await world.restart({ forgetSent });
      });
      await until(token, 'paid');
    }
    expect(await balance()).toBe(0n);
    expect((await record(await ask(ada))).spend).toMatchObject({ reason: expect.stringMatching(/your cap/) });
  });
});
