import { bodyProblems } from './discordSpec.ts';

export type FakeFile = { name: string; content: string | Uint8Array; type?: string };

/** A file as Discord hands it to the bot. `url` is where the fake serves it. */
export function asAttachment(id: string, { name, content, type }: FakeFile, url: string) {
  const size = Buffer.byteLength(content);
  return { id, filename: name, size, url, proxy_url: url, ...(type !== undefined && { content_type: type }) };
}

export type Written = {
  id: string;
  channel: string;
  /** Absent in direct messages. */
  guild?: string;
  author: { id: string; name: string; bot?: true };
  roles?: readonly string[];
  /** Written by a webhook of this id. */
  webhook?: string;
  content: string;
  attachments: ReturnType<typeof asAttachment>[];
  /** The message that it replies to, and whether its author is mentioned by that, as Discord's apps do unless told not to. */
  replyTo?: { id: string; author: { id: string; name: string }; ping: boolean };
};

type Account = { id: string; name: string; bot?: true };

const account = ({ id, name, bot }: Account) => ({
  id,
  username: name.toLowerCase(),
  global_name: name,
  discriminator: '0',
  avatar: null,
  public_flags: 0,
  flags: 0,
  primary_guild: null,
  ...(bot && { bot }),
});

/**
 * A message as the gateway hands it to `self`: without the message content intent the text and files of messages that neither
 * mention the bot nor are for it alone come empty.
 * @returns the event's data, and what of it breaks Discord's description of a message
 */
export function messageEvent(message: Written, self: Account, people: readonly Account[], hasContentIntent: boolean) {
  const { id, channel, guild, author, content, attachments, replyTo, roles = [], webhook } = message;
  const named = [...content.matchAll(/<@!?(\d+)>/g)].map(([, user]) => user);
  const mentioned = new Set([...named, ...(replyTo?.ping ? [replyTo.author.id] : [])]);
  const mentions = [self, ...people].filter((one) => mentioned.has(one.id)).map(account);
  const isHandedOut = guild === undefined || mentioned.has(self.id) || hasContentIntent;
  const whole = {
    id,
    channel_id: channel,
    type: replyTo ? 19 : 0,
    content: isHandedOut ? content : '',
    attachments: isHandedOut ? attachments : [],
    author: account(author),
    mentions,
    mention_roles: [],
    mention_everyone: false,
    embeds: [],
    components: [],
    timestamp: new Date().toISOString(),
    edited_timestamp: null,
    flags: 0,
    pinned: false,
    tts: false,
    ...(webhook !== undefined && { webhook_id: webhook }),
    ...(replyTo && { message_reference: { type: 0, channel_id: channel, message_id: replyTo.id } }),
  };
  const problems = bodyProblems('MessageResponse', whole);
  const member = { roles, nick: null, joined_at: new Date().toISOString(), deaf: false, mute: false, flags: 0 };
  return { data: { ...whole, ...(guild !== undefined && { guild_id: guild, member }) }, problems };
}
