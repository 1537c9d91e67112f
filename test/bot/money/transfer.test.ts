import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AskRecord } from '../../../bot/core/AskRecord.ts';
import { askByToken } from '../../../bot/store/asks.ts';
import { type Address, address, zeroAddress } from '../../../contracts/client/Hex.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import { createToken } from '../../../contracts/client/Token.ts';
import { command } from '../core/world.ts';
import { ada, bob, createMoneyWorld, type MoneyWorld } from './world.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await createMoneyWorld();
});
afterAll(() => world.stop());

/** Somebody whose key never signs anything here. */
const owner = address('0x00000000000000000000000000000000000A11cE');
let questions = 0;
async function ask(): Promise<string> {
  questions += 1;
  const question = `What is transfer ${questions}?`;
  await world.bot.receive(command('ask', question, { person: bob }));
  const { db } = world.context.store;
  return (await db.selectFrom('asks').select('token').where('question', '=', question).executeTakeFirstOrThrow()).token;
}
async function record(token: string): Promise<AskRecord> {
  const found = await askByToken(world.context.store.db, token);
  if (!found) throw new Error('no such ask');
  return found;
}
async function addressFor(token: string): Promise<Address> {
  const made = await world.bot.desk.transfer(token, owner);
  if (!made.ok) throw new Error(made.message);
  return made.address;
}
const until = (token: string, state: string) => expect.poll(async () => (await record(token)).status.state).toBe(state);
const noteOf = async (token: string) => (await world.bot.desk.view(token))?.transfer?.note;
const balance = (token = zeroAddress) => world.context.accounts.balanceOf(accountOf(owner), token);
const send = (to: Address, value: bigint) => world.market.send(world.market.asker, { to, data: '0x', value });

it('a plain transfer of exactly the price opens exactly this ask; its refund is the owner’s', async () => {
  const token = await ask();
  const to = await addressFor(token);
  expect((await world.bot.desk.view(token))?.transfer).toEqual({ address: to, owner });
  await send(to, 100n);
  await until(token, 'paid');
  expect(await balance()).toBe(0n);
  const { queryId } = await record(token);
  expect(queryId).toMatch(/^0x/);
});

it('too little is said and waits for the rest; what is above the price is in the owner’s account', async () => {
  const token = await ask();
  const to = await addressFor(token);
  await send(to, 60n);
  await expect
    .poll(() => noteOf(token))
    .toBe('⏳ 0.00000000000000006 ETH has arrived; 0.00000000000000004 ETH more is needed.');
  expect(await record(token)).toMatchObject({ status: { state: 'awaiting' } });
  await send(to, 47n);
  await until(token, 'paid');
  expect(await balance()).toBe(7n);
});

it('the wrong token, and a second payment, go into the account of the owner, and that is said', async () => {
  const lang = world.market.deployment.token;
  const token = await ask();
  const to = await addressFor(token);
  await world.market.send(world.market.owner, createToken(world.chain.rpc, lang).calls.transfer(to, 5n));
  await send(to, 100n);
  await until(token, 'paid');
  const before = await balance();
  await send(to, 100n);
  await expect.poll(() => balance()).toBe(before + 100n);
  await expect.poll(() => noteOf(token)).toMatch(/arrived that this question can’t use/);
});

it('what comes late is not lost: it is in the account', async () => {
  const token = await ask();
  const to = await addressFor(token);
  await world.chain.increaseTime(3 * 3_600);
  await send(to, 100n);
  await expect.poll(() => noteOf(token)).toMatch(/it is in the account of the address you named/);
  expect(await world.chain.rpc.getBalance(to)).toBe(0n);
  expect((await record(token)).queryId).toBeUndefined();
});

it('after a restart the addresses shown before are still watched', async () => {
  const token = await ask();
  const to = await addressFor(token);
  await world.restart();
  await send(to, 100n);
  await until(token, 'paid');
});

it('a transfer to an account’s own address tops it up by itself', async () => {
  const token = await world.link(ada, { type: 'deposit', token: zeroAddress, account: accountOf(owner) });
  const opened = await world.bot.requests.open(token, undefined, {});
  const to = opened?.state === 'open' ? opened.view.transfer?.address : undefined;
  const before = await balance();
  await send(to ?? zeroAddress, 1_000n);
  await expect.poll(() => balance()).toBe(before + 1_000n);
});

/** The address that fills the owner's account. */
async function ownAddress(): Promise<Address> {
  const token = await world.link(ada, { type: 'deposit', token: zeroAddress, account: accountOf(owner) });
  const opened = await world.bot.requests.open(token, undefined, {});
  if (opened?.state !== 'open' || !opened.view.transfer) throw new Error('no address shown');
  return opened.view.transfer.address;
}
/** The addresses were looked at since: one look follows the other, and each of two later transfers was seen by one of its own. */
async function looked(): Promise<void> {
  for (let count = 0; count < 2; count += 1) {
    const token = await ask();
    await send(await addressFor(token), 100n);
    await until(token, 'paid');
  }
}
const held = (at: Address) => world.chain.rpc.getBalance(at);
const today = () => Math.floor(world.context.now() / 86_400);

it('an address that is topped up often is swept twenty times a day, and goes on the next day', async () => {
  const to = await ownAddress();
  const { db } = world.context.store;
  const row = () =>
    db
      .selectFrom('transfers')
      .select(['sweeps', 'swept_on', 'sweeps_that_day'])
      .where('address', '=', to)
      .executeTakeFirstOrThrow();
  // A sweep that another test left under way would count as today's twentieth.
  await expect.poll(() => held(to)).toBe(0n);
  await looked();
  const before = (await row()).sweeps;
  // As after nineteen more today, and many on other days: only today's count.
  await db
    .updateTable('transfers')
    .set({ sweeps: before + 519, swept_on: today(), sweeps_that_day: 19 })
    .where('address', '=', to)
    .execute();
  await send(to, 1_000n);
  await expect.poll(() => held(to)).toBe(0n);
  await expect.poll(row).toEqual({ sweeps: before + 520, swept_on: today(), sweeps_that_day: 20 });
  await send(to, 500n);
  await looked();
  expect(await held(to)).toBe(500n);
  await db
    .updateTable('transfers')
    .set({ swept_on: today() - 1 })
    .where('address', '=', to)
    .execute();
  await expect.poll(() => held(to)).toBe(0n);
  await expect.poll(row).toEqual({ sweeps: before + 521, swept_on: today(), sweeps_that_day: 1 });
});

it('less than the bot takes for a transaction waits until more is there, and the page says so', async () => {
  world.relayFees.set(zeroAddress, 50n);
  try {
    const to = await ownAddress();
    const token = await world.link(ada, { type: 'deposit', token: zeroAddress, account: accountOf(owner) });
    expect(await world.bot.requests.open(token, undefined, {})).toMatchObject({
      view: { transfer: { least: '0.00000000000000005 ETH' } },
    });
    const before = await balance();
    await send(to, 49n);
    await looked();
    expect(await held(to)).toBe(49n);
    await send(to, 1n);
    await expect.poll(() => balance()).toBe(before + 50n);
  } finally {
    world.relayFees.clear();
  }
});

it('whose the rest is must be an address that can be somebody’s', async () => {
  const token = await ask();
  for (const bad of [zeroAddress, world.market.deployment.market]) {
    expect(await world.bot.desk.transfer(token, bad)).toMatchObject({ ok: false, code: 'badOwner' });
  }
  expect(await world.bot.desk.transfer('nobody-knows', owner)).toMatchObject({ ok: false, code: 'unknown' });
});
