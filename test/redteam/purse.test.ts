import type { Wallet } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CommandEvent, PressEvent } from '../../bot/core/commands/Command.ts';
import type { Person } from '../../bot/core/types.ts';
import { askByToken } from '../../bot/store/asks.ts';
import { purseOf } from '../../bot/store/purses.ts';
import { address, zeroAddress } from '../../contracts/client/Hex.ts';
import { command } from '../bot/core/world.ts';
import { createMoneyWorld, type MoneyWorld } from '../bot/money/world.ts';
import { fundedWallet } from '../client/chain.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await createMoneyWorld();
});
afterAll(() => world.stop());

const wei = (amount: number) => `0.${String(amount).padStart(18, '0')}`;
const telegram = (id: string, name = id): Person => ({ platform: 'telegram', id, name });
const admin = telegram('admin');
const ada = telegram('ada');
let groups = 0;
let group: string;
let owner: Wallet;

const in_ = (id: string) => ({ chat: { platform: 'telegram' as const, id }, group: id });
const say = async (name: string, text: string, more: Partial<CommandEvent>) => {
  await world.bot.receive(command(name, text, { ...in_(group), ...more }));
  await world.bot.outbox.idle();
  return world.platform.shown.at(-1)?.message.text ?? '';
};
async function ask(more: Partial<CommandEvent> = {}): Promise<string> {
  const question = `What is ${Math.random()}?`;
  await world.bot.receive(command('ask', question, { person: ada, ...in_(group), ...more }));
  const { db } = world.context.store;
  return (await db.selectFrom('asks').select('token').where('question', '=', question).executeTakeFirstOrThrow()).token;
}
const record = async (token: string) => {
  const found = await askByToken(world.context.store.db, token);
  if (!found) throw new Error('no such ask');
  return found;
};
const account = async (id = group) => {
  const purse = await purseOf(world.context.store.db, { platform: 'telegram', id });
  if (!purse) throw new Error('no purse');
  return purse.account;
};
const balance = async () => world.context.accounts.balanceOf(await account(), zeroAddress);
const until = (token: string, state: string) =>
  expect.poll(async () => (await record(token)).status.state, { timeout: 20_000 }).toBe(state);

async function openPurse(id: string, wallet: Wallet): Promise<void> {
  const request = {
    type: 'purse' as const,
    token: zeroAddress,
    owner: address(wallet.address),
    group: { platform: 'telegram' as const, id },
    chat: { platform: 'telegram' as const, id },
    language: 'en' as const,
  };
  const terms = { token: zeroAddress, perAsk: wei(100), perPeriod: wei(1_000), period: 'day', days: '30' };
  expect(await world.go(admin, request, wallet, terms)).toMatchObject({ ok: true, type: 'done' });
}

beforeEach(async () => {
  groups += 1;
  group = `-${groups}`;
  // Whoever opens one purse after the other soon has had all the relays of a day.
  await world.context.store.db.deleteFrom('relays').execute();
  owner = await fundedWallet(world.chain);
  await openPurse(group, owner);
  await world.go(ada, { type: 'deposit', token: zeroAddress, account: await account() }, world.market.asker, {
    amount: wei(600),
  });
  await say('cap', `everybody ${wei(300)} ETH`, { person: admin, isAdmin: true });
});

/** A question typed without a command has a button, which is what is forwarded, replayed or pressed too late here. */
async function offered() {
  const token = await ask({ isPlain: true });
  expect(await record(token)).toMatchObject({ spend: { state: 'offered', purse: { group: `telegram:${group}` } } });
  await world.bot.outbox.idle();
  const shown = world.platform.shown.findLast(({ message }) =>
    message.buttons?.some((one) => one.type === 'press' && one.data === `ask:${token}`),
  );
  return { token, id: shown?.id ?? '' };
}
let presses = 0;
function press({ token, id }: { token: string; id: string }, more: Partial<PressEvent> = {}): PressEvent {
  presses += 1;
  const where = in_(group);
  return {
    type: 'press',
    updateId: `press-${presses}`,
    person: ada,
    ...where,
    message: { chat: where.chat, id },
    data: `ask:${token}`,
    ...more,
  };
}

