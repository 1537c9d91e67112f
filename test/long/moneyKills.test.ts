import { join } from 'node:path';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { nodeFlags } from '../../bot/nodeFlags.ts';
import { format } from '../../contracts/client/Amount.ts';
import { address } from '../../contracts/client/Hex.ts';
import { accountOf, purseAccount } from '../../contracts/client/Market.ts';
import { createLog } from '../../contracts/client/support/Log.ts';
import { createToken } from '../../contracts/client/Token.ts';
import { type Child, startChild } from '../../start/Child.ts';
import { giveCoin } from '../../start/Funds.ts';
import { createWorld, type World } from '../e2e/world.ts';
import { type FakeChat, startTelegramFake, type TelegramFake } from '../fakes/telegram.ts';
import { moments, startKillingNode } from './KillingNode.ts';

/** What one question to the model `terse` costs. */
const one = 10n ** 18n / 4n;
const wait = { timeout: 120_000, interval: 100 };
/** Kills at a moment that nobody chose, for each way to pay. */
const blindKills = 4;

let telegram: TelegramFake;
let world: World;
let node: Awaited<ReturnType<typeof startKillingNode>>;
let bot: Child;
let ada: ReturnType<TelegramFake['user']>;
let group: FakeChat;
let wallet: Wallet;
let killed: Promise<void> = Promise.resolve();

/** The marketplace's processes, and one more bot whose way to the chain can cut it off at any point. */
beforeAll(async () => {
  telegram = await startTelegramFake({ flood: false });
  world = await createWorld();
  const { chain } = world.stack;
  node = await startKillingNode(chain.url, () => {
    killed = bot.kill();
  });
  bot = await startChild({
    name: 'bot',
    script: 'bot/main.ts',
    nodeFlags,
    env: {
      PATH: process.env['PATH'],
      RPC_URLS: node.url,
      DEPLOYMENT_FILE: join(world.dataDir, 'deployment.json'),
      CONFIRMATIONS: '0',
      BOT_DATA_DIR: join(world.dataDir, 'killed-bot'),
      BOT_LOG_FILE: join(world.dataDir, 'killed-bot.log'),
      BOT_PORT: '0',
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      ASKS_PER_MINUTE: '1000',
    },
    log: createLog({ name: 'test', level: 'fatal' }),
  });
  await giveCoin(chain.rpc, address(String(bot.facts()['address'])));
  const key = chain.accounts[8];
  if (!key) throw new Error('anvil has ten accounts');
  wallet = new Wallet(key.privateKey, chain.rpc);
  ada = telegram.user('Ada');
  group = telegram.group('Builders', { admins: [ada.id] });
}, 180_000);
afterAll(async () => {
  await bot?.stop();
  await node?.stop();
  await world?.stop();
  await telegram?.stop();
});

const step = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), id: z.string(), text: z.string() }),
  z.object({
    type: z.literal('typedData'),
    id: z.string(),
    payload: z.object({
      domain: z.looseObject({}),
      types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
      message: z.record(z.string(), z.unknown()),
    }),
  }),
  z.object({ type: z.literal('transaction'), id: z.string(), to: z.string(), data: z.string(), value: z.string() }),
]);
const nextSchema = z.union([
  z.object({ ok: z.literal(true), type: z.literal('done') }),
  z.object({ ok: z.literal(true), type: z.literal('step'), step }),
  z.object({ ok: z.literal(false), message: z.string() }),
]);

/** Sends a command and does with the wallet whatever the page of its link asks for. */
async function follow(command: string, fields: Record<string, string>, chat: FakeChat = ada.chat): Promise<void> {
  const links = () => telegram.replies(ada.chat).flatMap(({ text }) => /\/do#([\w-]{21,})/.exec(text)?.[1] ?? []);
  const before = links().length;
  ada.says(command, { chat });
  await expect.poll(() => links().length, wait).toBe(before + 1);
  const token = links().at(-1) ?? '';
  const results: { id: string; value: string; text?: string }[] = [];
  for (;;) {
    const response = await fetch(new URL('/api/do/next', String(bot.facts()['local'])), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, wallet: wallet.address, fields, results }),
    });
    const next = nextSchema.parse(await response.json());
    if (!next.ok) throw new Error(next.message);
    if (next.type === 'done') return;
    results.push(await perform(next.step));
  }
}

