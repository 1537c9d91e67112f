import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../e2e/world.ts';
import { type DiscordFake, startDiscordFake } from '../fakes/discord.ts';
import { startTelegramFake, type TelegramFake } from '../fakes/telegram.ts';

let telegram: TelegramFake;
let discord: DiscordFake;
let world: World;
beforeAll(async () => {
  [telegram, discord] = await Promise.all([startTelegramFake(), startDiscordFake()]);
  world = await createWorld({
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_ROOT: discord.url,
    ASKS_PER_MINUTE: '1000',
  });
}, 300_000);
afterAll(async () => {
  await world?.stop();
  await telegram?.stop();
  await discord?.stop();
});

const wait = { timeout: 300_000, interval: 200 };
const people = { telegram: 20, discord: 6 };
const kills = 10;

/** Somebody who has asked, and what the chat shows them. */
type Asker = { shown(): string[] };

async function askOnTelegram(): Promise<Asker[]> {
  const asking = Array.from({ length: people.telegram }, (_, index) => {
    const person = telegram.user(`Person ${index}`);
    person.says(`/ask --model terse Question ${index}?`);
    return person;
  });
  for (const person of asking) {
    await expect.poll(() => telegram.replies(person.chat).length, wait).toBe(1);
    const [notice] = telegram.replies(person.chat);
    if (notice) person.presses(notice, 'I agree');
  }
  return asking.map(({ chat }) => ({ shown: () => telegram.replies(chat).map(({ text }) => text) }));
}

async function askOnDiscord(): Promise<Asker[]> {
  await expect.poll(() => discord.commands().length, wait).toBeGreaterThan(0);
  const asking = Array.from({ length: people.discord }, (_, index) => {
    const [person, channel] = [discord.user(`Member ${index}`), discord.channel()];
    person.says(`/ask Discord question ${index}?`, channel, { model: 'terse' });
    return { person, channel };
  });
  for (const { person, channel } of asking) {
    const notice = () =>
      discord.messages(channel, person).find(({ buttons }) => buttons.some(({ label }) => label === 'I agree'));
    await expect.poll(notice, wait).toBeDefined();
    const message = notice();
    if (message) person.presses(message, 'I agree', channel);
  }
  return asking.map(({ channel }) => ({ shown: () => discord.messages(channel).map(({ content }) => content) }));
}

/** The same sequence in every run: a failure can be looked at again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test(`${people.telegram} people on Telegram and ${people.discord} on Discord ask while host and bot are killed ${kills} times: each gets one answer, once`, async () => {
  const next = random(42);
  const asking = (await Promise.all([askOnTelegram(), askOnDiscord()])).flat();
  const token = ({ shown }: Asker) => /\/pay\/([\w-]{21,})/.exec(shown().at(-1) ?? '')?.[1] ?? '';
  // Discord keeps no press for a bot that is away.
  for (const asker of asking.slice(people.telegram)) await expect.poll(() => token(asker), wait).not.toBe('');
  const paying = Promise.all(
    asking.map(async (asker) => {
      await expect.poll(() => token(asker), wait).not.toBe('');
      const link = token(asker);
      // The bot may be on its way back when the wallet wants to pay; a payment whose answer was lost is not made twice.
      await expect.poll(() => world.api.payWithTestWallet(link).then(() => 'paid', String), wait).toMatch(/paid/i);
    }),
  );
  for (let kill = 0; kill < kills; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200 + next() * 1_500));
    await (next() < 0.5 ? world.stack.host : world.stack.bot).kill();
  }
  await paying;
  const answered = ({ shown }: Asker) => shown().filter((text) => text.includes(world.model.answer)).length;
  await expect.poll(() => asking.map(answered), wait).toEqual(asking.map(() => 1));
});

test('a hundred asks at once are all answered', async () => {
  const tokens = await Promise.all(
    Array.from({ length: 100 }, (_, index) => world.ask(`Load ${index}?`, { model: index % 2 ? 'guide' : 'terse' })),
  );
  const views = await Promise.all(tokens.map((token) => world.until(token, 'reported')));
  expect(new Set(views.map(({ queryId }) => queryId)).size).toBe(100);
});