describe('a button of the purse', () => {
  test('pressed by another member, from another group, or after leaving spends nothing; the same press twice spends once', async () => {
    const button = await offered();
    await world.bot.receive(press(button, { person: telegram('mallory') }));
    // Forwarded: the message is another one, in another chat.
    await world.bot.receive(
      press(button, { ...in_('-999'), message: { chat: { platform: 'telegram', id: '-999' }, id: '1' } }),
    );
    const { group: _, ...left } = press(button);
    await world.bot.receive(left);
    await world.bot.receive(press(button, { group: '-999' }));
    expect(await record(button.token)).toMatchObject({ spend: { state: 'offered' } });
    expect(await balance()).toBe(600n);
    const once = press(button);
    await Promise.all([world.bot.receive(once), world.bot.receive(once), world.bot.receive(press(button))]);
    await until(button.token, 'paid');
    await world.bot.receive(once);
    expect(await balance()).toBe(500n);
  });

  test('spends nothing when the cap, or the role that gave it, is gone by then', async () => {
    await say('cap', `everybody 0 ETH`, { person: admin, isAdmin: true });
    await say('cap', `<@&7> ${wei(300)} ETH`, { person: admin, isAdmin: true });
    const token = await ask({ isPlain: true, roles: ['7'] });
    await world.bot.outbox.idle();
    const shown = world.platform.shown.findLast(({ message }) =>
      message.buttons?.some((one) => one.type === 'press' && one.data === `ask:${token}`),
    );
    const button = { token, id: shown?.id ?? '' };
    await world.bot.receive(press(button, { roles: [] }));
    await world.bot.receive(press(button));
    expect(await record(token)).toMatchObject({ spend: { state: 'offered' } });
    expect(await balance()).toBe(600n);
    await world.bot.receive(press(button, { roles: ['7'] }));
    await until(token, 'paid');
  });
});

test('a replayed update asks once; a question from another group or a private chat never meets this purse', async () => {
  const update = command('ask', 'replayed?', { person: ada, ...in_(group) });
  await Promise.all([world.bot.receive(update), world.bot.receive(update)]);
  await world.bot.receive(update);
  const other = await ask(in_('-998'));
  const alone = await ask({ chat: { platform: 'telegram', id: 'ada' }, group: undefined as never });
  for (const token of [other, alone]) expect((await record(token)).spend).toBeUndefined();
  const rows = await world.context.store.db
    .selectFrom('asks')
    .select('token')
    .where('question', '=', 'replayed?')
    .execute();
  expect(rows).toHaveLength(1);
  await until(rows[0]?.token ?? '', 'paid');
  expect(await balance()).toBe(500n);
});

test('two groups never see or govern each other’s purse, and a purse is one group’s', async () => {
  const elsewhere = { person: admin, isAdmin: true, ...in_('-997') } as const;
  expect(await say('purse', '', elsewhere)).toMatch(/no purse/);
  expect(await say('cap', `everybody 0 ETH`, elsewhere)).toMatch(/no purse/);
  expect(await say('topup', '', elsewhere)).toMatch(/no purse/);
  expect(await say('spent', 'group', elsewhere)).toMatch(/no purse/);
  // The same platform id on another platform is another group.
  await openPurse('-997', owner);
  expect(await account('-997')).not.toBe(await account());
  expect(await say('purse', '', elsewhere)).not.toMatch(/0000006/);
});

test('a member can set no cap, open no purse and get no link that governs it, whatever he writes', async () => {
  for (const [name, text] of [
    ['cap', `everybody ${wei(600)} ETH`],
    ['cap', '--models all --channels all'],
    ['purse', 'withdraw'],
    ['purse', 'limit'],
    ['purse', 'revoke'],
    ['purse', 'create'],
    ['purse', 'unbind'],
  ] as const)
    expect(await say(name, text, { person: ada })).toMatch(/Only the group’s admins/);
  // A name can be anybody's: only what the platform vouches for names a member.
  expect(await say('cap', `Ada ${wei(600)} ETH`, { person: admin, isAdmin: true })).toMatch(/Whose cap/);
});

