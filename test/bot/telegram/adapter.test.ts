import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { DeliveryError, type MessageRef } from '../../../bot/core/types.ts';
import { createTelegramAdapter } from '../../../bot/telegram/adapter.ts';
import { eventually } from '../../fakes/eventually.ts';
import { startTelegramFake } from '../../fakes/telegram.ts';
import { connect, sendAll } from './setup.ts';

const quick = { burst: 100, groupPerMinute: 100, keptForMessages: 0, perSecond: 1_000 };

test('a command becomes an event, its answer a reply with buttons, then an edit', async () => {
  const { fake, adapter, events } = await connect((event, adapter) =>
    sendAll(adapter, event, {
      text: '**Echo** costs 0.25 LANG.',
      footer: 'host 0x12 · [report](https://scan.example/0x1)',
      buttons: [
        { type: 'link', label: 'Pay 0.25 LANG', url: 'https://market.example/pay/abc' },
        { type: 'press', label: 'Cancel', data: 'c:1' },
      ],
    }).then(() => undefined),
  );
  expect(adapter.status().line).toBe('connected as @market_bot');
  expect(adapter.connection?.()).toMatchObject({ by: 'polling', since: expect.any(Number) });
  const ada = fake.user('Ada');
  ada.says('/ask What is TellorFlex?');
  await eventually(() => expect(fake.replies(ada.chat)).toHaveLength(1));
  expect(events).toMatchSnapshot();
  const [reply] = fake.replies(ada.chat);
  expect(reply).toMatchSnapshot();
  await adapter.edit(
    { chat: { platform: 'telegram', id: String(ada.chat.id) }, id: String(reply?.id) },
    adapter.render({ text: 'Paid.' })[0] ?? { payload: '' },
  );
  expect(fake.replies(ada.chat)[0]).toMatchObject({ text: 'Paid.', keyboard: [], edits: 1 });
});

test('in a group: addressed commands, commands of ours, none of other bots, topics kept', async () => {
  const { fake, events } = await connect(
    (event, adapter) => sendAll(adapter, event, { text: `got ${event.updateId}` }).then(() => undefined),
    { pace: quick },
  );
  const ada = fake.user('Ada');
  const chat = fake.group('Builders', { forum: true });
  ada.says('/ask@market_bot one', { chat, thread: 12 });
  ada.says('/ask@another_bot two', { chat });
  ada.says('/weather', { chat });
  ada.says('just talking about /ask', { chat });
  ada.says('/MODELS', { chat });
  await eventually(() => expect(fake.replies(chat)).toHaveLength(2));
  expect(events.map((event) => event.type === 'command' && [event.name, event.text, event.chat.thread])).toEqual([
    ['ask', 'one', '12'],
    ['models', '', undefined],
  ]);
  expect(fake.replies(chat).map(({ thread }) => thread)).toEqual([12, undefined]);
});

test('a press is acknowledged at once and carries its data and message', async () => {
  const { fake, events } = await connect(async (event, adapter) => {
    if (event.type === 'command')
      await sendAll(adapter, event, {
        text: 'Choose',
        buttons: [{ type: 'press', label: 'Models', data: 'c:models' }],
      });
  });
  const ada = fake.user('Ada');
  const bob = fake.user('Bob');
  ada.says('/start');
  await eventually(() => expect(fake.replies(ada.chat)).toHaveLength(1));
  const [message] = fake.replies(ada.chat);
  if (message) bob.presses(message, 'Models');
  await eventually(() => expect(events).toHaveLength(2));
  expect(events[0]).toMatchObject({ type: 'command', name: 'help' });
  expect(events[1]).toMatchObject({
    type: 'press',
    data: 'c:models',
    person: { id: String(bob.id), name: 'Bob' },
    message: { id: String(message?.id) },
  });
  await eventually(() => expect(fake.answeredPresses()).toBe(1));
});

test('hostile and long answers arrive whole, ping nobody, and offer no command', async () => {
  const answer = `@everyone @alice <@1> /pay@market_bot /start *unclosed \`\`\`js\n${'code line\n'.repeat(900)}\u202e \ud800 ${'שלום '.repeat(500)}${'x'.repeat(5_000)}`;
  const { fake } = await connect(
    (event, adapter) => sendAll(adapter, event, { text: 'Answer:', answer, footer: 'fin' }).then(() => undefined),
    { pace: quick },
  );
  const ada = fake.user('Ada');
  ada.says('/ask');
  await eventually(() => expect(fake.replies(ada.chat).at(-1)?.text).toMatch(/fin$/));
  const parts = fake.replies(ada.chat);
  expect(parts.length).toBeGreaterThan(3);
  expect(fake.live(ada.chat)).toEqual([]);
  expect(
    parts
      .map(({ text }) => text)
      .join('')
      .match(/code line/g),
  ).toHaveLength(900);
});

