import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { decodeEvent } from '../../contracts/client/Decode.ts';
import { type DiscordFake, type FakeMessage, startDiscordFake } from '../fakes/discord.ts';
import { createWorld, type World } from './world.ts';

const logLine = z.object({
  msg: z.string(),
  note: z.string().optional(),
  queryId: z.string().optional(),
  queryIds: z.array(z.string()).optional(),
});

let discord: DiscordFake;
let world: World;
beforeAll(async () => {
  discord = await startDiscordFake();
  world = await createWorld({ DISCORD_TOKEN: discord.token, DISCORD_API_ROOT: discord.url });
  await vi.waitFor(() => expect(discord.commands().length).toBeGreaterThan(0), wait);
});
afterAll(async () => {
  await world?.stop();
  await discord?.stop();
});

/** The token of the pay link in a message, as text: Discord refuses buttons to this machine. */
function payToken(message: FakeMessage | undefined): string {
  const [, token = ''] = /\/pay\/([\w-]{21,})/.exec(message?.content ?? '') ?? [];
  return token;
}

const wait = { timeout: 25_000, interval: 100 };
const any = expect.stringMatching(/./);

/** Somebody who has agreed, in another channel, that questions are public. */
async function agreedUser(name: string) {
  const user = discord.user(name);
  const hall = discord.channel();
  user.says('/privacy', hall);
  await press(user, 'I agree', hall);
  await expect.poll(() => discord.messages(hall, user)[0]?.content, wait).toContain('You agreed');
  return user;
}

async function press(
  user: ReturnType<DiscordFake['user']>,
  label: string,
  channel: ReturnType<DiscordFake['channel']>,
) {
  const found = () =>
    discord.messages(channel, user).find(({ buttons }) => buttons.some((button) => button.label === label));
  await expect.poll(found, wait).toBeDefined();
  const message = found();
  if (message) user.presses(message, label, channel);
}

test('a question in a channel is acknowledged at once, paid by link, and its card becomes the answer', async () => {
  const channel = discord.channel();
  const ada = discord.user('Ada');
  const asked = ada.says('/ask What is TellorFlex?', channel, { model: 'terse' });
  await press(ada, 'I agree', channel);
  await expect.poll(() => discord.messages(channel).map(payToken), wait).toEqual([any]);
  expect(asked.acknowledgedAfter).toBeDefined();
  await world.api.payWithTestWallet(payToken(discord.messages(channel)[0]));
  await expect.poll(() => discord.messages(channel)[0]?.content, wait).toContain(world.model.answer);
  await expect.poll(() => discord.messages(channel)[0]?.content, wait).toMatch(/reported to Tellor/);
  await world.stack.chain.increaseTime(43_200);
  await expect.poll(() => discord.messages(channel)[0]?.content, wait).toMatch(/final ✓/);
  expect(discord.messages(channel)).toHaveLength(1);
});

test('model output pings nobody and breaks no markup; long answers come in parts', async () => {
  const channel = discord.channel();
  const long = Array.from({ length: 900 }, (_, index) => `word${index}`).join(' ');
  world.model.rules.unshift({
    question: /hostile/,
    response: {
      content: `@everyone <@1> <@&2> </ask:3> <t:4:R> [good](https://evil.example) \`\`\`js\nunclosed ${long}`,
    },
  });
  (await agreedUser('Ada')).says('/ask be hostile', channel);
  await expect.poll(() => discord.messages(channel).map(payToken), wait).toEqual([any]);
  await world.api.payWithTestWallet(payToken(discord.messages(channel)[0]));
  await expect.poll(() => discord.messages(channel).at(-1)?.content, wait).toContain('word899');
  expect(discord.messages(channel).length).toBeGreaterThan(3);
  // The bot's own: until when the answer can be disputed.
  expect(discord.messages(channel).flatMap(({ live }) => live)).toEqual([expect.stringMatching(/^<t:\d{10}:f>$/)]);
});

test('the bot killed while the model answers loses no reply and repeats none', async () => {
  const channel = discord.channel();
  world.model.hold();
  const before = world.model.calls().length;
  (await agreedUser('Ada')).says('/ask Are you still there?', channel);
  await expect.poll(() => discord.messages(channel).map(payToken), wait).toEqual([any]);
  await world.api.payWithTestWallet(payToken(discord.messages(channel)[0]));
  await expect.poll(() => world.model.calls().length, wait).toBeGreaterThan(before);
  await world.stack.bot.kill();
  world.model.release();
  await expect.poll(() => discord.messages(channel)[0]?.content, wait).toContain(world.model.answer);
  expect(discord.messages(channel)).toHaveLength(1);
});

