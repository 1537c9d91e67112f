import { IntlMessageFormat } from 'intl-messageformat';
import en from './locales/en.json' with { type: 'json' };
import es from './locales/es.json' with { type: 'json' };
import pt from './locales/pt.json' with { type: 'json' };
import ru from './locales/ru.json' with { type: 'json' };
import zh from './locales/zh.json' with { type: 'json' };

/** The languages that the bot speaks, by ISO 639-1 code. */
export const languages = ['en', 'es', 'zh', 'pt', 'ru'] as const;
export type Language = (typeof languages)[number];

/** Each language in its own words. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  es: 'Español',
  zh: '中文',
  pt: 'Português',
  ru: 'Русский',
};

/** Names a message: `area.thing`. */
export type Key = keyof typeof en;

/** What a message is filled with. Text from outside goes through `plain` before it becomes a value. */
export type Values = Readonly<Record<string, string | number>>;

/** A message in one language, filled with its values. @throws when a value is missing */
export type Translate = {
  (key: Key, values?: Values): string;
  readonly language: Language;
};

const messages: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, es, zh, pt, ru };
const translators = new Map<Language, Translate>();

/** The messages of one language. A message is parsed when it is first said, and kept. */
export function translator(language: Language): Translate {
  const known = translators.get(language);
  if (known) return known;
  const parsed = new Map<Key, IntlMessageFormat>();
  const say = (key: Key, values?: Values): string => {
    const format =
      parsed.get(key) ?? new IntlMessageFormat(messages[language][key], language, undefined, { ignoreTag: true });
    parsed.set(key, format);
    return String(format.format(values));
  };
  const translate = Object.assign(say, { language });
  translators.set(language, translate);
  return translate;
}

/** The messages of one area as they are written, for a page that fills in `{name}` by itself. */
export function wordsOf(language: Language, area: string): Record<string, string> {
  return Object.fromEntries(Object.entries(messages[language]).filter(([key]) => key.startsWith(`${area}.`)));
}

/** For what is shown where nobody's language is known. */
export const english: Translate = translator('en');

export function hasKey(key: string): key is Key {
  return Object.hasOwn(en, key);
}

export function isLanguage(code: string): code is Language {
  return (languages as readonly string[]).includes(code);
}

/**
 * The language that a platform's tag (BCP 47, such as `pt-BR` or `zh-hans`) stands for, when the bot speaks it.
 * @example languageOfTag('pt-BR') // 'pt'
 */
export function languageOfTag(tag: string | undefined): Language | undefined {
  const code = tag?.slice(0, 35).toLowerCase().split(/[-_]/)[0] ?? '';
  return isLanguage(code) ? code : undefined;
}

/** The first of the languages in an `Accept-Language` header, best first (RFC 9110, 12.5.4), that the bot speaks. */
export function languageOfHeader(header: string | undefined): Language | undefined {
  return (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(/\s*;\s*q=/);
      return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => languageOfTag(tag))
    .find((language) => language !== undefined);
}
