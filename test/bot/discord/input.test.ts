import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Language, languageOfTag, languages, translator } from '../../../bot/core/I18n.ts';
import { startDiscordFake } from '../../fakes/discord.ts';
import { eventually } from '../../fakes/eventually.ts';
import { connect, sendAll } from './setup.ts';

test('a mention, a reply and a direct message are questions; other talk is not', async () => {
  const { fake, events } = await connect((event, adapter) =>
    sendAll(adapter, event, { text: `to ${event.type === 'command' && event.text}` }),
  );
  const channel = fake.channel();
  const thread = fake.channel('thread', { parent: channel });
  const direct = fake.channel('dm');
  const ada = fake.user('Ada', { roles: ['77'] });
  const bob = fake.user('Bob');
  bob.writes('lunch?', channel);
  bob.writes(`hello <@${ada.id}>`, channel);
  ada.writes(`<@${fake.self}> what does <@${bob.id}> mean by TellorFlex?`, channel);
  await eventually(() =>
    expect(fake.messages(channel).at(-1)?.content).toMatch(/^to what does .*bob mean by TellorFlex/),
  );
  const answer = fake.messages(channel).at(-1);
  expect(answer?.replyTo).toBe(fake.messages(channel)[2]?.id);
  const reply = bob.writes('and why?', channel, { ...(answer && { replyTo: answer }) });
  bob.writes('not meant for it', channel, { ...(answer && { replyTo: answer }), ping: false });
  bob.writes(`Hi <@!${fake.self}>`, thread);
  ada.writes('in private', direct);
  await eventually(() => expect(events).toHaveLength(4));
  const base = { type: 'command', name: 'ask', options: {}, isPlain: true };
  const [mention] = events;
  const [replied, threaded, alone] = ['and why?', 'Hi', 'in private'].map((text) =>
    events.find((event) => event.type === 'command' && event.text === text),
  );
  expect(mention).toMatchObject({ ...base, roles: ['77'], person: { id: ada.id, name: 'Ada' } });
  const chat = { platform: 'discord', id: channel.id };
  expect(replied).toEqual({
    ...base,
    updateId: reply.id,
    text: 'and why?',
    chat,
    person: { platform: 'discord', id: bob.id, name: 'Bob' },
    roles: [],
    direct: { platform: 'discord', id: `@${bob.id}` },
    group: expect.stringMatching(/^\d+$/),
    message: { chat, id: reply.id },
    repliesTo: { chat, id: answer?.id },
  });
  expect(threaded).toMatchObject({ ...base, text: 'Hi', chat: { ...chat, thread: thread.id } });
  expect(alone).toMatchObject({ ...base, text: 'in private', chat: { id: direct.id }, isAdmin: true });
});

test('a message in a thread that Discord won’t name is heard once it does', async () => {
  const { fake, events } = await connect(() => undefined);
  const thread = fake.channel('thread', { parent: fake.channel() });
  for (let times = 0; times < 3; times++) fake.refuse('GET', /^channels\/\d+$/, 502, 0, 'Bad Gateway');
  const ada = fake.user('Ada');
  ada.writes(`<@${fake.self}> one`, thread);
  await eventually(() => expect(events).toMatchObject([{ text: 'one', chat: { thread: thread.id } }]));
});

test('/ask with nothing to ask opens a form; what is written there asks, with a file and a model', async () => {
  const { fake, events } = await connect((event, adapter) => sendAll(adapter, event, { text: 'card' }));
  const channel = fake.channel();
  const ada = fake.user('Ada');
  const asked = ada.says('/ask', channel, { model: 'terse' });
  await eventually(() => expect(asked.form).toBeDefined());
  expect(asked.form).toMatchSnapshot();
  const prompt = 'A long question. '.repeat(200).trim();
  ada.fills(asked, { prompt }, [{ name: 'notes.txt', content: 'Grüße 🦊' }]);
  await eventually(() => expect(fake.messages(channel)).toMatchObject([{ content: 'card', thinking: false }]));
  expect(events).toMatchObject([
    {
      type: 'command',
      name: 'ask',
      text: prompt,
      options: { model: 'terse' },
      attachments: [{ name: 'notes.txt', text: 'Grüße 🦊' }],
    },
  ]);
});

