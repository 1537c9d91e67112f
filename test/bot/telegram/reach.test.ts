import { expect, test } from 'vitest';
import { eventually } from '../../fakes/eventually.ts';
import { telegramStage } from '../stage.ts';

const answer = 'TellorFlex is an oracle.';
const minutes40 = 2_400;

test('an answer in minute 40 is a message of its own, which replies to the card', async () => {
  const { fake, world, asked, pay, answer: say } = await telegramStage();
  const ada = fake.user('Ada');
  const chat = fake.group('Builders');
  ada.says('/ask x', { chat });
  const paid = await pay(await asked());
  await world.bot.outbox.idle();
  world.clock.now += minutes40;
  await say(paid, answer);
  const [card, late] = fake.replies(chat);
  expect(card?.text).not.toContain(answer);
  expect(late).toMatchObject({ replyTo: card?.id, text: expect.stringContaining(answer) });
});

test('a card that was deleted comes back with the answer, as a reply to the question', async () => {
  const { fake, asked, pay, answer: say, settled } = await telegramStage();
  const ada = fake.user('Ada');
  const chat = fake.group('Builders');
  const { message: question } = ada.says('/ask x', { chat });
  const record = await asked();
  await settled();
  const [card] = fake.replies(chat);
  if (card) fake.deleteMessage(card);
  await say(await pay(record), answer);
  expect(fake.replies(chat)).toMatchObject([{ replyTo: question?.message_id, text: expect.stringContaining(answer) }]);
});

test('when the topic is gone the group is told; when the group is gone the person is told alone', async () => {
  const { fake, asked, pay, answer: say, settled } = await telegramStage();
  const ada = fake.user('Ada');
  const forum = fake.group('Builders', { forum: true });
  ada.says('/ask one', { chat: forum, thread: 12 });
  const first = await asked(1);
  await settled();
  fake.closeTopic(12);
  for (const message of fake.replies(forum)) fake.deleteMessage(message);
  await say(await pay(first), answer);
  expect(fake.replies(forum)).toMatchObject([{ thread: undefined, text: expect.stringContaining(answer) }]);

  const group = fake.group('Others');
  ada.says('/ask two', { chat: group });
  const second = await asked(2);
  await settled();
  fake.block(group);
  await say(await pay(second), answer);
  expect(fake.replies(ada.chat)).toMatchObject([{ text: expect.stringContaining(answer) }]);
});

test('a person who blocked the bot finds the answer in the history once the bot may write again', async () => {
  const { fake, asked, pay, answer: say, settled } = await telegramStage();
  const ada = fake.user('Ada');
  ada.says('/ask x');
  const record = await asked();
  await settled();
  fake.block(ada.chat);
  await say(await pay(record), answer);
  fake.unblock(ada.chat);
  ada.says('/history');
  await eventually(() => expect(fake.replies(ada.chat).at(-1)?.text).toMatch(/x.*answered/s));
});

test('a bot that was removed and let in again answers as before', async () => {
  const { fake, asked, pay, answer: say, settled } = await telegramStage();
  const ada = fake.user('Ada');
  const chat = fake.group('Builders');
  ada.says('/ask x', { chat });
  const record = await asked();
  await settled();
  fake.block(chat);
  const paid = await pay(record);
  await settled();
  fake.unblock(chat);
  await say(paid, answer);
  expect(fake.replies(chat).map(({ text }) => text.includes(answer))).toEqual([false, true]);
});

test('a send whose outcome is lost is made again and says so; one that surely was not made is made as if nothing had been', async () => {
  const { fake, asked, settled } = await telegramStage();
  const ada = fake.user('Ada');
  fake.loseAnswer('sendMessage');
  ada.says('/ask x');
  await asked();
  await eventually(() => expect(fake.replies(ada.chat)).toHaveLength(2));
  await settled();
  expect(fake.replies(ada.chat).map(({ text }) => /sent again/.test(text))).toEqual([false, true]);
  const bob = fake.user('Bob');
  fake.refuse('sendMessage', 429, 'Too Many Requests: retry after 1', { retry_after: 1 });
  bob.says('/ask x');
  await eventually(() => expect(fake.replies(bob.chat)).toHaveLength(1));
  expect(fake.replies(bob.chat)[0]?.text).not.toContain('sent again');
});