test('a made-up, forwarded or stolen press of a button ends no group’s purse', async () => {
  await say('purse', 'unbind', { person: admin, isAdmin: true });
  await world.bot.outbox.idle();
  const shown = world.platform.shown.at(-1);
  const button = shown?.message.buttons?.[0];
  if (button?.type !== 'press') throw new Error('no button');
  const of = { token: '', id: shown?.id ?? '' };
  const { data } = button;
  const elsewhere = in_('-996');
  await openPurse('-996', await fundedWallet(world.chain));
  await world.bot.receive(press(of, { data }));
  await world.bot.receive(press(of, { data, person: telegram('mallory', 'admin') }));
  await world.bot.receive(
    press(of, { data, person: admin, isAdmin: true, ...elsewhere, message: { chat: elsewhere.chat, id: of.id } }),
  );
  const { group: _, ...left } = press(of, { data, person: admin, isAdmin: true });
  await world.bot.receive(left);
  await world.bot.receive(press(of, { data: 'purse:', person: admin, isAdmin: true }));
  await world.bot.receive(press(of, { data: 'purse:unbind', person: admin, isAdmin: true }));
  expect(await account('-996')).not.toBe(await account());
  expect(await balance()).toBe(600n);
  // The same press by the admin himself does.
  await world.bot.receive(press(of, { data, person: admin, isAdmin: true }));
  expect(await purseOf(world.context.store.db, { platform: 'telegram', id: group })).toBeUndefined();
});

test('an admin who does not own it gets the page, and the page refuses his wallet', async () => {
  const thief = await fundedWallet(world.chain);
  const of = { token: zeroAddress, account: await account() };
  const all = { amount: wei(600), how: 'sign' };
  expect(await world.go(ada, { type: 'withdraw', ...of }, thief, all)).toMatchObject({ code: 'notOwner' });
  const limits = { token: zeroAddress, perAsk: wei(600), perPeriod: wei(600), period: 'day', days: '30' };
  expect(await world.go(ada, { type: 'allow', ...of }, thief, limits)).toMatchObject({ code: 'notOwner' });
  expect(await world.go(ada, { type: 'revoke', account: of.account }, thief)).toMatchObject({ code: 'notOwner' });
  expect(await balance()).toBe(600n);
});

test('who links another wallet sees nothing of an owner’s purses, nor gets a page for one by his button', async () => {
  const mallory = telegram('mallory');
  const { db } = world.context.store;
  expect(await say('purse', 'mine', { person: mallory })).toMatch(/Link the wallet that owns the purse/);
  await world.go(mallory, { type: 'link' }, await fundedWallet(world.chain));
  const seen = await say('purse', 'mine', { person: mallory });
  expect(seen).toMatch(/own no purse with anything in it/);
  expect(seen).not.toContain(String(await account()));
  await world.go(admin, { type: 'link' }, owner);
  expect(await say('purse', 'mine', { person: admin })).toContain(String(await account()));
  const shown = world.platform.shown.at(-1);
  const requests = async () => (await db.selectFrom('requests').select('token').execute()).length;
  const before = await requests();
  for (const button of shown?.message.buttons ?? []) {
    if (button.type !== 'press') throw new Error('no button');
    await world.bot.receive(press({ token: '', id: shown?.id ?? '' }, { data: button.data, person: mallory }));
  }
  await world.bot.receive(press({ token: '', id: '1' }, { data: `purse:withdraw.${'_'.repeat(43)}`, person: mallory }));
  expect(await requests()).toBe(before);
});

test('what is locked in open questions can’t be withdrawn, and what comes back is the owner’s to take', async () => {
  await until(await ask(), 'paid');
  const request = { type: 'withdraw' as const, token: zeroAddress, account: await account() };
  expect(await world.go(admin, request, owner, { amount: wei(600), how: 'sign' })).toMatchObject({
    code: 'balanceTooLow',
  });
  const to = '0x00000000000000000000000000000000000000aa';
  const before = await world.chain.rpc.getBalance(to);
  expect(await world.go(admin, request, owner, { amount: wei(500), how: 'sign', to })).toMatchObject({ type: 'done' });
  expect((await world.chain.rpc.getBalance(to)) - before).toBe(500n);
  expect(await balance()).toBe(0n);
});

test('deleting what the bot knows of one does not give the cap back', async () => {
  for (let count = 0; count < 3; count += 1) await until(await ask(), 'paid');
  const { forgetPerson } = await import('../../bot/store/forget.ts');
  await world.context.store.db
    .updateTable('asks')
    .set({ state: 'final' })
    .where('person_key', '=', 'telegram:ada')
    .execute();
  await world.context.store.commit((db) => forgetPerson(db, ada, world.context.now()));
  expect((await record(await ask())).spend).toMatchObject({ state: 'failed', isPurse: true });
});
