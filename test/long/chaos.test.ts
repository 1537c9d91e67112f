import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../e2e/world.ts';
import { startTelegramFake, type TelegramFake } from '../fakes/telegram.ts';

let telegram: TelegramFake;
let world: World;
beforeAll(async () => {
  telegram = await startTelegramFake();
  world = await createWorld({
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    ASKS_PER_MINUTE: '1000',
  });
});
afterAll(async () => {
  await world?.stop();
  await telegram?.stop();
});

const wait = { timeout: 300_000, interval: 200 };
const people = 20;
const kills = 10;

/** The same sequence in every run: a failure can be looked at again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test(`${people} people ask while host and bot are killed ${kills} times: each gets one answer, once`, async () => {
  const next = random(42);
  const asks = Array.from({ length: people }, (_, index) => {
    const person = telegram.user(`Person ${index}`);
    person.says(`/ask --model terse Question ${index}?`);
    return person;
  });
  for (const person of asks) {
    await expect.poll(() => telegram.replies(person.chat).length, wait).toBe(1);
    const [notice] = telegram.replies(person.chat);
    if (notice) person.presses(notice, 'I agree');
  }
  const token = ({ chat }: (typeof asks)[number]) =>
    /\/pay\/([\w-]{21,})/.exec(telegram.replies(chat).at(-1)?.text ?? '')?.[1] ?? '';
  const paying = Promise.all(
    asks.map(async (person) => {
      await expect.poll(() => token(person), wait).not.toBe('');
      const link = token(person);
      // The bot may be on its way back when the wallet wants to pay; a payment whose answer was lost is not made twice.
      await expect.poll(() => world.api.payWithTestWallet(link).then(() => 'paid', String), wait).toMatch(/paid/i);
    }),
  );
  for (let kill = 0; kill < kills; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200 + next() * 1_500));
    await (next() < 0.5 ? world.stack.host : world.stack.bot).kill();
  }
  await paying;
  const answered = ({ chat }: (typeof asks)[number]) =>
    telegram.replies(chat).filter(({ text }) => text.includes(world.model.answer)).length;
  await expect.poll(() => asks.map(answered), wait).toEqual(asks.map(() => 1));
});

test('a hundred asks at once are all answered', async () => {
  const tokens = await Promise.all(
    Array.from({ length: 100 }, (_, index) => world.ask(`Load ${index}?`, { model: index % 2 ? 'guide' : 'terse' })),
  );
  const views = await Promise.all(tokens.map((token) => world.until(token, 'reported')));
  expect(new Set(views.map(({ queryId }) => queryId)).size).toBe(100);
});
