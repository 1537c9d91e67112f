import { readFileSync } from 'node:fs';
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { hasKey, type Language, languageOfTag, languages, translator } from '../../../bot/core/I18n.ts';
import { languageOf } from '../../../bot/core/languageOf.ts';
import { reasonText } from '../../../bot/core/Words.ts';
import { setChatPreference, setPreference } from '../../../bot/store/preferences.ts';
import { ContractError } from '../../../contracts/client/ContractError.ts';
import { contractSentences } from '../../../contracts/client/errorSentences.ts';
import { createWorld } from './world.ts';

const sourceOf = (language: Language) => readFileSync(`bot/core/locales/${language}.json`, 'utf8');
const messagesOf = (language: Language) => z.record(z.string(), z.string()).parse(JSON.parse(sourceOf(language)));
const english = messagesOf('en');

/** What a message is filled with, and the kinds of choice in it: these must be the same in every language. */
function placeholders(elements: readonly MessageFormatElement[]): string[] {
  return elements.flatMap((element): string[] => {
    switch (element.type) {
      case TYPE.literal:
      case TYPE.pound:
        return [];
      case TYPE.plural:
      case TYPE.select: {
        const kind = element.type === TYPE.plural ? 'plural' : Object.keys(element.options).sort().join('|');
        const inner = Object.values(element.options).flatMap(({ value }) => placeholders(value));
        return [`${element.value} ${kind}`, ...inner];
      }
      case TYPE.tag:
        return placeholders(element.children);
      default:
        return [element.value];
    }
  });
}

const placeholdersOf = (message: string) => [...new Set(placeholders(parse(message, { ignoreTag: true })))].sort();

/** Plural forms of a message that its language has and the message lacks. */
function missingForms(elements: readonly MessageFormatElement[], language: Language): string[] {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  return elements.flatMap((element): string[] => {
    if (element.type !== TYPE.plural && element.type !== TYPE.select) return [];
    const inner = Object.values(element.options).flatMap(({ value }) => missingForms(value, language));
    if (element.type === TYPE.select) return inner;
    // Only fractions and millions take `many` in Spanish and Portuguese, only fractions take Russian's `other`.
    const needed = forms.filter((form) => form !== 'many' || language === 'ru');
    return [
      ...needed.filter((form) => !(form in element.options)).map((form) => `${element.value}: ${form}`),
      ...inner,
    ];
  });
}

it.each(languages)('%s has every message and no other, in order', (language) => {
  const keys = Object.keys(messagesOf(language));
  expect(keys).toEqual(Object.keys(english));
  expect(keys).toEqual(keys.toSorted());
  expect(sourceOf(language)).toBe(`${JSON.stringify(messagesOf(language), null, 2)}\n`);
});

it.each(languages)('%s has well-formed messages with the same placeholders and all plural forms', (language) => {
  for (const [key, message] of Object.entries(messagesOf(language))) {
    expect(message.trim(), key).not.toBe('');
    expect([key, placeholdersOf(message)]).toEqual([key, placeholdersOf(english[key] ?? '')]);
    expect([key, missingForms(parse(message, { ignoreTag: true }), language)]).toEqual([key, []]);
    // ICU reads it as a quotation mark; typography has its own.
    expect(message, key).not.toContain("'");
    expect([key, (message.match(/\*\*/g) ?? []).length % 2]).toEqual([key, 0]);
    expect([key, message.match(/`\/?[a-z]+/g)?.sort()]).toEqual([key, english[key]?.match(/`\/?[a-z]+/g)?.sort()]);
  }
});

// One word for one thing: these stand in English beside a word of the language's own otherwise.
it.each(languages.filter((language) => language !== 'en'))(
  '%s has its own words for host, workload and stake',
  (language) => {
    const foreign = Object.entries(messagesOf(language)).filter(([, message]) =>
      /\b(?:hosts?|workloads?|stakes?)\b/i.test(message.replace(/`[^`]*`|\{\w+/g, '')),
    );
    expect(foreign).toEqual([]);
  },
);

it('what the chain refuses, and an asker or a seller can act on, is said in their language', () => {
  const theirs = Object.entries(contractSentences).filter(([, { actor }]) => actor === 'asker' || actor === 'seller');
  expect(theirs.map(([code]) => `reason.${code}`).filter((key) => !hasKey(key))).toEqual([]);
  const reasons = Object.entries(english).filter(([key]) => key.startsWith('reason.'));
  const unlike = reasons.filter(([key, message]) => {
    const say = contractSentences[key.slice('reason.'.length)]?.say;
    return typeof say === 'string' ? say !== message : say === undefined;
  });
  expect(unlike).toEqual([]);
  const [code = '', wording] = theirs.find(([name]) => name === 'PriceAboveMax') ?? [];
  if (!wording) throw new Error('no such error');
  expect(
    languages.map((language) => reasonText(new ContractError(code, wording), translator(language))),
  ).toMatchSnapshot();
});

it('fills messages, and refuses to say one with a hole in it', () => {
  const t = translator('ru');
  expect(t.language).toBe('ru');
  expect(t('state.final')).toBe('есть ответ, окончательный');
  expect(translator('ru')).toBe(t);
});

it.each([
  ['pt-BR', 'pt'],
  ['es-419', 'es'],
  ['zh-hans', 'zh'],
  ['ZH_tw', 'zh'],
  ['en-US', 'en'],
  ['de', undefined],
  ['', undefined],
  ['__proto__', undefined],
  [undefined, undefined],
])('takes the platform’s %s for %s', (tag, language) => {
  expect(languageOfTag(tag)).toBe(language);
});

it('speaks what the person chose, else what the chat’s admins chose, else what the platform says, else English', async () => {
  const world = await createWorld();
  const { db } = world.context.store;
  const person = { platform: 'discord', id: '7', name: 'Ada' } as const;
  const chat = { platform: 'discord', id: '8', thread: '9' } as const;
  const whole = { platform: 'discord', id: '8' } as const;
  expect(await languageOf(db, { person, chat })).toBe('en');
  expect(await languageOf(db, { person, chat, hint: 'ru' })).toBe('ru');
  await setChatPreference(db, whole, 'language', 'pt');
  expect(await languageOf(db, { person, chat, hint: 'ru' })).toBe('pt');
  await setChatPreference(db, chat, 'language', 'zh');
  expect(await languageOf(db, { person, chat, hint: 'ru' })).toBe('zh');
  expect(await languageOf(db, { person, chat: whole, hint: 'ru' })).toBe('pt');
  await setPreference(db, person, 'language', 'es');
  expect(await languageOf(db, { person, chat, hint: 'ru' })).toBe('es');
  await setPreference(db, person, 'language', undefined);
  expect(await languageOf(db, { person, chat, hint: 'ru' })).toBe('zh');
  await world.end();
});
