import {
  type APIApplicationCommandAttachmentOption,
  type APIApplicationCommandStringOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  Locale,
  type LocalizationMap,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord.js';
import { type MenuEntry, type MenuOption, menu } from '../core/commands/menu.ts';
import { english, type Language, translator } from '../core/I18n.ts';

const { Guild, BotDM, PrivateChannel } = InteractionContextType;
const { GuildInstall, UserInstall } = ApplicationIntegrationType;

/** In servers that have the bot, and wherever somebody who installed it for himself goes; in channels and direct messages. */
const everywhere = { integration_types: [GuildInstall, UserInstall], contexts: [Guild, BotDM, PrivateChannel] };

/** What an application without user install may have. */
const inServers = { integration_types: [GuildInstall], contexts: [Guild, BotDM] };

/** Discord's limits for what a person types and what is offered. */
export const limits = { prompt: 4_000, choices: 25, choice: 100 } as const;

/** By this name Discord sends it back, whatever language it was shown in. */
export const askAboutMessage = english('form.aboutMessage');

const whole = menu();
const { en, ...others } = whole;

/** Only the person who asked sees the answers to these. */
export const quietCommands: ReadonlySet<string> = new Set(
  en.flatMap(({ name, isPrivate }) => (isPrivate ? [name] : [])),
);

/** For each command, the option whose value becomes the event's text. */
const texts = new Map(en.map(({ name, options }) => [name, options.find(({ isText }) => isText)?.name]));

export function textOptionOf(command: string): string | undefined {
  return texts.get(command);
}

/** Discord's names for the languages; English is what it shows to all others. */
const tags: Readonly<Record<Exclude<Language, 'en'>, readonly Locale[]>> = {
  es: [Locale.SpanishES, Locale.SpanishLATAM],
  zh: [Locale.ChineseCN, Locale.ChineseTW],
  pt: [Locale.PortugueseBR],
  ru: [Locale.Russian],
};

/** @param pick the same text in the menu of another language */
function localized(pick: (entries: readonly MenuEntry[]) => string | undefined): LocalizationMap {
  return localizedTo((language) => pick(others[language]));
}

function localizedTo(say: (language: Exclude<Language, 'en'>) => string | undefined): LocalizationMap {
  return Object.fromEntries(
    (['es', 'zh', 'pt', 'ru'] as const).flatMap((language) =>
      tags[language].map((tag) => [tag, say(language)?.slice(0, limits.choice) ?? null]),
    ),
  );
}

function optionOf(
  command: number,
  { kind, choices, ...option }: MenuOption,
  at: number,
): APIApplicationCommandStringOption | APIApplicationCommandAttachmentOption {
  const shared = {
    name: option.name,
    description: option.description.slice(0, limits.choice),
    description_localizations: localized((entries) => entries[command]?.options[at]?.description),
    ...(option.isRequired && { required: true }),
  };
  if (kind === 'file') return { ...shared, type: ApplicationCommandOptionType.Attachment };
  const base = { ...shared, type: ApplicationCommandOptionType.String as const };
  if (kind === 'model') return { ...base, autocomplete: true, max_length: limits.choice };
  if (kind === 'text') return { ...base, max_length: limits.prompt };
  return {
    ...base,
    choices: choices.map(({ value, label }, place) => ({
      name: label.slice(0, limits.choice),
      name_localizations: localized((entries) => entries[command]?.options[at]?.choices[place]?.label),
      value,
    })),
  };
}

/** The menu of commands. @param userInstall whether people may bring the bot along where it isn't */
export function discordCommands(userInstall: boolean): RESTPutAPIApplicationCommandsJSONBody {
  const where = userInstall ? everywhere : inServers;
  return [
    ...en.map(({ name, description, options }, command) => ({
      name,
      description: description.slice(0, limits.choice),
      description_localizations: localized((entries) => entries[command]?.description),
      ...(options.length > 0 && { options: options.map((option, at) => optionOf(command, option, at)) }),
      ...where,
    })),
    {
      type: ApplicationCommandType.Message,
      name: askAboutMessage,
      name_localizations: localizedTo((language) => translator(language)('form.aboutMessage')),
      ...where,
    },
  ];
}