async function perform(asked: z.output<typeof step>): Promise<{ id: string; value: string; text?: string }> {
  const { id } = asked;
  switch (asked.type) {
    case 'message':
      return { id, value: await wallet.signMessage(asked.text), text: asked.text };
    case 'typedData': {
      const { EIP712Domain: _, ...types } = asked.payload.types;
      return { id, value: await wallet.signTypedData(asked.payload.domain, types, asked.payload.message) };
    }
    case 'transaction': {
      const sent = await wallet.sendTransaction({ to: asked.to, data: asked.data, value: BigInt(asked.value) });
      await sent.wait();
      return { id, value: sent.hash };
    }
  }
}

/** The same sequence in every run: a failure can be looked at again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const token = () => world.stack.deployment.token;
const balance = (account: bigint) => world.market.balanceOf(account, token());
const answers = (chat: FakeChat) => telegram.replies(chat).filter(({ text }) => text.includes(world.model.answer));
/** What the host was paid to answer: each ask on chain is worked on once. */
const worked = (question: string) => world.model.calls().filter(({ user }) => user === question).length;
const price = format(one, 18);

/** Asks with a kill each: at each of the known moments, then some at seeded times. @returns the questions */
async function askAndKill(chat: FakeChat, seed: number, label: string): Promise<string[]> {
  const next = random(seed);
  const questions: string[] = [];
  const ask = () => {
    const question = `${label} ${questions.length}?`;
    questions.push(question);
    ada.says(`/ask --model terse ${question}`, { chat });
  };
  const answered = () => expect.poll(() => answers(chat).length, wait).toBe(questions.length);
  for (const moment of moments) {
    node.arm(moment);
    ask();
    await expect.poll(() => node.isArmed(), wait).toBe(false);
    await killed;
    await answered();
  }
  for (let kill = 0; kill < blindKills; kill += 1) {
    ask();
    await new Promise((resolve) => setTimeout(resolve, next() * 1_500));
    await bot.kill();
    await answered();
  }
  return questions;
}

test('killed while it pays from a linked person’s account: one ask, one payment, one answer each', async () => {
  await follow('/link', {});
  await follow('/deposit LANG', { token: token(), amount: '5' });
  await follow('/limit LANG', { token: token(), perAsk: price, perPeriod: '5', period: 'day', days: '30' });
  ada.says('/ask --model terse Agreed?');
  await expect
    .poll(
      () =>
        telegram
          .replies(ada.chat)
          .at(-1)
          ?.keyboard.flat()
          .some((button) => button.text === 'I agree'),
      wait,
    )
    .toBe(true);
  const notice = telegram.replies(ada.chat).at(-1);
  if (!notice) throw new Error('no notice');
  ada.presses(notice, 'I agree');
  await expect.poll(() => answers(ada.chat).length, wait).toBe(1);
  telegram.deleteMessage(answers(ada.chat)[0] ?? notice);

  const account = accountOf(address(wallet.address));
  const before = await balance(account);
  const questions = await askAndKill(ada.chat, 11, 'Account');
  expect(await balance(account)).toBe(before - BigInt(questions.length) * one);
  expect(questions.map(worked)).toEqual(questions.map(() => 1));
  expect(answers(ada.chat)).toHaveLength(questions.length);
});

test('killed while it pays from a group’s purse: the same, and no use of a member’s cap is lost or counted twice', async () => {
  const asks = BigInt(moments.length + blindKills);
  const total = format(asks * one, 18);
  await follow(
    '/purse create LANG',
    { token: token(), perAsk: price, perPeriod: '100', period: 'day', days: '30' },
    group,
  );
  const account = purseAccount(address(wallet.address), 1n);
  const filled = asks * one * 2n;
  const { calls } = createToken(world.stack.chain.rpc, token());
  for (const call of [
    calls.approve(world.stack.deployment.market, filled),
    world.market.calls.depositToken(account, token(), filled),
  ])
    await (await wallet.sendTransaction(call)).wait();
  // Exactly what the questions cost: one counted twice would leave the last without, one lost would leave room for more.
  ada.says(`/cap everybody ${total} LANG`, { chat: group });
  await expect.poll(() => telegram.replies(group).some(({ text }) => text.includes(`${total} LANG`)), wait).toBe(true);

  const questions = await askAndKill(group, 12, 'Purse');
  expect(await balance(account)).toBe(filled - asks * one);
  expect(questions.map(worked)).toEqual(questions.map(() => 1));
  ada.says('/ask --model terse One too many?', { chat: group });
  await expect
    .poll(() => telegram.replies(group).at(-1)?.text, wait)
    .toMatch(/of your cap of .* a day 0 LANG are left/);
  expect(worked('One too many?')).toBe(0);
});
