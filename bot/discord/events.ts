import {
  type APIApplicationCommandInteraction,
  type APIAttachment,
  type APIInteraction,
  type APIInteractionDataResolved,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ChannelType,
  InteractionContextType,
  InteractionType,
} from 'discord.js';
import type { Chat, Incoming, Person } from '../core/types.ts';
import { askAboutMessage, textOptionOf } from './commands.ts';
import { written } from './form.ts';
import { personOf, standingOf } from './people.ts';

/** What a person did, and the files that go with it. */
export type Heard = { event: Incoming; files: readonly APIAttachment[] };

/** What a person did, or nothing when it is not for the core. */
export function toIncoming(interaction: APIInteraction): Heard | undefined {
  if (interaction.type === InteractionType.ApplicationCommand) return command(interaction);
  if (interaction.type === InteractionType.MessageComponent) return press(interaction);
  if (interaction.type === InteractionType.ModalSubmit) return submission(interaction);
  return undefined;
}

function command(interaction: APIApplicationCommandInteraction): Heard | undefined {
  const base = baseOf(interaction);
  if (!base) return undefined;
  const { data } = interaction;
  if (data.type === ApplicationCommandType.Message && data.name === askAboutMessage) {
    const message = data.resolved.messages[data.target_id];
    const about = { chat: base.chat, id: data.target_id };
    return {
      // As an option: what somebody else wrote can name no model and give no instructions.
      event: {
        ...base,
        type: 'command',
        name: 'ask',
        text: '',
        options: { prompt: message?.content ?? '' },
        message: about,
      },
      files: message?.attachments ?? [],
    };
  }
  if (data.type !== ApplicationCommandType.ChatInput) return undefined;
  const given = data.options ?? [];
  const texts = new Map(
    given.flatMap((option) =>
      option.type === ApplicationCommandOptionType.String ? [[option.name, option.value] as const] : [],
    ),
  );
  const files = given.flatMap((option) =>
    option.type === ApplicationCommandOptionType.Attachment ? [option.value] : [],
  );
  return {
    event: { ...base, type: 'command', name: data.name, ...typed(data.name, texts) },
    files: resolve(files, data.resolved),
  };
}

/** What was written into the form asks; a form opened by a message's button replies to that message. */
function submission(interaction: APIModalSubmitInteraction): Heard | undefined {
  const base = baseOf(interaction);
  const filled = written(interaction);
  if (!base || !filled) return undefined;
  const { message } = interaction;
  return {
    event: {
      ...base,
      type: 'command',
      name: 'ask',
      ...typed('ask', filled.texts),
      ...(message && { repliesTo: { chat: base.chat, id: message.id } }),
    },
    files: resolve(filled.files, interaction.data.resolved),
  };
}

function press(interaction: APIMessageComponentInteraction): Heard | undefined {
  const base = baseOf(interaction);
  if (!base) return undefined;
  const message = { chat: base.chat, id: interaction.message.id };
  return { event: { ...base, type: 'press', message, data: interaction.data.custom_id }, files: [] };
}

/** One option of a command is its text; one left empty counts as not given. */
function typed(command: string, given: ReadonlyMap<string, string>): { text: string; options: Record<string, string> } {
  const text = textOptionOf(command);
  const options = [...given].filter(([name, value]) => name !== text && value.trim() !== '');
  return {
    text: (text === undefined ? undefined : given.get(text))?.trim() ?? '',
    options: Object.fromEntries(options),
  };
}

function resolve(ids: readonly string[], resolved: Partial<APIInteractionDataResolved> | undefined): APIAttachment[] {
  return ids.flatMap((id) => resolved?.attachments?.[id] ?? []);
}

type Interaction = APIApplicationCommandInteraction | APIMessageComponentInteraction | APIModalSubmitInteraction;

/** Who did something where, and by which client; undefined: Discord doesn't say. */
export function baseOf(
  interaction: Interaction,
): { updateId: string; chat: Chat; person: Person; locale?: string } | undefined {
  const { id, channel, member, user, context } = interaction;
  const account = member?.user ?? user;
  if (!channel || !account) return undefined;
  const chat = chatOf(channel.id, channel.type, 'parent_id' in channel ? channel.parent_id : undefined);
  const isPrivate = context === InteractionContextType.BotDM;
  return { updateId: id, chat, person: personOf(account, member?.nick), ...standingOf(interaction, isPrivate) };
}

/** A thread belongs to the channel that it was opened in. */
export function chatOf(id: string, type: ChannelType, parent: string | null | undefined): Chat {
  const inThread =
    type === ChannelType.PublicThread || type === ChannelType.PrivateThread || type === ChannelType.AnnouncementThread;
  return inThread && parent ? { platform: 'discord', id: parent, thread: id } : { platform: 'discord', id };
}
