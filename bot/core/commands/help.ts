import type { Translate } from '../I18n.ts';
import { paragraphs } from '../Words.ts';
import { type Command, pressButton } from './Command.ts';

/** What this bot is, and all that it does. @param commands every one there is, itself included */
export function createHelp(commands: () => readonly Command[]): Command {
  const text = (t: Translate) => ({
    text: paragraphs(
      t('help.about'),
      commands()
        .map(({ name, description }) => `- \`/${name}\` ${t(description)}`)
        .join('\n'),
      t('help.examples'),
      t('help.safety'),
    ),
    buttons: [pressButton('models', '', t('help.button'))],
  });
  return {
    name: 'help',
    description: 'help.description',
    options: [],
    isPrivate: true,
    run: async (_context, _event, t) => ({ note: text(t) }),
    press: async (_context, _event, _argument, t) => ({ note: text(t) }),
  };
}