test('help and models are for one person alone', async () => {
  const channel = discord.channel();
  const ada = discord.user('Ada');
  ada.says('/help', channel);
  ada.says('/models', channel);
  await expect.poll(() => discord.messages(channel, ada).filter(({ thinking }) => !thinking), wait).toHaveLength(2);
  expect(discord.messages(channel)).toEqual([]);
  const typing = ada.types('te', channel);
  await expect
    .poll(() => typing.choices, wait)
    .toContainEqual({ name: expect.stringContaining('terse'), value: 'terse' });
});

test('replying to an answer continues the conversation, named on chain; text files sent along are part of the question', async () => {
  const channel = discord.channel();
  const [ada, bob] = [await agreedUser('Ada'), await agreedUser('Bob')];
  const cards = () => discord.messages(channel).filter(({ author }) => author.id === discord.self);
  const answered = async (nth: number) => {
    await expect.poll(() => payToken(cards()[nth]), wait).toMatch(/./);
    const token = payToken(cards()[nth]);
    await world.api.payWithTestWallet(token);
    await expect.poll(() => cards()[nth]?.content, wait).toContain(world.model.answer);
    const { queryId, status } = await world.until(token, 'reported');
    const { chain, deployment } = world.stack;
    const receipt = await chain.rpc.getTransactionReceipt(status.paid?.transaction ?? '');
    const events = (receipt?.logs ?? []).map((log) => decodeEvent(log, deployment));
    return { card: cards()[nth], queryId, asked: events.find((event) => event?.type === 'Asked') };
  };
  ada.says('/ask What is an oracle?', channel, { model: 'guide' });
  const first = await answered(0);
  bob.writes('And who pays it?', channel, {
    ...(first.card && { replyTo: first.card }),
    files: [{ name: 'notes.md', content: 'Reporters stake TRB.' }],
  });
  const second = await answered(1);
  expect(second.card?.content).toMatch(/^\*\*Bob\*\* asks \*\*guide\*\*[\s\S]*Continues the conversation/);
  expect(second.asked).toMatchObject({ parent: first.queryId, queryId: second.queryId });

  ada.says(
    '/ask one two three',
    channel,
    {},
    {
      name: 'count.py',
      content: 'prompt = "You count words."\ninput = "an example"\n',
    },
  );
  await answered(2);
  expect(world.model.calls()).toContainEqual({
    system: expect.anything(),
    user: 'And who pays it?\n\nnotes.md:\n\nReporters stake TRB.',
  });
  expect(world.model.calls()).toContainEqual({ system: 'You count words.', user: 'one two three' });
});

/** What bot and host say of themselves, of the chain as a whole and of the host's offers: of no ask. */
const general = [
  /^bot: (?:connected as|Discord is not reachable|connection to Discord|Discord closed)/,
  /^host: (?:ready|caught up with the chain|offered|(?:not )?able to answer|no offer for this model|some models can not answer)/,
  /^host: .*\(offer\)$/,
  /^(?:bot|host): (?:the chain (?:stands still|goes on|answers again|was reorganised)|blocks could not be handled)/,
];

const logLines = () =>
  ['bot', 'host'].flatMap((name) =>
    readFileSync(join(world.dataDir, `${name}.log`), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => ({ name, ...logLine.parse(JSON.parse(line)) })),
  );

test('every line of both logs that concerns a paid ask carries its queryId', async () => {
  const lines = logLines();
  const said = lines
    .filter(({ queryId, queryIds = [] }) => queryId === undefined && queryIds.length === 0)
    .map(({ name, note, msg }) => `${name}: ${msg}${note === undefined ? '' : ` (${note})`}`);
  expect(said.filter((line) => !general.some((pattern) => pattern.test(line)))).toEqual([]);
  const asks = new Set(lines.flatMap(({ queryId }) => queryId ?? []));
  expect(asks.size).toBeGreaterThanOrEqual(6);
  for (const queryId of asks) {
    const messages = () =>
      logLines()
        .filter((line) => line.queryId === queryId || line.queryIds?.includes(queryId))
        .map(({ name, msg }) => `${name}: ${msg}`);
    // The bot can see an answer on chain before the host has heard of its own transaction.
    await expect
      .poll(messages, wait)
      .toEqual(expect.arrayContaining(['bot: Asked', 'host: model runs', 'host: answered', 'host: transaction mined']));
  }
});
