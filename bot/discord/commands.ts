import {
  type APIApplicationCommandStringOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord.js';

/** In servers that have the bot, and wherever somebody who installed it for himself goes; in channels and direct messages. */
const everywhere = {
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
};

/** Discord's limits for what a person types and what is offered. */
export const limits = { prompt: 4_000, choices: 25, choice: 100 } as const;

export const askAboutMessage = 'Ask about this message';

/** Only the person who asked sees the answers to these. */
export const quietCommands: ReadonlySet<string> = new Set(['help', 'models', 'history']);

const text = ApplicationCommandOptionType.String;

/** What is typed with a command. The option `prompt` or `search` becomes the event's text, the others its options. */
const options: Readonly<Record<string, APIApplicationCommandStringOption[]>> = {
  ask: [
    { type: text, name: 'prompt', description: 'Your question', required: true, max_length: limits.prompt },
    { type: text, name: 'model', description: 'Which model answers', autocomplete: true, max_length: limits.choice },
  ],
  models: [{ type: text, name: 'search', description: 'Words to look for', max_length: limits.choice }],
};

/** The menu of commands. */
export function discordCommands(
  list: readonly { name: string; description: string }[],
): RESTPutAPIApplicationCommandsJSONBody {
  return [
    ...list.map(({ name, description }) => ({
      name,
      description: description.slice(0, 100),
      ...(options[name] && { options: options[name] }),
      ...everywhere,
    })),
    { type: ApplicationCommandType.Message, name: askAboutMessage, ...everywhere },
  ];
}
