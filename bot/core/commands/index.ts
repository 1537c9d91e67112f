import { putPost } from '../../store/posts.ts';
import type { Db } from '../../store/Tables.ts';
import { isHandled, markHandled } from '../../store/updates.ts';
import type { AskRecord } from '../AskRecord.ts';
import { openAsk } from '../asks.ts';
import type { Context } from '../Context.ts';
import { draftAsk } from '../Draft.ts';
import { type Translate, translator } from '../I18n.ts';
import { languageOf } from '../languageOf.ts';
import { plain } from '../markdown/plain.ts';
import { splitModel } from '../Prompt.ts';
import type { Incoming, Message } from '../types.ts';
import { help } from './help.ts';
import { history } from './history.ts';
import { model } from './model.ts';
import { models } from './models.ts';
import { why } from './why.ts';

/** What an event leads to: a question to be paid for, or something said to whoever caused it. */
type Response = { ask: AskRecord } | { note: Message; write?: (db: Db) => Promise<void> };

/**
 * Handles what a person did: once, however often the platform repeats it. When this resolves the event and what is said
 * to it are on disk; until then the platform should keep the event.
 */
export async function receive(context: Context, event: Incoming): Promise<void> {
  const { store, now } = context;
  const { platform } = event.person;
  if (await isHandled(store.db, platform, event.updateId)) return;
  const language = await languageOf(store.db, { person: event.person, chat: event.chat, hint: event.locale });
  const response = await respond(context, event, translator(language));
  await store.commit(async (db, changes) => {
    if (!(await markHandled(db, platform, event.updateId, now()))) return;
    if ('ask' in response) {
      await openAsk(context, db, changes, response.ask, event.updateId);
      return;
    }
    await response.write?.(db);
    const { chat, updateId, person, message } = event;
    const id = await putPost(
      db,
      {
        role: 'note',
        chat,
        updateId,
        content: language === 'en' ? response.note : { ...response.note, language },
        result: false,
        ...(message && { replyTo: message.id }),
        ...(isPrivate(event) && { onlyFor: person }),
      },
      now(),
    );
    if (id) changes.posts.set(id, chat);
  });
}

async function respond(context: Context, event: Incoming, t: Translate): Promise<Response> {
  if (event.type === 'press') {
    switch (event.data) {
      case 'c:models':
        return { note: await models(context, '') };
      case 'c:help':
        return { note: help(t) };
      default:
        return { note: { text: 'This button no longer does anything. `/help` shows what I can do.' } };
    }
  }
  switch (event.name.toLowerCase()) {
    case 'ask':
      return ask(context, event, t);
    case 'models':
      return { note: await models(context, event.text || (event.options['search'] ?? '')) };
    case 'model':
      return model(context, event.person, event.text || (event.options['model'] ?? ''));
    case 'why':
      return { note: await why(context, event.person, t) };
    case 'history':
      return { note: await history(context, event.person, t) };
    case 'help':
    case 'start':
      return { note: help(t) };
    default:
      return {
        note: { text: `I don’t know the command “${plain(event.name.slice(0, 40))}”. /help shows what I can do.` },
      };
  }
}

async function ask(context: Context, event: Extract<Incoming, { type: 'command' }>, t: Translate): Promise<Response> {
  const option = event.options['model'];
  const typed = event.text || (event.options['prompt'] ?? '');
  const { model, prompt } = option === undefined ? splitModel(typed) : { model: option, prompt: typed };
  const draft = await draftAsk(context, {
    chat: event.chat,
    person: event.person,
    prompt,
    language: t.language,
    ...(model !== undefined && { model }),
    ...(event.message && { replyTo: event.message.id }),
    ...(event.repliesTo && { repliesTo: event.repliesTo }),
  });
  return draft.ok ? { ask: draft.record } : { note: { text: draft.message } };
}

/** What concerns one person is shown to that person alone, where the platform can. */
function isPrivate(event: Incoming): boolean {
  return event.type === 'press' || ['history', 'model'].includes(event.name.toLowerCase());
}