const bars = { alt: 'Bars', bars: [{ number: 1, value: '12 LANG', share: 1 }] };

test('a picture goes as a photo under its message and is replaced as one', async () => {
  const { fake, adapter, events } = await connect((event, adapter) =>
    sendAll(adapter, event, { text: 'Spent', file: { name: 'spent.png', picture: bars } }).then(() => undefined),
  );
  const ada = fake.user('Ada');
  ada.says('/history');
  await eventually(() => expect(fake.replies(ada.chat)).toHaveLength(2));
  const [text, photo] = fake.replies(ada.chat);
  expect(text).toMatchObject({ text: 'Spent' });
  expect(photo).toMatchObject({ isPhoto: true, file: { name: 'spent.png' } });
  expect(photo?.file?.text).toMatch(/^\uFFFDPNG/);
  const part = adapter.render({ text: '', file: { name: 'spent.png', picture: { ...bars, bars: [] } } }).at(-1);
  if (part && photo && events[0]) await adapter.edit({ chat: events[0].chat, id: String(photo.id) }, part);
  expect(fake.replies(ada.chat)[1]).toMatchObject({ edits: 1, isPhoto: true });
});

test('an answer too long for a few messages is attached, byte for byte, under its beginning', async () => {
  const answer = `# Long\n\n${'Ünïcödé 👩‍👩‍👧 <b> \t '.repeat(2_000)}`;
  const { fake, adapter } = await connect((event, adapter) =>
    sendAll(adapter, event, { text: 'Answer:', answer, footer: 'fin' }).then(() => undefined),
  );
  const ada = fake.user('Ada');
  ada.says('/ask');
  await eventually(() => expect(fake.replies(ada.chat)).toHaveLength(2));
  const [text, file] = fake.replies(ada.chat);
  expect(text?.text).toMatch(
    /^Answer:\n\nLong\nÜnïcödé[\s\S]* …\n\n📎 The answer is long \([\d,]+ characters\)[\s\S]*fin$/,
  );
  expect(file?.file).toMatchObject({ name: 'answer.md', text: answer });
  const refs = fake
    .replies(ada.chat)
    .map(({ id }) => ({ chat: { platform: 'telegram' as const, id: String(ada.chat.id) }, id: String(id) }));
  const [first, second] = adapter.render({ text: 'Other:', answer: `${answer}!` });
  if (first && second && refs[0] && refs[1]) {
    await adapter.edit(refs[1], second);
    await expect(adapter.edit(refs[1], first)).rejects.toMatchObject({ kind: 'gone' });
    await expect(adapter.edit(refs[0], second)).rejects.toMatchObject({ kind: 'gone' });
  }
  expect(fake.replies(ada.chat)[1]?.file?.text).toBe(`${answer}!`);
});

test('an address on this machine is text, never a button that Telegram refuses', async () => {
  const { fake } = await connect(
    (event, adapter) =>
      sendAll(adapter, event, {
        text: 'Pay first.',
        footer: 'small print',
        buttons: [
          { type: 'link', label: 'Pay', url: 'http://127.0.0.1:8080/pay/x_y' },
          { type: 'press', label: 'Help', data: 'c:help' },
        ],
      }).then(() => undefined),
    { publicUrlIsHttps: false },
  );
  const ada = fake.user('Ada');
  ada.says('/ask x');
  await eventually(() => expect(fake.replies(ada.chat)).toHaveLength(1));
  expect(fake.replies(ada.chat)[0]?.text).toBe('Pay first.\n\nPay: http://127.0.0.1:8080/pay/x_y\n\nsmall print');
  expect(
    fake
      .replies(ada.chat)[0]
      ?.keyboard.flat()
      .map(({ text }) => text),
  ).toEqual(['Help']);
});

