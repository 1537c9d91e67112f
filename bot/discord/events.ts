import {
  type APIApplicationCommandInteraction,
  type APIInteraction,
  type APIMessageComponentInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ChannelType,
  InteractionType,
} from 'discord.js';
import type { Chat, Incoming, Person } from '../core/types.ts';
import { askAboutMessage } from './commands.ts';

type Command = APIApplicationCommandInteraction;
type Press = APIMessageComponentInteraction;

/** What a person did, or nothing when it is not for the core. */
export function toIncoming(interaction: APIInteraction): Incoming | undefined {
  if (interaction.type === InteractionType.ApplicationCommand) return command(interaction);
  if (interaction.type === InteractionType.MessageComponent) return press(interaction);
  return undefined;
}

function command(interaction: Command): Incoming | undefined {
  const chat = chatOf(interaction);
  const person = personOf(interaction);
  if (!chat || !person) return undefined;
  const base = { type: 'command', updateId: interaction.id, chat, person, locale: interaction.locale } as const;
  const { data } = interaction;
  if (data.type === ApplicationCommandType.Message && data.name === askAboutMessage) {
    const message = data.resolved.messages[data.target_id];
    return { ...base, name: 'ask', text: message?.content ?? '', options: {}, message: { chat, id: data.target_id } };
  }
  if (data.type !== ApplicationCommandType.ChatInput) return undefined;
  const given = (data.options ?? []).flatMap((option) =>
    option.type === ApplicationCommandOptionType.String ? [[option.name, option.value] as const] : [],
  );
  const isText = (name: string) => name === 'prompt' || name === 'search';
  return {
    ...base,
    name: data.name,
    text: given.find(([name]) => isText(name))?.[1].trim() ?? '',
    options: Object.fromEntries(given.filter(([name]) => !isText(name))),
  };
}

function press(interaction: Press): Incoming | undefined {
  const chat = chatOf(interaction);
  const person = personOf(interaction);
  if (!chat || !person) return undefined;
  return {
    type: 'press',
    updateId: interaction.id,
    chat,
    person,
    locale: interaction.locale,
    message: { chat, id: interaction.message.id },
    data: interaction.data.custom_id,
  };
}

function chatOf({ channel }: Command | Press): Chat | undefined {
  if (!channel) return undefined;
  const inThread =
    channel.type === ChannelType.PublicThread ||
    channel.type === ChannelType.PrivateThread ||
    channel.type === ChannelType.AnnouncementThread;
  return inThread && channel.parent_id
    ? { platform: 'discord', id: channel.parent_id, thread: channel.id }
    : { platform: 'discord', id: channel.id };
}

function personOf({ member, user }: Command | Press): Person | undefined {
  const account = member?.user ?? user;
  return (
    account && { platform: 'discord', id: account.id, name: member?.nick ?? account.global_name ?? account.username }
  );
}
