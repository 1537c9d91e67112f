import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { commands } from '../../../bot/core/commands/table.ts';
import { DeliveryError, type MessageRef, type Part } from '../../../bot/core/types.ts';
import { createDiscordAdapter } from '../../../bot/discord/adapter.ts';
import { startDiscordFake, tooMany } from '../../fakes/discord.ts';
import { eventually } from '../../fakes/eventually.ts';
import { connect, sendAll } from './setup.ts';

const stable = (text: string) => text.replace(/\d{15,}/g, '<id>');
const kindOf = (failing: Promise<unknown>) =>
  failing.then(
    () => 'sent',
    (error: unknown) => (error instanceof DeliveryError ? error.kind : String(error)),
  );

test('commands are registered for servers, direct messages and people', async () => {
  const { fake, adapter } = await connect(() => undefined);
  expect(adapter.status().line).toBe('connected as Market');
  expect(fake.gateway.identifies).toEqual([{ intents: 1 + 512 + 4096, shard: [0, 1] }]);
  const named = fake.commands().map((command) => z.looseObject({ name: z.string() }).parse(command));
  expect(named.map(({ name }) => name)).toEqual([...commands.map(({ name }) => name), 'Ask about this message']);
  expect(named.filter(({ name }) => /^[aA]sk/.test(name))).toMatchSnapshot();
});

test('an application without user install gets its commands for servers', async () => {
  const fake = await startDiscordFake();
  onTestFinished(() => fake.stop());
  fake.refuse('PUT', /commands$/, 400, 50035, 'Invalid Form Body');
  const { adapter } = await connect(() => undefined, { fake });
  expect(adapter.status().line).toBe('connected as Market');
  expect(fake.commands()).toContainEqual(
    expect.objectContaining({ name: 'ask', integration_types: [0], contexts: [0, 1] }),
  );
});

test('a start that fails half-way leaves no connection behind', async () => {
  const fake = await startDiscordFake();
  onTestFinished(() => fake.stop());
  for (let times = 0; times < 2; times++) fake.refuse('PUT', /commands$/, 400, 50035, 'Invalid Form Body');
  const adapter = createDiscordAdapter({ token: fake.token, restApi: fake.url, log: pino({ level: 'silent' }) });
  await expect(adapter.start(async () => undefined)).rejects.toThrow('Discord says: 400 Invalid Form Body');
  await eventually(() => expect(fake.gateway.connected()).toBe(false));
});

test('a command is acknowledged before it is worked on, answered in place, edited, and answered late by a reply', async () => {
  let isAcknowledged = false;
  const { fake, adapter, events } = await connect((event, adapter) => {
    isAcknowledged ||= asked.acknowledgedAfter !== undefined;
    return sendAll(adapter, event, {
      text: '**Echo** costs 0.25 LANG.',
      footer: 'host 0x12 · [report](https://scan.example/0x1)',
      buttons: [
        { type: 'link', label: 'Pay 0.25 LANG', url: 'https://market.example/pay/abc' },
        { type: 'press', label: 'Cancel', data: 'c:1' },
      ],
    });
  });
  const channel = fake.channel();
  const ada = fake.user('Ada');
  const asked = ada.says('/ask What is TellorFlex?', channel, { model: 'echo' });
  await eventually(() => expect(fake.messages(channel)[0]?.thinking).toBe(false));
  expect(isAcknowledged).toBe(true);
  expect(events[0]).toEqual({
    type: 'command',
    updateId: asked.id,
    name: 'ask',
    text: 'What is TellorFlex?',
    options: { model: 'echo' },
    locale: 'en-US',
    roles: [],
    group: expect.stringMatching(/^\d+$/),
    chat: { platform: 'discord', id: channel.id },
    person: { platform: 'discord', id: ada.id, name: 'Ada' },
  });
  const [card] = fake.messages(channel);
  expect(stable(JSON.stringify(card, null, 1))).toMatchSnapshot();
  const chat = { platform: 'discord', id: channel.id } as const;
  const ref: MessageRef = { chat, id: card?.id ?? '' };
  const part = (text: string) => adapter.render({ text })[0] as Part;
  fake.expire(asked);
  await adapter.edit(ref, part('Paid.'));
  expect(fake.messages(channel)[0]).toMatchObject({ content: 'Paid.', buttons: [] });
  await adapter.send(chat, part('The answer'), { nonce: 'n1', replyTo: ref });
  await adapter.send(chat, part('The answer'), { nonce: 'n1', replyTo: ref });
  expect(fake.messages(channel).map(({ content, replyTo }) => [content, replyTo])).toEqual([
    ['Paid.', undefined],
    ['The answer', ref.id],
  ]);
});