test('an update is confirmed only when it was handled, tried again when that failed, and comes again after a stop', async () => {
  let failures = 2;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const fake = await startTelegramFake();
  onTestFinished(() => fake.stop());
  const ada = fake.user('Ada');
  const first = await connect(
    async (event) => {
      if (event.type === 'command' && event.text === 'hold') await held;
      else if (failures-- > 0) throw new Error('database is locked');
    },
    { fake },
  );
  ada.says('/ask fail');
  await eventually(() => expect(fake.pending()).toBe(0));
  expect(first.events.map(({ updateId }) => updateId)).toEqual(['1000', '1000', '1000']);
  const held1 = ada.says('/ask hold');
  await eventually(() => expect(first.events).toHaveLength(4));
  expect(fake.pending()).toBe(1);
  const stopping = first.stop();
  release();
  await stopping;
  expect(fake.pending()).toBe(1);
  const second = await connect(() => undefined, { fake });
  await eventually(() => expect(second.events.map(({ updateId }) => updateId)).toEqual([String(held1.update_id)]));
  await eventually(() => expect(fake.pending()).toBe(0));
  fake.repeat(held1);
  await eventually(() => expect(second.events).toHaveLength(2));
  expect(second.events[1]).toEqual(second.events[0]);
});

test('failures say what to do next', async () => {
  const { fake, adapter } = await connect(() => undefined, { pace: quick });
  const ada = fake.user('Ada');
  const chat = { platform: 'telegram', id: String(ada.chat.id) } as const;
  const part = adapter.render({ text: 'hello' })[0] ?? { payload: '' };
  const kindOf = (failing: Promise<unknown>) =>
    failing.then(
      () => 'sent',
      (error: unknown) => (error instanceof DeliveryError ? error.kind : String(error)),
    );
  const ref: MessageRef = await adapter.send(chat, part, { nonce: '1' });
  await adapter.edit(ref, part);
  fake.refuse('sendMessage', 502, 'Bad Gateway');
  expect(await kindOf(adapter.send(chat, part, { nonce: '2' }))).toBe('unknown');
  fake.drop('sendMessage');
  expect(await kindOf(adapter.send(chat, part, { nonce: '3' }))).toBe('unknown');
  fake.refuse('sendMessage', 400, 'Bad Request: group chat was upgraded to a supergroup chat', {
    migrate_to_chat_id: ada.chat.id,
  });
  expect(await kindOf(adapter.send({ ...chat, id: '-5' }, part, { nonce: '4' }))).toBe('sent');
  expect(await kindOf(adapter.send({ ...chat, id: '999' }, part, { nonce: '5' }))).toBe('gone');
  expect(await kindOf(adapter.edit({ chat, id: '77777' }, part))).toBe('gone');
  expect(await kindOf(adapter.send(chat, part, { nonce: '6', replyTo: { chat, id: '77777' } }))).toBe('sent');
  fake.block(ada.chat);
  expect(await kindOf(adapter.send(chat, part, { nonce: '7' }))).toBe('gone');
  fake.refuse('sendMessage', 400, 'Bad Request: strange');
  expect(await kindOf(adapter.send(chat, part, { nonce: '8' }))).toBe(
    'Error: Telegram says to sendMessage: 400 Bad Request: strange',
  );
});

test('a wrong token ends the start with what to do; neither log nor error holds the token', async () => {
  const fake = await startTelegramFake();
  onTestFinished(() => fake.stop());
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const wrong = createTelegramAdapter({
    token: '1:wrong-token-of-nobody',
    apiRoot: fake.url,
    publicUrlIsHttps: true,
    log,
  });
  await expect(wrong.start(async () => undefined)).rejects.toThrow(
    'Telegram does not know this bot token: copy it again from @BotFather',
  );
  expect(wrong.status().line).toMatch(/does not know/);
  const cut = createTelegramAdapter({ token: fake.token, apiRoot: 'http://127.0.0.1:9', publicUrlIsHttps: true, log });
  const starting = cut.start(async () => undefined).catch((error: unknown) => error);
  await eventually(() => expect(cut.status().line).toMatch(/not reachable/));
  await cut.stop();
  expect(lines.join() + JSON.stringify([await starting, String(await starting)])).not.toMatch(/wrong-token|AAtest/);
});

test('a second program with the same token is named', async () => {
  const fake = await startTelegramFake();
  onTestFinished(() => fake.stop());
  const first = await connect(() => undefined, { fake });
  await eventually(() => expect(fake.calls.some(({ method }) => method === 'getUpdates')).toBe(true));
  await connect(() => undefined, { fake });
  await eventually(() => expect(first.adapter.status().line).toMatch(/another program is polling/));
});
