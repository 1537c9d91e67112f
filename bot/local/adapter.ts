import type { Log } from '../../contracts/client/support/Log.ts';
import {
  type Adapter,
  type Chat,
  DeliveryError,
  type Incoming,
  type Message,
  type MessageRef,
  type Person,
  type SentFile,
} from '../core/types.ts';
import { type Channel, createChannel } from './channel.ts';
import type { Entry, Member } from './store.ts';

/** The one channel that there is. */
export const localChat: Chat = { platform: 'local', id: 'main' };

/** What can follow a command, offered while it is typed. */
export type Suggestion = { value: string; label: string; detail?: string };

export type LocalAdapterOptions = {
  /** Path of the channel's own SQLite file, or `:memory:`. */
  file: string;
  log: Log;
  /** Completions for what is typed after a command's name; for `/ask` those are names of models. */
  suggest?: (command: string, typed: string) => Promise<readonly Suggestion[]> | readonly Suggestion[];
};

/** The local chat as the conversation core sees it, and what its pages need beside that. */
export type LocalAdapter = Adapter<Message> & {
  channel: Channel;
  /**
   * What somebody typed. A line that starts with `/` is a command; one that replies to the bot asks further, and one with files asks.
   * @param options.replyTo the line that it answers; one that this person can't see counts as none
   * @param options.locale the browser's language, a BCP 47 tag
   */
  typed(
    member: Member,
    text: string,
    options: { nonce: string; replyTo?: number; locale?: string; files?: readonly SentFile[] },
  ): void;
  /** @returns false when there is no such button that this person may press */
  pressed(member: Member, messageId: number, data: string, options: { nonce: string; locale?: string }): boolean;
  suggest(command: string, typed: string): Promise<readonly Suggestion[]>;
};

const commandPattern = /^\/([a-z][a-z0-9_-]{0,31})(?:\s+([\s\S]*))?$/i;

/** The adapter for the page on this machine: a channel that is kept over restarts. */
export function createLocalAdapter({ file, log, suggest }: LocalAdapterOptions): LocalAdapter {
  const channel = createChannel(file);
  let receive: ((event: Incoming) => Promise<void>) | undefined;

  const hand = (event: Incoming, done?: () => void) => {
    const receiver = receive;
    if (!receiver) return;
    channel
      .working(() => receiver(event))
      .then(done, (error: unknown) =>
        log.error({ err: error, updateId: event.updateId }, 'The core failed on an event of the local chat'),
      );
  };
  const handCommand = (entry: Entry, locale?: string) => {
    const command = commandOf(entry, channel);
    if (command) hand({ ...command, ...(locale && { locale }) }, () => channel.handled(entry.id));
  };

  return {
    platform: 'local',
    dropsRepeats: true,
    channel,
    async start(receiver) {
      receive = receiver;
      for (const entry of channel.pending()) handCommand(entry);
    },
    async stop() {
      receive = undefined;
      channel.close();
    },
    status: () => ({ isConnected: true, line: 'connected' }),
    direct: (person) => ({ chat: localChat, onlyFor: person }),
    render: (message) => [{ payload: message }],
    async send(_chat, { payload }, { replyTo, nonce, onlyFor }) {
      const entry = channel.post(payload, {
        nonce,
        ...(replyTo && { replyTo: Number(replyTo.id) }),
        ...(onlyFor && { onlyFor: onlyFor.id }),
        ...askOf(payload),
      });
      return refOf(entry.id);
    },
    async edit(ref, { payload }) {
      if (!channel.replace(Number(ref.id), payload))
        throw new DeliveryError('gone', 'This line of the local chat does not exist any more.');
    },
    typed(member, text, { nonce, replyTo, locale, files = [] }) {
      const answered = replyTo === undefined ? undefined : channel.entry(replyTo, member);
      const pending = commandPattern.test(text) || answered?.body.type === 'bot' || files.length > 0;
      const { entry, isNew } = channel.say(member, text, {
        nonce,
        pending,
        files,
        ...(answered && { replyTo: answered.id }),
      });
      if (isNew) handCommand(entry, locale);
    },
    pressed(member, messageId, data, { nonce, locale }) {
      const body = channel.entry(messageId, member)?.body;
      const buttons = body?.type === 'bot' ? (body.message.buttons ?? []) : [];
      if (!buttons.some((button) => button.type === 'press' && button.data === data)) return false;
      hand({
        type: 'press',
        updateId: `p:${member.id}:${nonce}`,
        chat: localChat,
        person: personOf(member),
        isAdmin: true,
        group: localChat.id,
        ...(locale && { locale }),
        message: refOf(messageId),
        data,
      });
      return true;
    },
    async suggest(command, typed) {
      return (await suggest?.(command, typed)) ?? [];
    },
  };
}

/** A line with a pay link is that ask's card; the page then shows the ask's steps in it. */
function askOf({ buttons = [] }: Message): { ask?: string } {
  for (const button of buttons) {
    const [, ask] = (button.type === 'link' && /\/pay\/([\w-]{8,128})$/.exec(button.url)) || [];
    if (ask !== undefined) return { ask };
  }
  return {};
}

function commandOf(entry: Entry, channel: Channel): Incoming | undefined {
  const { body, author, replyTo } = entry;
  if (body.type !== 'person' || !author) return undefined;
  const match = commandPattern.exec(body.text);
  const { text, files } = body;
  if (!match && !files && (replyTo === undefined || !channel.isBots(replyTo))) return undefined;
  return {
    type: 'command',
    updateId: `m:${entry.id}`,
    chat: localChat,
    person: personOf(author),
    group: localChat.id,
    ...aboutOf(replyTo, author, channel),
    name: match ? (match[1] ?? '').toLowerCase() : 'ask',
    // Whoever sits at this machine runs the bot.
    isAdmin: true,
    ...(!match && { isPlain: true as const }),
    text: match ? (match[2] ?? '') : text,
    options: {},
    ...(files && { attachments: files }),
    message: refOf(entry.id),
    ...(replyTo !== undefined && { repliesTo: refOf(replyTo) }),
  };
}

function aboutOf(replyTo: number | undefined, member: Member, channel: Channel): { about?: Person } {
  const author = replyTo === undefined ? undefined : channel.entry(replyTo, member)?.author;
  return author ? { about: personOf(author) } : {};
}

function personOf(member: Member): Person {
  return { platform: 'local', id: member.id, name: member.name };
}

function refOf(id: number): MessageRef {
  return { chat: localChat, id: String(id) };
}
