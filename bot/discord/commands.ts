import {
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
export const quietCommands: ReadonlySet<string> = new Set(['help', 'models']);

/** The menu of commands. The option `prompt` or `search` becomes the event's text, the others its options. */
export const discordCommands: RESTPutAPIApplicationCommandsJSONBody = [
  {
    name: 'ask',
    description: 'Ask a model a question. You see the price before you pay.',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'prompt',
        description: 'Your question',
        required: true,
        max_length: limits.prompt,
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'model',
        description: 'Which model answers',
        autocomplete: true,
        max_length: limits.choice,
      },
    ],
    ...everywhere,
  },
  {
    name: 'models',
    description: 'The models there are, and their prices',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'search',
        description: 'Words to look for',
        max_length: limits.choice,
      },
    ],
    ...everywhere,
  },
  { name: 'help', description: 'How this works', ...everywhere },
  { type: ApplicationCommandType.Message, name: askAboutMessage, ...everywhere },
];
