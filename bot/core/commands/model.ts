import { askByToken } from '../../store/asks.ts';
import { postOfMessage } from '../../store/posts.ts';
import { chatPreferenceOf, preferenceOf, setChatPreference, setPreference } from '../../store/preferences.ts';
import { askable, chooseModel } from '../Choice.ts';
import type { Context } from '../Context.ts';
import { draftAsk } from '../Draft.ts';
import { houseRefusal } from '../HouseRules.ts';
import type { Translate } from '../I18n.ts';
import { moderated } from '../Moderation.ts';
import type { Button, Message, Person } from '../types.ts';
import { modelText } from '../Words.ts';
import {
  argumentsOf,
  type Command,
  type CommandEvent,
  type PressEvent,
  pressButton,
  type Response,
} from './Command.ts';
import { hasAgreed } from './privacy.ts';
import { scope } from './scope.ts';

/** Models in one page of buttons. */
const pageSize = 8;

/**
 * Shows or sets the model that the person's questions go to when they name none; `default` goes back to the bot's own. Without
 * a name it offers the models as buttons, page by page; so does the button of a card, for that one question.
 */
export const model: Command = {
  name: 'model',
  description: 'model.description',
  options: [{ name: 'model', description: 'model.model', kind: 'model', isText: true }, scope],
  isPrivate: true,
  async run(context, event, t) {
    const { model: wanted = '', for: whom } = argumentsOf(model, event);
    return whom === 'here' ? chooseHere(context, event, wanted, t) : choose(context, event.person, wanted, t);
  },
  async press(context, event, argument, t) {
    const [, token, pick = ''] = /^(?:ask ([\w-]+) )?(\d{1,6}|#\d{1,78})$/.exec(argument) ?? [];
    const page = pick.startsWith('#') ? undefined : Number(pick);
    if (token !== undefined) return forQuestion(context, event, token, pick, page, t);
    if (page === undefined) return choose(context, event.person, pick, t);
    return { instead: { text: t('model.pick'), buttons: pages(context, page, '', t) } };
  },
};

/** The button under a card that was not paid yet: the same question for another model. */
export function otherModelButton(token: string, t: Translate): Button {
  return pressButton('model', `ask ${token} 0`, t('card.otherModel'));
}

async function forQuestion(
  context: Context,
  event: PressEvent,
  token: string,
  pick: string,
  page: number | undefined,
  t: Translate,
): Promise<Response> {
  const record = await askByToken(context.store.db, token);
  if (!record || !(await hasAgreed(context.store.db, event.person))) return { note: { text: t('press.gone') } };
  if (record.person.platform !== event.person.platform || record.person.id !== event.person.id)
    return { note: { text: t('press.notYours') } };
  if (page !== undefined) {
    const message: Message = { text: t('model.pickForQuestion'), buttons: pages(context, page, `ask ${token} `, t) };
    // The card stays; turning a page changes the list.
    return (await isCard(context, event)) ? { note: message } : { instead: message };
  }
  const draft = await draftAsk(context, {
    chat: record.chat ?? event.chat,
    person: event.person,
    ...(event.group !== undefined && { group: event.group }),
    ...(event.roles && { roles: event.roles }),
    language: t.language,
    prompt: record.question,
    model: pick,
    ...(record.replyTo && { replyTo: record.replyTo }),
  });
  if (!draft.ok) return { note: { text: draft.message } };
  const ruled = await houseRefusal(context.store.db, event, draft.record, t, context.now());
  if (ruled !== undefined) return { note: { text: ruled } };
  return (await moderated(context, event, draft.record, t)) ?? { ask: draft.record };
}

async function isCard({ store }: Context, { message }: PressEvent): Promise<boolean> {
  return (await postOfMessage(store.db, message))?.role === 'card';
}

/** One page of models as buttons, with the way to the others. @param before what stands before the choice in a button */
function pages(context: Context, page: number, before: string, t: Translate): Button[] {
  const models = askable(context.catalog);
  const last = Math.max(0, Math.ceil(models.length / pageSize) - 1);
  const shown = Math.min(page, last);
  const turn = (to: number, label: string) => pressButton('model', `${before}${to}`, label);
  return [
    ...models
      .slice(shown * pageSize, (shown + 1) * pageSize)
      .map(({ id, name }) => pressButton('model', `${before}#${id}`, name.slice(0, 40) || `#${id}`)),
    ...(shown > 0 ? [turn(shown - 1, t('model.back'))] : []),
    ...(shown < last ? [turn(shown + 1, t('model.more'))] : []),
  ];
}

/** The model of a chat, or of one thread of it, is its admins' choice; there it goes before a person's own. */
async function chooseHere(context: Context, event: CommandEvent, wanted: string, t: Translate): Promise<Response> {
  if (event.isAdmin !== true) return { note: { text: t('scope.notAdmin') } };
  const { chat } = event;
  if (wanted.toLowerCase() === 'default')
    return { note: { text: t('model.hereReset') }, write: (db) => setChatPreference(db, chat, 'model', undefined) };
  const current = wanted === '' ? await chatPreferenceOf(context.store.db, chat, 'model') : wanted;
  const chosen = chooseModel(context.catalog, current, context.rules.defaultModel, t);
  if (!chosen.ok) return { note: { text: chosen.message } };
  const note = { text: t('model.here', { model: modelText(chosen.model, t) }) };
  if (wanted === '') return { note };
  return { note, write: (db) => setChatPreference(db, chat, 'model', `#${chosen.model.id}`) };
}

async function choose(context: Context, person: Person, text: string, t: Translate): Promise<Response> {
  const wanted = text.trim().replace(/^["“](.*)["”]$/u, '$1');
  const fallback = context.rules.defaultModel;
  if (wanted === '') {
    const own = await preferenceOf(context.store.db, person, 'model');
    const chosen = chooseModel(context.catalog, own, fallback, t);
    const which = chosen.ok ? modelText(chosen.model, t) : t('model.gone');
    const buttons = pages(context, 0, '', t);
    return {
      note: {
        text: t('model.now', { model: which, own: own === undefined ? 'no' : 'yes' }),
        ...(buttons.length > 1 && { buttons }),
      },
    };
  }
  if (wanted.toLowerCase() === 'default') {
    const chosen = chooseModel(context.catalog, undefined, fallback, t);
    return {
      note: { text: t('model.reset', { model: chosen.ok ? modelText(chosen.model, t) : t('model.gone') }) },
      write: (db) => setPreference(db, person, 'model', undefined),
    };
  }
  const chosen = chooseModel(context.catalog, wanted, fallback, t);
  if (!chosen.ok) return { note: { text: chosen.message } };
  return {
    note: { text: t('model.set', { model: modelText(chosen.model, t) }) },
    write: (db) => setPreference(db, person, 'model', `#${chosen.model.id}`),
  };
}
