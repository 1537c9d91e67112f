import { expect, test } from 'vitest';
import { eventually } from '../../fakes/eventually.ts';
import { startTelegramFake } from '../../fakes/telegram.ts';
import { connect, sendAll } from './setup.ts';

const quick = { burst: 100, groupPerMinute: 100, keptForMessages: 0, perSecond: 1_000 };

test('with privacy mode on: private text, replies to the bot and commands ask; other talk is not heard', async () => {
  const { fake, events } = await connect(
    (event, adapter) => sendAll(adapter, event, { text: 'answer' }).then(() => undefined),
    { pace: quick },
  );
  const ada = fake.user('Ada');
  const bob = fake.user('Bob');
  const chat = fake.group('Builders');
  ada.says('What is TellorFlex?');
  await eventually(() => expect(events).toHaveLength(1));
  expect(events[0]).toMatchObject({ name: 'ask', text: 'What is TellorFlex?', isPlain: true, isAdmin: true });
  bob.says('/ask x', { chat });
  await eventually(() => expect(fake.replies(chat)).toHaveLength(1));
  const [answer] = fake.replies(chat);
  const [question] = fake.messages(chat);
  ada.says('lunch?', { chat });
  ada.says('I mean you, Bob', { chat, ...(question && { replyTo: question }) });
  ada.says('and why?', { chat, ...(answer && { replyTo: answer }) });
  ada.says('/ask --model terse and how?', { chat, ...(answer && { replyTo: answer }) });
  await eventually(() => expect(events).toHaveLength(4));
  const group = { platform: 'telegram', id: String(chat.id) };
  const repliesTo = { chat: group, id: String(answer?.id) };
  expect(events[2]).toMatchObject({ name: 'ask', text: 'and why?', isPlain: true, repliesTo });
  expect(events[3]).toMatchObject({ name: 'ask', text: '--model terse and how?', repliesTo });
  expect(events[3]).not.toHaveProperty('isPlain');
  expect(events[3]).not.toHaveProperty('isAdmin');
});

test('with privacy mode off a mention asks, and talk that is not meant for the bot still doesn’t', async () => {
  const fake = await startTelegramFake({ privacy: false });
  const { events, stop } = await connect(() => undefined, { fake });
  const chat = fake.group('Builders');
  const ada = fake.user('Ada');
  ada.says('lunch?', { chat });
  ada.says('@market_bot, what is TellorFlex?', { chat });
  ada.says('ask @market_bot about it', { chat });
  await eventually(() => expect(events).toHaveLength(2));
  expect(events.map((event) => event.type === 'command' && event.text)).toEqual([
    'what is TellorFlex?',
    'ask @market_bot about it',
  ]);
  await stop();
  await fake.stop();
});

test('a topic is a thread of its group; the message that opened it is nobody’s answer', async () => {
  const { fake, events } = await connect(() => undefined);
  const chat = fake.group('Builders', { forum: true });
  fake.user('Ada').says('/ask x', { chat, thread: 12 });
  await eventually(() => expect(events).toHaveLength(1));
  expect(events[0]).toMatchObject({ chat: { id: String(chat.id), thread: '12' } });
  expect(events[0]).not.toHaveProperty('repliesTo');
});

test('files come through the Bot API: a workload with its question, a text in a private chat, refusals with the reason', async () => {
  const { fake, events } = await connect(() => undefined);
  const ada = fake.user('Ada');
  const script = 'prompt = "x"\ninput = "y"\n';
  ada.says('/ask one two', { file: { name: 'own.py', content: script } });
  ada.says('', { file: { name: 'notes.txt', content: 'Grüße 🦊' } });
  ada.says('see', { file: { name: 'big.txt', content: 'x'.repeat(64_001) } });
  ada.says('see', { file: { name: 'bad.txt', content: new Uint8Array([0x61, 0xff]) } });
  await eventually(() => expect(events).toHaveLength(4));
  expect(events).toMatchObject([
    { name: 'ask', text: 'one two', attachments: [{ name: 'own.py', text: script }] },
    { name: 'ask', text: '', isPlain: true, attachments: [{ name: 'notes.txt', text: 'Grüße 🦊' }] },
    { attachments: [{ name: 'big.txt', refused: 'tooLarge' }] },
    { attachments: [{ name: 'bad.txt', refused: 'notText' }] },
  ]);
});

test('who administers a group is Telegram’s word, asked once a minute; when it can’t be asked nobody does', async () => {
  const { fake, events } = await connect(() => undefined);
  const ada = fake.user('Ada');
  const bob = fake.user('Bob');
  const chat = fake.group('Builders', { admins: [ada.id] });
  const other = fake.group('Others', { admins: [ada.id] });
  ada.says('/model x', { chat });
  bob.says('/model x', { chat });
  await eventually(() => expect(events).toHaveLength(2));
  fake.refuse('getChatAdministrators', 400, 'Bad Request: member list is inaccessible');
  ada.says('/model x', { chat: other });
  await eventually(() => expect(events).toHaveLength(3));
  expect(events.map(({ isAdmin }) => isAdmin)).toEqual([true, undefined, undefined]);
  expect(fake.calls.filter(({ method }) => method === 'getChatAdministrators')).toHaveLength(2);
});

test('who is in the group is asked anew for each event: whoever leaves is no member at once', async () => {
  const { fake, events } = await connect(() => undefined);
  const ada = fake.user('Ada');
  const bob = fake.user('Bob');
  const left: number[] = [];
  const chat = fake.group('Builders');
  chat.left = left;
  ada.says('/model x', { chat });
  await eventually(() => expect(events).toHaveLength(1));
  left.push(ada.id);
  ada.says('/model x', { chat });
  ada.says('/model x');
  await eventually(() => expect(events).toHaveLength(3));
  fake.refuse('getChatMember', 400, 'Bad Request: member list is inaccessible');
  bob.says('/model x', { chat });
  await eventually(() => expect(events).toHaveLength(4));
  expect(events.map(({ group }) => group)).toEqual([String(chat.id), undefined, undefined, undefined]);
});

test('what a link to the bot carries comes behind /start', async () => {
  const { fake, events } = await connect(() => undefined);
  const ada = fake.user('Ada');
  ada.says('/start');
  ada.says('/start model_12');
  await eventually(() => expect(events).toHaveLength(2));
  expect(events.map((event) => event.type === 'command' && [event.name, event.text])).toEqual([
    ['help', ''],
    ['start', 'model_12'],
  ]);
});
