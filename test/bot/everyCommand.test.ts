import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { commands } from '../../bot/core/commands/table.ts';
import type { Adapter, Message } from '../../bot/core/types.ts';
import { createLocalAdapter } from '../../bot/local/adapter.ts';
import { eventually } from '../fakes/eventually.ts';
import { createWorld } from './core/world.ts';
import { discordStage, telegramStage } from './stage.ts';

const names = commands.map(({ name }) => name);

const wrong = /don’t know the command|a lot at once|undefined|\[object/;

/** What a person would type. */
const line = (name: string) => (name === 'ask' ? '/ask What is TellorFlex?' : `/${name}`);

test('on Telegram every command is in the menu and answers, alone and in a group, within Telegram’s rules', async () => {
  const { fake } = await telegramStage();
  const menus = fake.calls.filter(({ method }) => method === 'setMyCommands').map(({ payload }) => payload['commands']);
  for (const menu of menus) expect(menu).toEqual(names.map((command) => expect.objectContaining({ command })));
  const ada = fake.user('Ada');
  const bob = fake.user('Bob');
  const group = fake.group('Builders', { admins: [bob.id] });
  for (const [person, chat] of [
    [ada, ada.chat],
    [bob, group],
  ] as const) {
    for (const name of names) {
      const before = fake.replies(chat).length;
      person.says(line(name), { chat });
      await eventually(() => expect(fake.replies(chat).length, `/${name}`).toBeGreaterThan(before));
      expect(fake.replies(chat).at(-1)?.text ?? '', `/${name}`).not.toMatch(wrong);
    }
  }
});

test('on Discord every command is in the menu and answers, in a server and alone, within Discord’s rules', async () => {
  const { fake } = await discordStage();
  expect(fake.commands().slice(0, names.length)).toEqual(names.map((name) => expect.objectContaining({ name })));
  for (const channel of [fake.channel(), fake.channel('dm')]) {
    const ada = fake.user('Ada', { manages: true });
    for (const name of names) {
      const interaction = ada.says(line(name), channel);
      const answer = await eventually(() => {
        const own = fake
          .messages(channel, ada)
          .filter(({ interaction: of, id }) => of === interaction.id || id === interaction.original?.id);
        const shown = own.find(({ thinking, content }) => !thinking && content !== '');
        expect(shown, `/${name}`).toBeDefined();
        return shown;
      });
      expect(answer?.content, `/${name}`).not.toMatch(wrong);
    }
  }
});

test('in the local chat every command answers', async () => {
  const adapter = createLocalAdapter({ file: ':memory:', log: pino({ level: 'silent' }) });
  const world = await createWorld({ adapter: adapter as Adapter, rules: { asksPerMinute: 100 } });
  await adapter.start((event) => world.receive(event));
  onTestFinished(async () => {
    await world.end();
    await adapter.stop();
  });
  const ada = adapter.channel.join('a secret', 'window-0001');
  const said = () =>
    adapter.channel.since(0, ada).flatMap(({ body }): Message[] => (body.type === 'bot' ? [body.message] : []));
  for (const name of names) {
    const before = said().length;
    adapter.typed(ada, line(name), { nonce: `nonce-${name}` });
    await eventually(() => expect(said().length, `/${name}`).toBeGreaterThan(before));
    expect(said().at(-1)?.text, `/${name}`).not.toMatch(wrong);
  }
});
