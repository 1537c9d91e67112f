import { expect, it } from 'vitest';
import { argumentsOf, type Command, pressButton } from '../../../bot/core/commands/Command.ts';
import { menu } from '../../../bot/core/commands/menu.ts';
import { commandNamed, commands } from '../../../bot/core/commands/table.ts';
import { languages } from '../../../bot/core/I18n.ts';
import { command } from './world.ts';

it.each(languages)('has a menu within the platforms’ limits in %s', (language) => {
  const entries = menu()[language];
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  // Telegram takes 100 commands and 256 letters, Discord 100 letters and 25 options, the required ones first.
  expect(entries.length).toBeLessThanOrEqual(100);
  for (const { name, description, options } of entries) {
    expect(name).toMatch(/^[a-z][a-z0-9_]{0,31}$/);
    expect([name, description.length <= 100 && description.length > 0]).toEqual([name, true]);
    expect(options.length).toBeLessThanOrEqual(25);
    expect(options.filter(({ isText }) => isText).length).toBeLessThanOrEqual(1);
    expect(options.map(({ isRequired }) => isRequired)).toEqual(
      options.map(({ isRequired }) => isRequired).toSorted((a, b) => Number(b) - Number(a)),
    );
    for (const option of options) {
      expect(option.name).toMatch(/^[a-z]{1,32}$/);
      expect([name, option.name, option.description.length <= 100]).toEqual([name, option.name, true]);
      expect(option.kind === 'choice').toBe(option.choices.length > 0);
      expect(option.choices.length).toBeLessThanOrEqual(25);
      for (const { label } of option.choices) expect([label, label.length <= 100]).toEqual([label, true]);
    }
  }
});

it('finds a command by its name in any case, and by no name that every object has', () => {
  expect(commandNamed('HELP')?.name).toBe('help');
  expect(commandNamed('start')?.name).toBe('help');
  for (const name of ['', 'constructor', '__proto__', 'toString']) expect(commandNamed(name)).toBeUndefined();
  expect(commands.map(({ name }) => commandNamed(name)?.name)).toEqual(commands.map(({ name }) => name));
});

const rules: Command = {
  name: 'rules',
  description: 'help.description',
  isPrivate: true,
  options: [
    {
      name: 'action',
      description: 'help.description',
      kind: 'choice',
      choices: [{ value: 'price', label: 'help.description' }],
    },
    { name: 'model', description: 'help.description', kind: 'model' },
    { name: 'value', description: 'help.description', kind: 'text', isText: true },
  ],
  run: async () => ({ note: { text: '' } }),
};

it.each([
  ['price 0.5', {}, { action: 'price', value: '0.5' }],
  ['PRICE', {}, { action: 'price' }],
  ['--model "Terse expert" price  a b', {}, { model: 'Terse expert', action: 'price', value: 'a b' }],
  ['—model=terse x', {}, { model: 'terse', value: 'x' }],
  ['--action=price 1', {}, { action: 'price', value: '1' }],
  ['--unknown x', {}, { value: '--unknown x' }],
  ['free text', {}, { value: 'free text' }],
  ['', {}, {}],
  ['0.5', { action: 'price' }, { action: 'price', value: '0.5' }],
  ['typed', { value: ' named ', other: 'x' }, { value: 'named' }],
])('reads %j with %j', (text, options, expected) => {
  expect(argumentsOf(rules, command('rules', text, { options }))).toEqual(expected);
});

it('makes no button that a platform would refuse', () => {
  expect(pressButton('why', 'x'.repeat(60), 'Why?')).toEqual({
    type: 'press',
    label: 'Why?',
    data: `why:${'x'.repeat(60)}`,
  });
  expect(() => pressButton('why', 'é'.repeat(31), 'Why?')).toThrow(RangeError);
});
