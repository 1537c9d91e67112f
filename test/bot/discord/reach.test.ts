import { expect, test } from 'vitest';
import { eventually } from '../../fakes/eventually.ts';
import { discordStage } from '../stage.ts';

const answer = 'TellorFlex is an oracle.';
const minutes40 = 2_400;

test('an answer in minute 40, when the interaction’s token is long dead, is a message that replies to the card', async () => {
  const { fake, world, asked, pay, answer: say, settled } = await discordStage();
  const channel = fake.channel();
  const interaction = fake.user('Ada').says('/ask x', channel);
  const record = await asked();
  await settled();
  fake.expire(interaction);
  world.clock.now += minutes40;
  await say(await pay(record), answer);
  const [card, late] = fake.messages(channel);
  expect(card?.content).not.toContain(answer);
  expect(late).toMatchObject({ replyTo: card?.id, content: expect.stringContaining(answer) });
});

test('a card that was deleted comes back with the answer', async () => {
  const { fake, asked, pay, answer: say, settled } = await discordStage();
  const channel = fake.channel();
  fake.user('Ada').says('/ask x', channel);
  const record = await asked();
  await settled();
  const [card] = fake.messages(channel);
  if (card) fake.deleteMessage(card);
  await say(await pay(record), answer);
  expect(fake.messages(channel)).toMatchObject([{ content: expect.stringContaining(answer) }]);
});

test.each(['thread deleted', 'channel deleted', 'permission lost'] as const)(
  '%s: the answer goes to the person alone',
  async (what) => {
    const { fake, asked, pay, answer: say, settled } = await discordStage();
    const parent = fake.channel();
    const channel = what === 'thread deleted' ? fake.channel('thread', { parent }) : parent;
    const ada = fake.user('Ada');
    ada.writes(`<@${fake.self}> x`, channel);
    const record = await asked();
    await settled();
    if (what === 'permission lost') fake.permit(channel, false);
    else fake.deleteChannel(channel);
    await say(await pay(record), answer);
    expect(fake.messages(fake.direct(ada))).toMatchObject([{ content: expect.stringContaining(answer) }]);
  },
);

test('a person who takes no messages either finds the answer in the history', async () => {
  const { fake, asked, pay, answer: say, settled } = await discordStage();
  const channel = fake.channel();
  const ada = fake.user('Ada');
  ada.writes(`<@${fake.self}> x`, channel);
  const record = await asked();
  await settled();
  fake.deleteChannel(channel);
  fake.block(ada);
  await say(await pay(record), answer);
  expect(fake.messages(fake.direct(ada))).toEqual([]);
  const other = fake.channel();
  ada.says('/history', other);
  await eventually(() => expect(fake.messages(other, ada).at(-1)?.content).toMatch(/x.*answered/s));
});

test('a bot that was removed and let in again answers as before', async () => {
  const { fake, asked, pay, answer: say, settled } = await discordStage();
  const channel = fake.channel();
  fake.user('Ada').writes(`<@${fake.self}> x`, channel);
  const record = await asked();
  await settled();
  fake.permit(channel, false);
  const paid = await pay(record);
  await settled();
  fake.permit(channel, true);
  await say(paid, answer);
  const [, card, ...later] = fake.messages(channel);
  expect(card?.content).not.toContain(answer);
  expect(later).toMatchObject([{ content: expect.stringContaining(answer) }]);
});

test('a send whose outcome is lost is found by its nonce, or minutes later by looking: never doubled', async () => {
  const { fake, world, asked, settled } = await discordStage();
  const channel = fake.channel();
  const ada = fake.user('Ada');
  fake.loseAnswer('POST', /^channels\/\d+\/messages$/);
  ada.writes(`<@${fake.self}> one`, channel);
  await asked(1);
  await settled();
  expect(fake.messages(channel).map(({ author }) => author.name)).toEqual(['Ada', 'Market']);
  // The mark that it was handed over is the last write; the process dies before it is noted as sent.
  await world.context.store.db
    .updateTable('parts')
    .set({ state: 'sending', message_id: null, message_key: null })
    .execute();
  await world.context.store.db.updateTable('posts').set({ shown: 0 }).execute();
  await world.restart(() => fake.forgetNonces());
  await settled();
  expect(fake.messages(channel)).toMatchObject([{ author: { name: 'Ada' } }, { author: { name: 'Market' }, edits: 2 }]);
});

test('what only one person may read is never written into a channel, however it was asked for', async () => {
  const { fake, world, settled } = await discordStage();
  const channel = fake.channel();
  const ada = fake.user('Ada');
  // As a dialogue by plain messages ends: with a link for that person's own wallet.
  const event = {
    type: 'command',
    updateId: '1576047206689931266',
    chat: { platform: 'discord', id: channel.id },
    person: { platform: 'discord', id: ada.id, name: 'Ada' },
    name: 'link',
    text: '',
    options: {},
    isPlain: true,
    direct: { platform: 'discord', id: `@${ada.id}` },
  } as const;
  await world.receive(event);
  await settled();
  const shown = (where: typeof channel) => JSON.stringify(fake.messages(where));
  expect(shown(channel)).not.toContain('/do#');
  expect(shown(fake.direct(ada))).toContain('/do#');
});
