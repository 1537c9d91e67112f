import type { Translate } from '../I18n.ts';
import type { Message } from '../types.ts';
import { paragraphs } from '../Words.ts';

/** What this bot is and does. */
export function help(t: Translate): Message {
  return {
    text: paragraphs(t('help.about'), t('help.steps'), t('help.safety')),
    buttons: [{ type: 'press', label: t('help.button'), data: 'c:models' }],
  };
}
