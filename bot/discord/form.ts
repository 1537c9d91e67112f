import {
  type APIApplicationCommandInteraction,
  type APIInteraction,
  type APILabelComponent,
  type APIMessageComponentInteraction,
  type APIModalInteractionResponse,
  type APIModalSubmitInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  InteractionResponseType,
  InteractionType,
  TextInputStyle,
} from 'discord.js';
import { fileLimits } from '../core/Files.ts';
import type { Translate } from '../core/I18n.ts';
import { limits } from './commands.ts';

/** The button that opens the form; what is written there replies to the button's message. */
export const writeButton = 'write';

const formId = 'ask';

/** Discord's limit for a form's title and labels, characters. */
const most = 45;

export type Opener = APIApplicationCommandInteraction | APIMessageComponentInteraction;

/** Whether an interaction asks for the form: the command without anything to ask, or the button for it. */
export function opensForm(interaction: APIInteraction): interaction is Opener {
  if (interaction.type === InteractionType.MessageComponent) return interaction.data.custom_id === writeButton;
  if (interaction.type !== InteractionType.ApplicationCommand) return false;
  const { data } = interaction;
  return (
    data.type === ApplicationCommandType.ChatInput &&
    data.name === 'ask' &&
    !(data.options ?? []).some(({ name }) => name === 'prompt' || name === 'file')
  );
}

/** The form for a long question in the person's language, with what was given already filled in. */
export function form(interaction: Opener, t: Translate): APIModalInteractionResponse {
  const given = new Map(
    interaction.type === InteractionType.ApplicationCommand &&
      interaction.data.type === ApplicationCommandType.ChatInput
      ? (interaction.data.options ?? []).flatMap((option) =>
          option.type === ApplicationCommandOptionType.String ? [[option.name, option.value] as const] : [],
        )
      : [],
  );
  const line = (custom_id: string, label: string, style: TextInputStyle, max_length: number): APILabelComponent => {
    const value = given.get(custom_id);
    return {
      type: ComponentType.Label,
      label: label.slice(0, most),
      component: {
        type: ComponentType.TextInput,
        custom_id,
        style,
        max_length,
        required: false,
        ...(value && { value }),
      },
    };
  };
  return {
    type: InteractionResponseType.Modal,
    data: {
      custom_id: formId,
      title: t('form.title').slice(0, most),
      components: [
        line('prompt', t('form.prompt'), TextInputStyle.Paragraph, limits.prompt),
        line('model', t('form.model'), TextInputStyle.Short, limits.choice),
        {
          type: ComponentType.Label,
          label: t('form.files').slice(0, most),
          description: t('form.filesAbout').slice(0, limits.choice),
          component: {
            type: ComponentType.FileUpload,
            custom_id: 'file',
            min_values: 0,
            max_values: fileLimits.files,
            required: false,
          },
        },
        line('system', t('form.system'), TextInputStyle.Paragraph, limits.prompt),
      ],
    },
  };
}

/** What was written into the form, by field; files by their ids. Undefined for a form that isn't ours. */
export function written({
  data,
}: APIModalSubmitInteraction): { texts: Map<string, string>; files: string[] } | undefined {
  if (data.custom_id !== formId) return undefined;
  const texts = new Map<string, string>();
  const files: string[] = [];
  for (const label of data.components) {
    if (label.type !== ComponentType.Label) continue;
    const { component } = label;
    if (component.type === ComponentType.TextInput) texts.set(component.custom_id, component.value);
    if (component.type === ComponentType.FileUpload) files.push(...component.values);
  }
  return { texts, files };
}
