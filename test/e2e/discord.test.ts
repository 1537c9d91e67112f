import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDiscordFake } from '../fakes/discord.ts';
import { createWorld, type World } from './world.ts';

let discord: Awaited<ReturnType<typeof startDiscordFake>>;
let world: World;
beforeAll(async () => {
  discord = await startDiscordFake();
  world = await createWorld({ DISCORD_TOKEN: discord.token, DISCORD_API_ROOT: discord.url });
});
afterAll(async () => {
  await world?.stop();
  await discord?.stop();
});

type Channel = ReturnType<typeof discord.channel>;
const wait = { timeout: 60_000, interval: 100 };
const text = (channel: Channel) =>
  discord
    .messages(channel)
    .map(({ content }) => content)
    .join('\n');

/** The token of the pay link of the only card in a channel. */
async function payToken(channel: Channel): Promise<string> {
  const found = () => /\/pay\/([\w-]{21,})/.exec(JSON.stringify(discord.messages(channel)))?.[1] ?? '';
  await expect.poll(found, wait).not.toBe('');
  return found();
}

test('a slash command is acknowledged in time, paid by link, and its card becomes the answer', async () => {
  const channel = discord.channel();
  const asked = discord.user('Ada').says('/ask What is TellorFlex?', channel, { model: 'terse' });
  await world.api.payWithTestWallet(await payToken(channel));
  expect(asked.acknowledgedAfter).toBeLessThan(3_000);
  await expect.poll(() => text(channel), wait).toContain(world.model.answer);
  await expect.poll(() => text(channel), wait).toMatch(/reported to Tellor/);
  await world.stack.chain.increaseTime(43_200);
  await expect.poll(() => text(channel), wait).toMatch(/final ✓/);
  expect(discord.messages(channel)).toHaveLength(1);
});

test('model output pings nobody', async () => {
  const channel = discord.channel();
  world.model.rules.unshift({
    question: /hostile/,
    response: { content: '@everyone <@123456789012345678> <@&1> </ask:1> hi there ```unclosed' },
  });
  discord.user('Ada').says('/ask be hostile', channel);
  await world.api.payWithTestWallet(await payToken(channel));
  await expect.poll(() => text(channel), wait).toContain('hi there');
  expect(discord.messages(channel).flatMap(({ live }) => live)).toEqual([]);
});

test('the bot killed while the model answers loses no reply and repeats none', async () => {
  const channel = discord.channel();
  world.model.hold();
  const before = world.model.calls().length;
  discord.user('Ada').says('/ask Are you still there?', channel);
  await world.api.payWithTestWallet(await payToken(channel));
  await expect.poll(() => world.model.calls().length, wait).toBeGreaterThan(before);
  await world.stack.bot.kill();
  world.model.release();
  await expect.poll(() => text(channel), wait).toContain(world.model.answer);
  expect(discord.messages(channel)).toHaveLength(1);
});