test('the form is in the language that the person chose, else in that of their client, within Discord’s limits', async () => {
  const chosen = new Map<string, Language>();
  const { fake } = await connect(() => undefined, {
    languageOf: async ({ person, hint }) => chosen.get(person.id) ?? languageOfTag(hint) ?? 'en',
  });
  const channel = fake.channel();
  const form = async (user: ReturnType<typeof fake.user>) => {
    const asked = user.says('/ask', channel);
    await eventually(() => expect(asked.form).toBeDefined());
    return formSchema.parse(asked.form);
  };
  expect((await form(fake.user('Wei', { locale: 'zh-TW' }))).title).toBe('提问');
  expect((await form(fake.user('Erik', { locale: 'sv-SE' }))).title).toBe('Ask a question');
  for (const language of languages) {
    const user = fake.user('Ada', { locale: 'de' });
    chosen.set(user.id, language);
    const { title, components } = await form(user);
    expect(title).toBe(translator(language)('form.title'));
    expect(components.map(({ label }) => label)).toEqual(
      (['form.prompt', 'form.model', 'form.files', 'form.system'] as const).map((key) => translator(language)(key)),
    );
    expect(components[2]?.description).toBe(translator(language)('form.filesAbout'));
  }
  const [entry] = fake.commands().filter((command) => menuEntrySchema.safeParse(command).success);
  expect(entry).toMatchObject({
    name: 'Ask about this message',
    name_localizations: { 'es-ES': expect.any(String), ru: 'Спросить об этом сообщении', 'zh-CN': '就此消息提问' },
  });
});

/** Discord's limits: https://docs.discord.com/developers/components/reference#label */
const formSchema = z.looseObject({
  title: z.string().min(1).max(45),
  components: z.array(z.looseObject({ label: z.string().min(1).max(45), description: z.string().max(100).optional() })),
});

/** An entry of the menu of a message. */
const menuEntrySchema = z.looseObject({ type: z.literal(3) });

test('the button under an answer opens the form, and what is written there replies to that answer', async () => {
  const { fake, events } = await connect((event, adapter) =>
    sendAll(adapter, event, { text: 'answer', buttons: [{ type: 'write', label: 'Continue' }] }),
  );
  const channel = fake.channel();
  fake.user('Ada').says('/ask x', channel);
  await eventually(() => expect(fake.messages(channel)[0]?.content).toBe('answer'));
  const [answer] = fake.messages(channel);
  const bob = fake.user('Bob');
  const press = answer && bob.presses(answer, 'Continue', channel);
  await eventually(() => expect(press?.form).toBeDefined());
  if (press) bob.fills(press, { prompt: 'and then?' });
  await eventually(() => expect(events[1]).toMatchObject({ text: 'and then?', repliesTo: { id: answer?.id } }));
});

test('files are fetched from Discord’s own hosts alone, and only small texts', async () => {
  const { fake, events } = await connect((event, adapter) => sendAll(adapter, event, { text: 'ok' }));
  const channel = fake.channel();
  const ada = fake.user('Ada');
  ada.says('/ask', channel, {}, { name: 'own.py', content: 'prompt = "x"\ninput = "y"\n' });
  await eventually(() => expect(events).toHaveLength(1));
  expect(events[0]).toMatchObject({ text: '', attachments: [{ name: 'own.py', text: 'prompt = "x"\ninput = "y"\n' }] });
  ada.writes(`<@${fake.self}> these`, channel, {
    files: [
      { name: 'big.txt', content: 'x'.repeat(64_001) },
      { name: 'cat.png', content: 'x', type: 'image/png' },
      { name: 'fine.md', content: '# fine' },
    ],
  });
  await eventually(() => expect(events).toHaveLength(2));
  expect(events[1]).toMatchObject({
    attachments: [
      { name: 'big.txt', refused: 'tooLarge' },
      { name: 'cat.png', refused: 'notText' },
      { name: 'fine.md', text: '# fine' },
    ],
  });
  ada.picks('Ask about this message', 'look', channel, [{ name: 'a.txt', content: 'a' }]);
  await eventually(() =>
    expect(events[2]).toMatchObject({ options: { prompt: 'look' }, attachments: [{ name: 'a.txt', text: 'a' }] }),
  );
});

test('an administrator is one by Discord’s word, roles are told', async () => {
  const { fake, events } = await connect((event, adapter) => sendAll(adapter, event, { text: 'ok' }));
  fake.user('Ada', { manages: true, roles: ['1', '2'] }).says('/model x', fake.channel());
  fake.user('Bob').says('/model x', fake.channel());
  await eventually(() => expect(events).toHaveLength(2));
  expect(events[0]).toMatchObject({ isAdmin: true, roles: ['1', '2'] });
  expect(events[1]).not.toHaveProperty('isAdmin');
});

test('with several shards each connects, and messages of every shard are heard', async () => {
  const fake = await startDiscordFake({ shards: 2 });
  const { events, adapter } = await connect(() => undefined, { fake });
  expect(fake.gateway.identifies.map(({ shard }) => shard)).toEqual([
    [0, 2],
    [1, 2],
  ]);
  const ada = fake.user('Ada');
  const channel = fake.channel();
  ada.writes(`<@${fake.self}> zero`, channel, { shard: 0 });
  ada.writes(`<@${fake.self}> one`, channel, { shard: 1 });
  await eventually(() =>
    expect(events.map((event) => event.type === 'command' && event.text).sort()).toEqual(['one', 'zero']),
  );
  await adapter.stop();
  await fake.stop();
});
