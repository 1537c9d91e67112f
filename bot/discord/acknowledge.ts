import { setTimeout as pause } from 'node:timers/promises';
import {
  type APIApplicationCommandAutocompleteInteraction,
  type APIInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  type REST,
  Routes,
} from 'discord.js';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { Translate } from '../core/I18n.ts';
import { limits, quietCommands } from './commands.ts';
import { failure } from './failure.ts';
import { form, type Opener, opensForm } from './form.ts';

/** A completion for what is being typed. */
export type Suggestion = { value: string; label: string; detail?: string };
export type Suggest = (command: string, typed: string) => Promise<readonly Suggestion[]> | readonly Suggestion[];

/** Discord waits 3 s for completions; nothing is better than too late. */
const suggestWithinMs = 2_000;

export function isQuiet(interaction: APIInteraction): boolean {
  return interaction.type === InteractionType.ApplicationCommand && quietCommands.has(interaction.data.name);
}

/**
 * Opens the form when that is what the interaction asks for.
 * @param speak the language to write it in
 * @returns whether it does: then nothing else follows
 */
export async function openForm(
  rest: REST,
  interaction: APIInteraction,
  speak: (opener: Opener) => Promise<Translate>,
  log: Log,
): Promise<boolean> {
  if (!opensForm(interaction)) return false;
  await respond(rest, interaction, form(interaction, await speak(interaction)), log);
  return true;
}

/** Tells Discord within its 3 s that the interaction was heard. @returns whether Discord took it */
export async function acknowledge(rest: REST, interaction: APIInteraction, log: Log): Promise<boolean> {
  const body =
    interaction.type === InteractionType.MessageComponent
      ? { type: InteractionResponseType.DeferredMessageUpdate }
      : {
          type: InteractionResponseType.DeferredChannelMessageWithSource,
          ...(isQuiet(interaction) && { data: { flags: MessageFlags.Ephemeral } }),
        };
  return respond(rest, interaction, body, log);
}

/** Answers an autocomplete: names of models. */
export async function complete(
  rest: REST,
  interaction: APIApplicationCommandAutocompleteInteraction,
  suggest: Suggest | undefined,
  log: Log,
): Promise<void> {
  const typed = typedIn(interaction);
  const found = await Promise.race([
    Promise.resolve()
      .then(() => suggest?.(interaction.data.name, typed) ?? [])
      .catch((error: unknown) => {
        log.error({ err: error }, 'no completions');
        return [];
      }),
    pause(suggestWithinMs, [], { ref: false }),
  ]);
  const choices = found
    .filter(({ value }) => value !== '' && value.length <= limits.choice)
    .slice(0, limits.choices)
    .map(({ value, label, detail }) => ({
      name: shortened(detail ? `${label} · ${detail}` : label) || shortened(value),
      value,
    }));
  await respond(
    rest,
    interaction,
    { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } },
    log,
  );
}

async function respond(rest: REST, { id, token }: APIInteraction, body: unknown, log: Log): Promise<boolean> {
  try {
    await rest.post(Routes.interactionCallback(id, token), { body, auth: false });
    return true;
  } catch (error) {
    log.warn({ updateId: id }, `an interaction could not be acknowledged: ${failure(error).message}`);
    return false;
  }
}

function typedIn({ data }: APIApplicationCommandAutocompleteInteraction): string {
  if (data.type !== undefined && data.type !== ApplicationCommandType.ChatInput) return '';
  for (const option of data.options ?? []) {
    if (option.type === ApplicationCommandOptionType.String && option.focused) return option.value;
  }
  return '';
}

function shortened(text: string): string {
  const whole = text.toWellFormed().replace(/\s+/g, ' ').trim();
  return whole.length <= limits.choice ? whole : `${whole.slice(0, limits.choice - 1).toWellFormed()}…`;
}
