import { chatPreferenceOf, preferenceOf } from '../../store/preferences.ts';
import { chooseModel } from '../Choice.ts';
import type { Context } from '../Context.ts';
import { languageNames, type Translate } from '../I18n.ts';
import type { Message } from '../types.ts';
import { clockText, modelText, paragraphs } from '../Words.ts';
import { type Command, type CommandEvent, pressButton } from './Command.ts';

/** What is set for the person and in this chat, with buttons to what changes it. */
export const settings: Command = {
  name: 'settings',
  description: 'settings.description',
  options: [],
  isPrivate: true,
  run: async (context, event, t) => ({ note: await overview(context, event, t) }),
};

async function overview({ store, catalog, rules, now }: Context, event: CommandEvent, t: Translate): Promise<Message> {
  const { person, chat } = event;
  const [own, here, spoken, agreed] = await Promise.all([
    preferenceOf(store.db, person, 'model'),
    chatPreferenceOf(store.db, chat, 'model'),
    preferenceOf(store.db, person, 'language'),
    preferenceOf(store.db, person, 'agreed'),
  ]);
  const nameOf = (wanted: string | undefined) => {
    const chosen = chooseModel(catalog, wanted, rules.defaultModel, t);
    return chosen.ok ? modelText(chosen.model, t) : t('model.gone');
  };
  const facts = [
    t('settings.language', { language: languageNames[t.language], own: spoken === undefined ? 'no' : 'yes' }),
    t('settings.model', { model: nameOf(own), own: own === undefined ? 'no' : 'yes' }),
    ...(here === undefined ? [] : [t('settings.modelHere', { model: nameOf(here) })]),
    agreed === undefined ? t('settings.notAgreed') : t('settings.agreed', { time: clockText(Number(agreed), now()) }),
  ];
  return {
    text: paragraphs(t('settings.title'), facts.map((fact) => `- ${fact}`).join('\n')),
    buttons: [
      pressButton('language', '', t('settings.changeLanguage')),
      pressButton('model', '0', t('settings.changeModel')),
      pressButton('privacy', 'show', t('settings.privacy')),
    ],
  };
}
