import type { CallbackQuery, Message, Update, User } from 'grammy/types';
import type { Chat, Incoming, MessageRef, Person } from '../core/types.ts';

/** The updates asked for: nothing else reaches this process. */
export const allowedUpdates = ['message', 'callback_query'] as const;

/** Who the bot is among others in a group. */
export type Self = { username: string; commands: ReadonlySet<string> };

/** What a person did, or nothing when it is none of the bot's business. */
export function toIncoming(update: Update, self: Self): Incoming | undefined {
  const updateId = String(update.update_id);
  if (update.message) return command(update.message, self, updateId);
  if (update.callback_query) return press(update.callback_query, updateId);
  return undefined;
}

function command(message: Message, self: Self, updateId: string): Incoming | undefined {
  const { text, from, chat } = message;
  const first = message.entities?.[0];
  if (text === undefined || !from || chat.type === 'channel') return undefined;
  if (first?.type !== 'bot_command' || first.offset !== 0) return undefined;
  const [typed = '', addressee] = text.slice(1, first.length).split('@');
  const name = typed.toLowerCase() === 'start' ? 'help' : typed.toLowerCase();
  if (addressee !== undefined && addressee.toLowerCase() !== self.username.toLowerCase()) return undefined;
  if (addressee === undefined && chat.type !== 'private' && !self.commands.has(name)) return undefined;
  return {
    type: 'command',
    updateId,
    chat: chatOf(message),
    person: personOf(from, message),
    ...localeOf(from),
    name,
    text: name === 'help' ? '' : text.slice(first.length).trim(),
    options: {},
    message: refOf(message),
  };
}

function press({ message, data, from }: CallbackQuery, updateId: string): Incoming | undefined {
  if (!message || data === undefined) return undefined;
  return {
    type: 'press',
    updateId,
    chat: chatOf(message),
    person: personOf(from),
    ...localeOf(from),
    message: refOf(message),
    data,
  };
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
