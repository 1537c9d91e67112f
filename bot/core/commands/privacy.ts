import { forgetPerson } from '../../store/forget.ts';
import { dropHeld, heldQuestion, heldSince, holdQuestion, newHeldId } from '../../store/held.ts';
import { preferenceOf, setPreference } from '../../store/preferences.ts';
import type { Db } from '../../store/Tables.ts';
import type { Context } from '../Context.ts';
import { payableUntil } from '../Forgetter.ts';
import type { Translate } from '../I18n.ts';
import type { Message, Person } from '../types.ts';
import { paragraphs } from '../Words.ts';
import { type Command, type CommandEvent, type PressEvent, pressButton, type Response } from './Command.ts';

/** Handles a question of somebody who has agreed. */
export type AskAgreed = (context: Context, event: CommandEvent, t: Translate) => Promise<Response>;

export async function hasAgreed(db: Db, person: Person): Promise<boolean> {
  return (await preferenceOf(db, person, 'agreed')) !== undefined;
}

/** Keeps the question and says, once, that questions are public; the button goes on with it. Nothing is paid before. */
export async function holdForAgreement(context: Context, event: CommandEvent, t: Translate): Promise<Response> {
  const { store, rules, now } = context;
  if ((await heldSince(store.db, event.person, now() - 60)) >= rules.asksPerMinute)
    return { note: { text: t('privacy.press') }, isPrivate: true };
  const id = newHeldId();
  return {
    note: {
      text: paragraphs(t('privacy.notice'), t('privacy.kept')),
      buttons: [pressButton('privacy', `agree ${id}`, t('privacy.agree'))],
    },
    isPrivate: true,
    write: (db) => holdQuestion(db, id, event, now()),
  };
}

/** The notice again, and the end of what the bot knows about a person. @param ask asks the question that waited */
export function createPrivacy(ask: AskAgreed): Command {
  return {
    name: 'privacy',
    description: 'privacy.description',
    options: [],
    isPrivate: true,
    async run({ store }, { person }, t) {
      return { note: await overview(store.db, person, t) };
    },
    async press(context, event, argument, t) {
      const [, held] = /^agree ?(.*)$/.exec(argument) ?? [];
      if (held !== undefined) return agree(context, event, held, ask, t);
      const { person } = event;
      if (argument === 'delete') {
        return {
          instead: {
            text: paragraphs(t('privacy.deleteWhat'), t('privacy.deleteStays')),
            buttons: [
              pressButton('privacy', 'delete now', t('privacy.deleteNow')),
              pressButton('privacy', '', t('privacy.deleteNot')),
            ],
          },
        };
      }
      if (argument === 'show') return { note: await overview(context.store.db, person, t) };
      if (argument !== 'delete now') return { instead: await overview(context.store.db, person, t) };
      const { asks, staying } = await context.store.commit((db) => forgetPerson(db, person, payableUntil(context)));
      return { note: { text: t('privacy.deleted', { asks, staying }) } };
    },
  };
}

async function overview(db: Db, person: Person, t: Translate): Promise<Message> {
  const agreed = await hasAgreed(db, person);
  return {
    text: paragraphs(t('privacy.notice'), t('privacy.stored'), ...(agreed ? [t('privacy.agreed')] : [])),
    buttons: [
      ...(agreed ? [] : [pressButton('privacy', 'agree', t('privacy.agree'))]),
      pressButton('privacy', 'delete', t('privacy.delete')),
    ],
  };
}

async function agree(
  context: Context,
  event: PressEvent,
  heldId: string,
  ask: AskAgreed,
  t: Translate,
): Promise<Response> {
  const { db } = context.store;
  const { person } = event;
  const held = heldId === '' ? undefined : await heldQuestion(db, heldId, person);
  const note = (write: Db) => setPreference(write, person, 'agreed', String(context.now()));
  const done: Message = { text: paragraphs(t('privacy.notice'), t('privacy.agreed')) };
  if (!held) return { instead: done, write: note };
  const response = await ask(context, standingNow(held, event), t);
  const write: Response['write'] = async (transaction, changes) => {
    await note(transaction);
    await response.write?.(transaction, changes);
  };
  const claim = (transaction: Db) => dropHeld(transaction, heldId);
  return 'ask' in response ? { ...response, instead: done, claim, write } : { ...response, claim, write };
}

/** What the person may is what the press says, not what held when the question was typed. */
function standingNow(held: CommandEvent, { chat, isAdmin, roles, group }: PressEvent): CommandEvent {
  const { isAdmin: _, roles: __, group: ___, ...question } = held;
  if (chat.platform !== held.chat.platform || chat.id !== held.chat.id) return question;
  return { ...question, ...(isAdmin && { isAdmin }), ...(roles && { roles }), ...(group !== undefined && { group }) };
}
