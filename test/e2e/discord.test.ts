import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type DiscordFake, type FakeMessage, startDiscordFake } from '../fakes/discord.ts';
import { createWorld, type World } from './world.ts';

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
  expect(asked.acknowledgedAfter).toBeLessThan(3_000);
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
