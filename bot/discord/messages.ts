import { type GatewayMessageCreateDispatchData, MessageReferenceType, MessageType } from 'discord.js';
import type { Chat } from '../core/types.ts';
import type { Heard } from './events.ts';
import { directWith, personOf } from './people.ts';

export type DiscordMessage = GatewayMessageCreateDispatchData;

/**
 * Whether a message is meant for the bot: in a direct message, or by a mention, which a reply to the bot has unless its writer
 * switched it off. Of these Discord hands out the text without a privileged intent; of all others it comes empty.
 */
export function isForBot(message: DiscordMessage, self: string): boolean {
  if (message.author.bot || message.webhook_id !== undefined) return false;
  if (message.type !== MessageType.Default && message.type !== MessageType.Reply) return false;
  if (message.content === '' && message.attachments.length === 0) return false;
  return message.guild_id === undefined || message.mentions.some(({ id }) => id === self);
}

/** A question that was typed as an ordinary message. @param chat where it stands, the thread told from its channel */
export function questionOf(message: DiscordMessage, chat: Chat, self: string): Heard {
  const { id, author, member, message_reference: reference, guild_id } = message;
  const isReply = reference?.message_id !== undefined && reference.type !== MessageReferenceType.Forward;
  const person = personOf(author, member?.nick);
  return {
    event: {
      type: 'command',
      updateId: id,
      chat,
      person,
      name: 'ask',
      text: textOf(message, self),
      options: {},
      isPlain: true,
      message: { chat, id },
      ...(isReply && reference.message_id && { repliesTo: { chat, id: reference.message_id } }),
      // No interaction, so nothing can be shown here to one person alone.
      ...(guild_id === undefined ? { isAdmin: true } : { direct: directWith(person) }),
      ...(member && { roles: member.roles }),
      ...(member && guild_id !== undefined && { group: guild_id }),
    },
    files: message.attachments,
  };
}

/** What was typed, without the mention that called the bot; other mentions as the names that people see. */
function textOf({ content, mentions }: DiscordMessage, self: string): string {
  const names = new Map(mentions.map(({ id, username }) => [id, username]));
  return content
    .replace(new RegExp(`^\\s*<@!?${self}>[\\s,:]*|\\s*<@!?${self}>\\s*$`, 'g'), '')
    .replace(/<@!?(\d+)>/g, (whole, id: string) => (names.has(id) ? `@${names.get(id)}` : whole))
    .trim();
}