test('help and models are seen by one person alone, in all their parts', async () => {
  const { fake } = await connect((event, adapter) => sendAll(adapter, event, { text: 'line of help\n'.repeat(300) }));
  const channel = fake.channel();
  const ada = fake.user('Ada');
  ada.says('/models cheap', channel);
  await eventually(() => expect(fake.messages(channel, ada)).toHaveLength(2));
  expect(fake.messages(channel)).toEqual([]);
});

test('a note for one person replaces the public "thinking…"; a press gets a note of its own', async () => {
  const { fake, events } = await connect(async (event, adapter) => {
    const [part] = adapter.render({
      text: `not you, ${event.type}`,
      buttons: [{ type: 'press', label: 'Again', data: 'c:again' }],
    });
    if (part)
      await adapter.send(event.chat, part, { updateId: event.updateId, nonce: event.updateId, onlyFor: event.person });
  });
  const channel = fake.channel();
  const ada = fake.user('Ada');
  const bob = fake.user('Bob');
  ada.says('/ask x', channel);
  await eventually(() =>
    expect(fake.messages(channel, ada).map(({ content }) => content)).toEqual(['not you, command']),
  );
  expect(fake.messages(channel, bob)).toEqual([]);
  const [note] = fake.messages(channel, ada);
  const press = note && bob.presses(note, 'Again', channel);
  await eventually(() => expect(fake.messages(channel, bob).map(({ content }) => content)).toEqual(['not you, press']));
  expect(press?.acknowledgedAfter).toBeDefined();
  expect(events[1]).toMatchObject({
    type: 'press',
    data: 'c:again',
    message: { id: note?.id },
    person: { name: 'Bob' },
  });
});

test('threads, direct messages, the message menu', async () => {
  const { fake, events } = await connect((event, adapter) => sendAll(adapter, event, { text: 'ok' }));
  const channel = fake.channel();
  const thread = fake.channel('thread', { parent: channel });
  const direct = fake.channel('dm');
  const ada = fake.user('Ada');
  ada.says('/ask in a thread', thread);
  ada.says('/ask in private', direct);
  ada.picks('Ask about this message', 'quoted text', channel);
  await eventually(() => expect(events).toHaveLength(3));
  expect(events.map(({ chat }) => chat)).toEqual([
    { platform: 'discord', id: channel.id, thread: thread.id },
    { platform: 'discord', id: direct.id },
    { platform: 'discord', id: channel.id },
  ]);
  expect(events[2]).toMatchObject({ name: 'ask', options: { prompt: 'quoted text' } });
  await eventually(() => expect(fake.messages(thread)[0]?.content).toBe('ok'));
});

