import { personKey } from '../../store/asks.ts';
import { postOfMessage, putPost } from '../../store/posts.ts';
import type { Changes } from '../../store/Store.ts';
import type { Db } from '../../store/Tables.ts';
import { isHandled, markHandled } from '../../store/updates.ts';
import { openAsk } from '../asks.ts';
import type { Context } from '../Context.ts';
import { type Translate, translator } from '../I18n.ts';
import { languageOf } from '../languageOf.ts';
import { plain } from '../markdown/plain.ts';
import { inLanguage } from '../Say.ts';
import type { Incoming, Message, Person } from '../types.ts';
import { durationText } from '../Words.ts';
import type { CommandEvent, PressEvent, Response } from './Command.ts';
import { isSaleAnswer } from './sell.ts';
import { commandNamed } from './table.ts';

/**
 * Handles what a person did: once, however often the platform repeats it. When this resolves the event and what is said
 * to it are on disk; until then the platform should keep the event.
 * @param waitSeconds the person did too much and must wait so long; nothing else is done
 */
export async function receive(context: Context, event: Incoming, waitSeconds?: number): Promise<void> {
  const { store, now } = context;
  const { platform } = event.person;
  if (await isHandled(store.db, platform, event.updateId)) return;
  const language = await languageOf(store.db, { person: event.person, chat: event.chat, hint: event.locale });
  const t = translator(language);
  const response = await respond(context, event, t, waitSeconds);
  await store.commit(async (db, changes) => {
    if (!(await markHandled(db, platform, event.updateId, now()))) return;
    if (response.claim && !(await response.claim(db))) return;
    await response.write?.(db, changes);
    const say = (message: Message) => inLanguage(language, message);
    if ('ask' in response) {
      const record = typeof response.ask === 'function' ? await response.ask(db) : response.ask;
      await openAsk(context, db, changes, record, event.updateId);
    }
    if ('secret' in response) await tellInPrivate(db, changes, event, say(response.secret), t, now());
    else if ('note' in response)
      await note(db, changes, event, say(response.note), now(), response.isPrivate ? event.person : undefined);
    else if (response.instead) await replace(db, changes, event, say(response.instead), now());
  });
}

/** Where nobody else reads it; in a group of a platform that can't do that, the group only hears that it was written. */
async function tellInPrivate(
  db: Db,
  changes: Changes,
  event: Incoming,
  content: Message,
  t: Translate,
  now: number,
): Promise<void> {
  const { direct } = event;
  if (!direct) return note(db, changes, event, content, now, event.person);
  if (direct !== 'nowhere') {
    const id = await putPost(
      db,
      { role: 'note', chat: direct, content, result: false, owner: personKey(event.person) },
      now,
    );
    if (id) changes.posts.set(id, direct);
  }
  const text = t(direct === 'nowhere' ? 'secret.nowhere' : 'secret.elsewhere');
  await note(db, changes, event, inLanguage(t.language, { text }), now);
}

async function respond(
  context: Context,
  event: Incoming,
  t: Translate,
  waitSeconds: number | undefined,
): Promise<Response> {
  if (waitSeconds !== undefined) return { note: { text: t('throttle.wait', { wait: durationText(waitSeconds, t) }) } };
  return event.type === 'press' ? pressed(context, event, t) : typed(context, event, t);
}

async function typed(context: Context, event: Extract<Incoming, { type: 'command' }>, t: Translate): Promise<Response> {
  const meant = await meaning(context, event);
  const command = commandNamed(meant.name);
  if (command) return command.run(context, meant, t);
  return { note: { text: t('command.unknown', { name: plain(event.name.slice(0, 40)) }) } };
}

/** A plain message can be the answer to a question of ours, and what a link to a model carries (`m-5`) is that model. */
async function meaning(context: Context, event: CommandEvent): Promise<CommandEvent> {
  const model = event.name === 'start' ? /^m-(\d{1,20})$/.exec(event.text)?.[1] : undefined;
  if (model !== undefined) return { ...event, name: 'models', text: `#${model}` };
  return (await isSaleAnswer(context, event)) ? { ...event, name: 'sell' } : event;
}

/**
 * A button does something only while the message that we made has it, and for nobody but who that message is for: what a
 * platform hands over as pressed may be old, somebody else's, or made up.
 */
async function pressed(context: Context, event: PressEvent, t: Translate): Promise<Response> {
  const post = await postOfMessage(context.store.db, event.message);
  const [, name = '', argument = ''] = /^([a-z]+):(.*)$/s.exec(event.data) ?? [];
  const command = commandNamed(name);
  const isThere = post?.content.buttons?.some((button) => button.type === 'press' && button.data === event.data);
  if (!post || !isThere || !command?.press) return { note: { text: t('press.gone') } };
  const { onlyFor } = post;
  if (onlyFor && (onlyFor.platform !== event.person.platform || onlyFor.id !== event.person.id))
    return { note: { text: t('press.notYours') } };
  return command.press(context, event, argument, t);
}

/** What a press makes of the message that holds the button. */
async function replace(db: Db, changes: Changes, event: Incoming, content: Message, now: number): Promise<void> {
  const post = event.message && (await postOfMessage(db, event.message));
  if (!post) return note(db, changes, event, content, now);
  const id = await putPost(db, { ...post, content }, now);
  if (id) changes.posts.set(id, post.chat);
}

async function note(
  db: Db,
  changes: Changes,
  event: Incoming,
  content: Message,
  now: number,
  onlyFor: Person | undefined = isPrivate(event) ? event.person : undefined,
): Promise<void> {
  const { chat, updateId, message, person } = event;
  const id = await putPost(
    db,
    {
      role: 'note',
      chat,
      updateId,
      content,
      result: false,
      owner: personKey(person),
      ...(message && { replyTo: message.id }),
      ...(onlyFor && { onlyFor }),
    },
    now,
  );
  if (id) changes.posts.set(id, chat);
}

/** What concerns one person is shown to that person alone, where the platform can. */
function isPrivate(event: Incoming): boolean {
  return event.type === 'press' || (commandNamed(event.name)?.isPrivate ?? true);
}
