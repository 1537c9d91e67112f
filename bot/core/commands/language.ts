import { setChatPreference, setPreference } from '../../store/preferences.ts';
import { isLanguage, languageNames, languages, type Translate, translator } from '../I18n.ts';
import type { Chat, Person } from '../types.ts';
import { argumentsOf, type Command, pressButton, type Response } from './Command.ts';
import { scope } from './scope.ts';

/** The language that the bot speaks: with a person, or in a chat with whoever chose none. */
export const language: Command = {
  name: 'language',
  description: 'language.description',
  options: [
    {
      name: 'language',
      description: 'language.which',
      kind: 'choice',
      choices: [
        { value: 'en', label: 'language.en' },
        { value: 'es', label: 'language.es' },
        { value: 'zh', label: 'language.zh' },
        { value: 'pt', label: 'language.pt' },
        { value: 'ru', label: 'language.ru' },
        { value: 'auto', label: 'language.auto' },
      ],
    },
    scope,
  ],
  isPrivate: true,
  async run(_context, event, t) {
    const { language: wanted, for: whom } = argumentsOf(language, event);
    if (wanted === undefined) return { note: offer(t) };
    if (whom === 'here' && event.isAdmin !== true) return { note: { text: t('scope.notAdmin') } };
    return set(wanted, event.person, whom === 'here' ? event.chat : undefined, t);
  },
  async press(_context, event, argument, t) {
    return argument === '' ? { note: offer(t) } : set(argument, event.person, undefined, t);
  },
};

function offer(t: Translate) {
  return {
    text: t('language.now', { language: languageNames[t.language] }),
    buttons: [
      ...languages.map((code) => pressButton('language', code, languageNames[code])),
      pressButton('language', 'auto', t('language.auto')),
    ],
  };
}

function set(wanted: string, person: Person, chat: Chat | undefined, t: Translate): Response {
  if (wanted !== 'auto' && !isLanguage(wanted)) return { note: offer(t) };
  const value = wanted === 'auto' ? undefined : wanted;
  const said = wanted === 'auto' ? t : translator(wanted);
  return {
    note: { text: wanted === 'auto' ? t('language.isAuto') : said('language.set') },
    write: (db) =>
      chat ? setChatPreference(db, chat, 'language', value) : setPreference(db, person, 'language', value),
  };
}
