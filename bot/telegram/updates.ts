import type { CallbackQuery, Document, Message, MessageEntity, Update, User } from 'grammy/types';
import type { Chat, GroupMove, Incoming, MessageRef, Person } from '../core/types.ts';

/** The updates asked for: nothing else reaches this process. */
export const allowedUpdates = ['message', 'callback_query'] as const;

/** Who the bot is among others in a group. */
export type Self = { id: number; username: string; commands: ReadonlySet<string> };

/** What a person did, and the file that goes with it. */
export type Heard = { event: Incoming; file?: Document };

/** What a person did, or nothing when it is none of the bot's business. */
export function toIncoming(update: Update, self: Self): Heard | undefined {
  const updateId = String(update.update_id);
  if (update.message) return said(update.message, self, updateId);
  if (update.callback_query) return press(update.callback_query, updateId);
  return undefined;
}

/**
 * That a group became a supergroup and has another id since. Only Telegram's own service message says so, to the old chat and to the
 * new one; what people write, reply to or forward is never looked at. https://core.telegram.org/bots/api#message
 */
export function toMove({ message }: Update): GroupMove | undefined {
  if (!message) return undefined;
  const { chat, migrate_to_chat_id: to, migrate_from_chat_id: from } = message;
  if (chat.type === 'group' && to !== undefined) return move(chat.id, to);
  if (chat.type === 'supergroup' && from !== undefined) return move(from, chat.id);
  return undefined;
}

export function move(from: number, to: number): GroupMove {
  return { platform: 'telegram', from: String(from), to: String(to) };
}

/** A message as its writer sees it: a file's caption counts as its text. */
type Content = { text: string; entities: readonly MessageEntity[] };

function said(message: Message, self: Self, updateId: string): Heard | undefined {
  const { from, chat, document: file } = message;
  if (!from || from.is_bot || chat.type === 'channel') return undefined;
  const text = message.text ?? message.caption ?? (file ? '' : undefined);
  if (text === undefined) return undefined;
  const content: Content = { text, entities: message.entities ?? message.caption_entities ?? [] };
  const replied = repliedTo(message);
  const spoken = commandIn(content, chat.type, self) ?? questionIn(content, message, replied, self);
  if (!spoken) return undefined;
  return {
    event: {
      type: 'command',
      updateId,
      chat: chatOf(message),
      person: personOf(from, message),
      ...localeOf(from),
      ...directOf(from, message),
      ...spoken,
      options: {},
      message: refOf(message),
      ...(replied && { repliesTo: refOf(replied) }),
      ...aboutOf(content, replied),
    },
    ...(file && { file }),
  };
}

/** Whom the message is about: a member without a username that it names, else the writer of what it replies to. */
function aboutOf({ entities }: Content, replied: Message['reply_to_message']): { about?: Person } {
  const named = entities.find((entity) => entity.type === 'text_mention');
  if (named && !named.user.is_bot) return { about: personOf(named.user) };
  return replied?.from && !replied.from.is_bot ? { about: personOf(replied.from, replied) } : {};
}

type Spoken = { name: string; text: string; isPlain?: true };

function commandIn({ text, entities }: Content, chat: string, self: Self): Spoken | undefined {
  const first = entities[0];
  if (first?.type !== 'bot_command' || first.offset !== 0) return undefined;
  const [typed = '', addressee] = text.slice(1, first.length).split('@');
  const rest = text.slice(first.length).trim();
  // What a link to the bot carries comes behind /start.
  const name = typed.toLowerCase() === 'start' && rest === '' ? 'help' : typed.toLowerCase();
  if (addressee !== undefined && addressee.toLowerCase() !== self.username.toLowerCase()) return undefined;
  if (addressee === undefined && chat !== 'private' && !self.commands.has(name)) return undefined;
  return { name, text: rest };
}

/** Text that is meant for the bot without a command: written to it alone, as a reply to it, or with its name. */
function questionIn(
  { text, entities }: Content,
  message: Message,
  replied: Message['reply_to_message'],
  self: Self,
): Spoken | undefined {
  if (entities[0]?.type === 'bot_command' && entities[0].offset === 0) return undefined;
  const name = entities.find(
    ({ type, offset, length }) =>
      type === 'mention' && text.slice(offset + 1, offset + length).toLowerCase() === self.username.toLowerCase(),
  );
  const isMeant = message.chat.type === 'private' || replied?.from?.id === self.id || name !== undefined;
  if (!isMeant) return undefined;
  const isAddress = name && (name.offset === 0 || name.offset + name.length === text.length);
  const rest = isAddress ? text.slice(0, name.offset) + text.slice(name.offset + name.length) : text;
  return { name: 'ask', text: rest.replace(/^[\s,:]+|\s+$/gu, ''), isPlain: true };
}

/** The message that this one replies to. In a topic every message formally replies to the one that opened it. */
function repliedTo({ reply_to_message: replied }: Message): Message['reply_to_message'] {
  return replied?.forum_topic_created ? undefined : replied;
}

function press({ message, data, from }: CallbackQuery, updateId: string): Heard | undefined {
  if (!message || data === undefined) return undefined;
  return {
    event: {
      type: 'press',
      updateId,
      chat: chatOf(message),
      person: personOf(from),
      ...localeOf(from),
      ...directOf(from, message),
      message: refOf(message),
      data,
    },
  };
}

/** Telegram shows nothing in a group to one member alone. A person's private chat with the bot has the person's own id. */
function directOf(
  { id }: User,
  { chat, sender_chat }: Pick<Message, 'chat' | 'sender_chat'>,
): { direct?: Chat | 'nowhere' } {
  if (chat.type === 'private') return {};
  return { direct: sender_chat ? 'nowhere' : { platform: 'telegram', id: String(id) } };
}

function localeOf({ language_code: locale }: User): { locale?: string } {
  return locale === undefined ? {} : { locale };
}

function chatOf(message: { chat: { id: number }; is_topic_message?: boolean; message_thread_id?: number }): Chat {
  const id = String(message.chat.id);
  return message.is_topic_message && message.message_thread_id !== undefined
    ? { platform: 'telegram', id, thread: String(message.message_thread_id) }
    : { platform: 'telegram', id };
}

export function refOf(message: Parameters<typeof chatOf>[0] & { message_id: number }): MessageRef {
  return { chat: chatOf(message), id: String(message.message_id) };
}

/** An administrator who speaks as the group is that group, not the one account Telegram puts in all their names. */
function personOf(user: User, message?: Message): Person {
  const group = message?.sender_chat;
  if (group) return { platform: 'telegram', id: String(group.id), name: group.title ?? String(group.id) };
  const name = [user.first_name, user.last_name].filter(Boolean).join(' ').trim() || user.username || String(user.id);
  return { platform: 'telegram', id: String(user.id), name };
}