test('where only a person brought the bot along, everything goes through the interaction while it lasts', async () => {
  const { fake, adapter, events } = await connect((event, adapter) =>
    sendAll(adapter, event, { text: 'word '.repeat(600) }),
  );
  const channel = fake.channel('guild', { visible: false });
  const asked = fake.user('Ada').says('/ask x', channel);
  await eventually(() => expect(fake.messages(channel)).toHaveLength(2));
  const part = adapter.render({ text: 'Paid.' })[0] as Part;
  const chat = events[0]?.chat ?? { platform: 'discord', id: '' };
  const ref: MessageRef = { chat, id: fake.messages(channel)[0]?.id ?? '' };
  await adapter.edit(ref, part);
  expect(fake.messages(channel)[0]?.content).toBe('Paid.');
  fake.expire(asked);
  expect(await kindOf(adapter.edit(ref, part))).toBe('gone');
  expect(await kindOf(adapter.send({ platform: 'discord', id: channel.id }, part, { nonce: 'late' }))).toBe('gone');
  expect(adapter.status().line).toMatch(/may not write in channel \d+: it needs View Channel/);
});

test('after a restart: an answer of before is found and changed, never doubled; where there was none it is an ordinary message', async () => {
  const fake = await startDiscordFake();
  onTestFinished(() => fake.stop());
  const channel = fake.channel();
  const first = await connect(
    (event, adapter) => event.type === 'command' && event.text === 'one' && sendAll(adapter, event, { text: 'card' }),
    { fake },
  );
  const ada = fake.user('Ada');
  const [one, two] = [ada.says('/ask one', channel), ada.says('/ask two', channel)];
  await eventually(() => expect(fake.messages(channel).map(({ content }) => content)).toEqual(['card', '']));
  await first.adapter.stop();
  const second = await connect(() => undefined, { fake });
  const chat = { platform: 'discord', id: channel.id } as const;
  const part = (text: string) => second.adapter.render({ text })[0] as Part;
  const ref = await second.adapter.send(chat, part('card, again'), { nonce: 'n1', updateId: one.id });
  await second.adapter.send(chat, part('the other card'), { nonce: 'n2', updateId: two.id });
  await second.adapter.edit(ref, part('paid'));
  expect(fake.messages(channel).map(({ content }) => content)).toEqual(['paid', '', 'the other card']);
});

test('three hundred commands at once are all acknowledged within Discord’s 3 seconds', async () => {
  const { fake, events } = await connect(() => undefined);
  const asked = Array.from({ length: 300 }, (_, index) => fake.user(`User ${index}`).says('/ask x', fake.channel()));
  await eventually(() => expect(asked.every(({ acknowledgedAfter }) => acknowledgedAfter !== undefined)).toBe(true));
  await eventually(() => expect(events).toHaveLength(300));
});

test('while handling keeps the process busy for longer than Discord waits, commands are still acknowledged in time', async () => {
  const { fake, events } = await connect(() => {
    // The event loop stands still, as under a burst of work.
    const until = performance.now() + 25;
    while (performance.now() < until);
  });
  const asked = Array.from({ length: 140 }, (_, index) => fake.user(`User ${index}`).says('/ask x', fake.channel()));
  await eventually(() => expect(events).toHaveLength(140), 60_000);
  expect(asked.filter(({ acknowledgedAfter }) => acknowledgedAfter === undefined)).toEqual([]);
});

test('model names are completed within Discord’s limits', async () => {
  const suggest = (command: string, typed: string) =>
    Array.from({ length: 40 }, (_, index) => ({
      value: `${typed}${index}`,
      label: `${command} ${'long '.repeat(30)}`,
      detail: '0.25 LANG',
    }));
  const { fake } = await connect(() => undefined, { suggest });
  const asked = fake.user('Ada').types('gp', fake.channel());
  await eventually(() => expect(asked.choices).toHaveLength(25));
  expect(asked.choices?.[3]?.value).toBe('gp3');
  expect(asked.choices?.every(({ name }) => name.length <= 100)).toBe(true);
});

