import {
  type APIApplicationCommandAttachmentOption,
  type APIApplicationCommandStringOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord.js';

const { Guild, BotDM, PrivateChannel } = InteractionContextType;
const { GuildInstall, UserInstall } = ApplicationIntegrationType;

/** In servers that have the bot, and wherever somebody who installed it for himself goes; in channels and direct messages. */
const everywhere = { integration_types: [GuildInstall, UserInstall], contexts: [Guild, BotDM, PrivateChannel] };

/** What an application without user install may have. */
const inServers = { integration_types: [GuildInstall], contexts: [Guild, BotDM] };

/** Discord's limits for what a person types and what is offered. */
export const limits = { prompt: 4_000, choices: 25, choice: 100 } as const;

export const askAboutMessage = 'Ask about this message';

/** Only the person who asked sees the answers to these. */
export const quietCommands: ReadonlySet<string> = new Set(['help', 'models', 'history']);

const text = ApplicationCommandOptionType.String;
const file = ApplicationCommandOptionType.Attachment;

/**
 * What is typed with a command. The option `prompt` or `search` becomes the event's text, files its attachments, the others
 * its options. `/ask` without anything to ask opens a form.
 */
const options: Readonly<Record<string, (APIApplicationCommandStringOption | APIApplicationCommandAttachmentOption)[]>> =
  {
    ask: [
      {
        type: text,
        name: 'prompt',
        description: 'Your question; leave it out to write at length',
        max_length: limits.prompt,
      },
      { type: text, name: 'model', description: 'Which model answers', autocomplete: true, max_length: limits.choice },
      { type: file, name: 'file', description: 'A short text file for the question, or a workload of your own (.py)' },
      {
        type: text,
        name: 'system',
        description: 'Instructions of your own for the answer, instead of a model',
        max_length: limits.prompt,
      },
    ],
    models: [{ type: text, name: 'search', description: 'Words to look for', max_length: limits.choice }],
  };

/** The menu of commands. @param userInstall whether people may bring the bot along where it isn't */
export function discordCommands(
  list: readonly { name: string; description: string }[],
  userInstall: boolean,
): RESTPutAPIApplicationCommandsJSONBody {
  const where = userInstall ? everywhere : inServers;
  return [
    ...list.map(({ name, description }) => ({
      name,
      description: description.slice(0, 100),
      ...(options[name] && { options: options[name] }),
      ...where,
    })),
    { type: ApplicationCommandType.Message, name: askAboutMessage, ...where },
  ];
}
