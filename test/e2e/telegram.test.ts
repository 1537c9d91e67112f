import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTelegramFake, type TelegramFake } from '../fakes/telegram.ts';
import { createWorld, type World } from './world.ts';

let telegram: TelegramFake;
let world: World;
beforeAll(async () => {
  telegram = await startTelegramFake();
  world = await createWorld({ TELEGRAM_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.url });
});
afterAll(async () => {
  await world?.stop();
  await telegram?.stop();
});

/** The token of the pay link that stands in a message, as text: Telegram refuses buttons to this machine. */
function payToken(text: string): string {
  const [, token = ''] = /\/pay\/([\w-]{21,})/.exec(text) ?? [];
  return token;
}

const wait = { timeout: 60_000, interval: 100 };

/** Somebody who has agreed, in another chat, that questions are public. */
async function agreedUser(name: string) {
  const user = telegram.user(name);
  const hall = telegram.group('The hall');
  user.says('/privacy', { chat: hall });
  await expect.poll(() => telegram.replies(hall).length, wait).toBe(1);
  const [overview] = telegram.replies(hall);
  if (overview) user.presses(overview, 'I agree');
  await expect.poll(() => telegram.replies(hall)[0]?.text, wait).toContain('You agreed');
  return user;
}

test('a question in a group is paid by link and its card becomes the answer, as a reply to the question', async () => {
  const group = telegram.group('The foxes');
  const ada = telegram.user('Ada');
  const { message: question } = ada.says('/ask --model terse What is TellorFlex?', { chat: group });
  await expect.poll(() => telegram.replies(group)[0]?.text, wait).toContain('Before your first question');
  const [notice] = telegram.replies(group);
  if (notice) ada.presses(notice, 'I agree');
  await expect
    .poll(() => telegram.replies(group).map(({ text }) => payToken(text)), wait)
    .toEqual(['', expect.stringMatching(/./)]);
  const [, card] = telegram.replies(group);
  expect(card?.replyTo).toBe(question?.message_id);
  expect(card?.text).toContain('LANG');

  await world.api.payWithTestWallet(payToken(card?.text ?? ''));
  await expect.poll(() => telegram.replies(group)[1]?.text, wait).toContain(world.model.answer);
  await expect.poll(() => telegram.replies(group)[1]?.text, wait).toMatch(/reported to Tellor/);
  await world.stack.chain.increaseTime(43_200);
  await expect.poll(() => telegram.replies(group)[1]?.text, wait).toMatch(/final ✓/);
  expect(telegram.replies(group)).toHaveLength(2);
});

test('model output pings nobody and breaks no markup', async () => {
  const ada = await agreedUser('Ada');
  world.model.rules.unshift({
    question: /hostile/,
    response: { content: '@everyone @durov /start <b>not bold</b> [x](tg://user?id=1) ```unclosed' },
  });
  ada.says('/ask be hostile');
  await expect
    .poll(() => telegram.replies(ada.chat).map(({ text }) => payToken(text)), wait)
    .toEqual([expect.stringMatching(/./)]);
  await world.api.payWithTestWallet(payToken(telegram.replies(ada.chat)[0]?.text ?? ''));
  await expect.poll(() => telegram.replies(ada.chat)[0]?.text, wait).toContain('not bold');
  expect(telegram.live(ada.chat)).toEqual([]);
});

test('a long answer arrives whole, in parts within the limit', async () => {
  const ada = await agreedUser('Ada');
  const words = Array.from({ length: 1_500 }, (_, index) => `word${index}`);
  world.model.rules.unshift({ question: /at length/, response: { content: words.join(' ') } });
  ada.says('/ask tell me at length');
  await expect
    .poll(() => telegram.replies(ada.chat).map(({ text }) => payToken(text)), wait)
    .toEqual([expect.stringMatching(/./)]);
  await world.api.payWithTestWallet(payToken(telegram.replies(ada.chat)[0]?.text ?? ''));
  await expect
    .poll(
      () =>
        telegram
          .replies(ada.chat)
          .map(({ text }) => text)
          .join(' '),
      wait,
    )
    .toContain('word1499');
  const said = telegram
    .replies(ada.chat)
    .map(({ text }) => text)
    .join(' ');
  expect(words.filter((word) => !said.split(/\s+/).includes(word))).toEqual([]);
});

test('the bot killed while the model answers loses no reply and repeats none; a repeated update asks once', async () => {
  const ada = await agreedUser('Ada');
  world.model.hold();
  const before = world.model.calls().length;
  const update = ada.says('/ask Are you still there?');
  await expect
    .poll(() => telegram.replies(ada.chat).map(({ text }) => payToken(text)), wait)
    .toEqual([expect.stringMatching(/./)]);
  await world.api.payWithTestWallet(payToken(telegram.replies(ada.chat)[0]?.text ?? ''));
  await expect.poll(() => world.model.calls().length, wait).toBeGreaterThan(before);
  await world.stack.bot.kill();
  telegram.repeat(update);
  world.model.release();
  await expect.poll(() => telegram.replies(ada.chat)[0]?.text, wait).toContain(world.model.answer);
  await expect.poll(() => telegram.pending(), wait).toBe(0);
  expect(telegram.replies(ada.chat)).toHaveLength(1);
});

test('bad input gets a clear sentence', async () => {
  const ada = await agreedUser('Ada');
  ada.says('/ask');
  await expect.poll(() => telegram.replies(ada.chat).length, wait).toBe(1);
  ada.says(`/ask --model nonesuch hello`);
  await expect.poll(() => telegram.replies(ada.chat).length, wait).toBe(2);
  ada.says('/models');
  await expect.poll(() => telegram.replies(ada.chat).length, wait).toBe(3);
  // The seller and the host's record differ from run to run.
  const said = telegram
    .replies(ada.chat)
    .map(({ text }) =>
      text
        .replace(/0x[\dA-F]{4}…[\dA-F]{4}/gi, 'ADDRESS')
        .replace(/(?:not asked yet|answered \d[^·]*?)(?= ·)/g, 'RECORD'),
    );
  expect(said).toMatchSnapshot();
});

test('replying to an answer continues the conversation; a file sent along is the workload', async () => {
  const group = telegram.group('The owls');
  const ada = await agreedUser('Ada');
  const bob = await agreedUser('Bob');
  const answered = async (nth: number) => {
    await expect.poll(() => payToken(telegram.replies(group)[nth]?.text ?? ''), wait).toMatch(/./);
    await world.api.payWithTestWallet(payToken(telegram.replies(group)[nth]?.text ?? ''));
    await expect.poll(() => telegram.replies(group)[nth]?.text, wait).toContain(world.model.answer);
    return telegram.replies(group)[nth];
  };
  ada.says('/ask --model guide What is an oracle?', { chat: group });
  const first = await answered(0);
  bob.says('And who pays it?', { chat: group, ...(first && { replyTo: first }) });
  const second = await answered(1);
  expect(second?.text).toMatch(/^Bob asks guide[\s\S]*Continues the conversation/);

  ada.says('/ask one two three', {
    chat: group,
    file: { name: 'count.py', content: 'prompt = "You count words."\ninput = "an example"\n' },
  });
  await answered(2);
  expect(world.model.calls()).toContainEqual({ system: 'You count words.', user: 'one two three' });
});