test('hostile and long answers arrive whole, ping nobody, and show no live markup', async () => {
  const answer = `@everyone <@1> <@&2> <#3> <:a:4> </ask:5> <t:6:R> [good](https://evil.example) \`\`\`js\n${'code line\n'.repeat(250)}\u202e \ud800 ${'שלום '.repeat(200)}${'x'.repeat(4_000)}`;
  const { fake } = await connect((event, adapter) =>
    sendAll(adapter, event, { text: 'Answer:', answer, footer: 'fin' }),
  );
  const channel = fake.channel();
  fake.user('Ada').says('/ask x', channel);
  await eventually(() => expect(fake.messages(channel).at(-1)?.content).toMatch(/-# fin$/));
  const parts = fake.messages(channel);
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.flatMap(({ live }) => live)).toEqual([]);
  expect(parts.every(({ suppressed }) => suppressed)).toBe(true);
  expect(
    parts
      .map(({ content }) => content)
      .join('')
      .match(/code line/g),
  ).toHaveLength(250);
  expect(parts[0]?.content).toContain('good (<https://evil.example/>)');
});

test('a picture goes along with the message, with words for who cannot see it', async () => {
  const picture = { alt: 'Bars', bars: [{ number: 1, value: '12 LANG', share: 1 }] };
  const { fake } = await connect((event, adapter) =>
    sendAll(adapter, event, { text: 'Spent', file: { name: 'spent.png', picture } }),
  );
  const channel = fake.channel();
  fake.user('Ada').says('/ask x', channel);
  await eventually(() => expect(fake.messages(channel)[0]).toMatchObject({ content: 'Spent' }));
  const [file] = fake.messages(channel)[0]?.files ?? [];
  expect(file).toMatchObject({ name: 'spent.png', description: 'Bars' });
  expect(file?.text).toMatch(/^\uFFFDPNG/);
});

test('an answer too long for a few messages is attached, byte for byte, under its beginning', async () => {
  const answer = `# Long\n\n${'Ünïcödé 👩‍👩‍👧 <b> \t '.repeat(1_000)}`;
  const { fake, adapter, events } = await connect((event, adapter) =>
    sendAll(adapter, event, { text: 'Answer:', answer, footer: 'fin' }),
  );
  const channel = fake.channel();
  fake.user('Ada').says('/ask x', channel);
  await eventually(() => expect(fake.messages(channel)).toHaveLength(2));
  const [text, file] = fake.messages(channel);
  expect(text?.content).toMatch(
    /^Answer:\n\n# Long\nÜnïcödé[\s\S]* …\n\n-# 📎 The answer is long \([\d,]+ characters\)[\s\S]*\n-# fin$/,
  );
  expect(file).toMatchObject({ content: '', files: [{ name: 'answer.md', text: answer }] });
  const [, part] = adapter.render({ text: 'Other:', answer: `${answer}!` });
  if (part && file && events[0]) await adapter.edit({ chat: events[0].chat, id: file.id }, part);
  expect(fake.messages(channel)[1]?.files).toMatchObject([{ name: 'answer.md', text: `${answer}!` }]);
});

test('failures say what to do next', async () => {
  const { fake, adapter } = await connect(() => undefined);
  const channel = fake.channel();
  const chat = { platform: 'discord', id: channel.id } as const;
  const part = adapter.render({ text: 'hello' })[0] as Part;
  const ref = await adapter.send(chat, part, { nonce: '1' });
  fake.refuseWith('POST', /messages$/, tooMany(0.2));
  expect(await kindOf(adapter.send(chat, part, { nonce: '2' }))).toBe('sent');
  for (let times = 0; times < 3; times++) fake.refuse('POST', /messages$/, 502, 0, 'Bad Gateway');
  expect(await kindOf(adapter.send(chat, part, { nonce: '3' }))).toBe('unknown');
  expect(await kindOf(adapter.send({ ...chat, id: '1' }, part, { nonce: '4' }))).toBe('gone');
  expect(await kindOf(adapter.send(chat, part, { nonce: '5', replyTo: { chat, id: '77' } }))).toBe('sent');
  fake.refuse('POST', /messages$/, 403, 50013, 'Missing Permissions');
  expect(await kindOf(adapter.send(chat, part, { nonce: '6' }))).toBe('gone');
  expect(adapter.status().line).toMatch(/may not write/);
  const [message] = fake.messages(channel);
  if (message) fake.deleteMessage(message);
  expect(await kindOf(adapter.edit(ref, part))).toBe('gone');
  fake.refuse('POST', /messages$/, 400, 50035, 'Invalid Form Body');
  expect(await kindOf(adapter.send(chat, part, { nonce: '7' }))).toMatch(/^Error: Discord says: 400/);
});

test('of edits that come while one is made, only the latest is made next', async () => {
  const { fake, adapter } = await connect(() => undefined);
  const channel = fake.channel();
  const chat = { platform: 'discord', id: channel.id } as const;
  const part = (text: string) => adapter.render({ text })[0] as Part;
  const ref = await adapter.send(chat, part('card'), { nonce: '1' });
  await Promise.all(['paid', 'taken', 'answered'].map((text) => adapter.edit(ref, part(text))));
  expect(fake.messages(channel)[0]).toMatchObject({ content: 'answered', edits: 2 });
});

test('an event is handed over again when handling it failed, and once more when Discord repeats it after a lost connection', async () => {
  let failures = 2;
  const { fake, adapter, events } = await connect(() => {
    if (failures-- > 0) throw new Error('database is locked');
  });
  const channel = fake.channel();
  const ada = fake.user('Ada');
  ada.says('/ask x', channel);
  await eventually(() => expect(events).toHaveLength(3));
  expect(new Set(events.map(({ updateId }) => updateId)).size).toBe(1);
  fake.gateway.cut();
  const since = adapter.connection?.()?.since;
  expect(adapter.connection?.()).toEqual({ by: 'gateway', since: expect.any(Number) });
  expect(since).toBeGreaterThan(1_700_000_000);
  await eventually(() => expect(adapter.status().line).toMatch(/reconnecting/));
  expect(adapter.connection?.()).toBeUndefined();
  const missed = ada.says('/ask while away', channel);
  await eventually(() => expect(events.at(-1)?.updateId).toBe(missed.id));
  expect(fake.gateway.resumes()).toBe(1);
  await eventually(() => expect(adapter.status().line).toBe('connected as Market'));
});

test('an acknowledgement that came too late does not lose the answer: it is an ordinary message', async () => {
  const { fake } = await connect((event, adapter) => sendAll(adapter, event, { text: 'here' }));
  const channel = fake.channel();
  fake.refuse('POST', /^interactions/, 404, 10062, 'Unknown interaction');
  fake.user('Ada').says('/ask x', channel);
  await eventually(() =>
    expect(fake.messages(channel).map(({ content, thinking }) => [content, thinking])).toEqual([['here', false]]),
  );
});

test('a wrong token or a refused intent ends the start with what to do; neither log nor error holds the token', async () => {
  const fake = await startDiscordFake();
  onTestFinished(() => fake.stop());
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const wrong = createDiscordAdapter({ token: 'wrong.token.of-nobody', restApi: fake.url, log });
  await expect(wrong.start(async () => undefined)).rejects.toThrow('Discord does not know this bot token');
  expect(wrong.status().line).toMatch(/does not know/);
  fake.gateway.forbid(1);
  const refused = createDiscordAdapter({ token: fake.token, restApi: fake.url, log });
  await expect(refused.start(async () => undefined)).rejects.toThrow('Discord refuses the intents');
  const cut = createDiscordAdapter({ token: fake.token, restApi: 'http://127.0.0.1:9/api', log });
  const starting = cut.start(async () => undefined).catch((error: unknown) => error);
  await eventually(() => expect(cut.status().line).toMatch(/not reachable/));
  await cut.stop();
  expect(lines.join() + JSON.stringify([await starting, String(await starting)])).not.toMatch(/of-nobody|fake-token/);
});
