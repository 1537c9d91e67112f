import type { InlineKeyboardButton, InlineKeyboardMarkup } from 'grammy/types';
import { attachLong } from '../core/markdown/attachment.ts';
import { plain } from '../core/markdown/plain.ts';
import type { Section } from '../core/markdown/Section.ts';
import { type TelegramEntity, toTelegram } from '../core/markdown/telegram.ts';
import type { Button, Message, MessageFile, Part } from '../core/types.ts';

/** A text, or a file that goes along: an answer too long for a few messages, a picture. */
export type TelegramPayload = TelegramTextPayload | { file: MessageFile };

/** What `sendMessage` and `editMessageText` have in common. */
export type TelegramTextPayload = {
  text: string;
  entities: TelegramEntity[];
  link_preview_options: { is_disabled: true };
  reply_markup?: InlineKeyboardMarkup;
};

/** An answer of more messages than this is attached as a file. */
const mostMessages = 5;

/**
 * A message as Telegram takes it. Buttons whose address Telegram refuses (anything but https on a public name) become lines of text.
 * @param linkButtons false when the bot's own pages are not public: then no link is a button
 */
export function renderTelegram(whole: Message, linkButtons: boolean): Part<TelegramPayload>[] {
  const { message, attachment } = attachLong(whole, toTelegram(whole.answer ?? '').length, mostMessages);
  const { language } = message;
  const buttons = (message.buttons ?? []).filter((button) => button.type !== 'write');
  const asText = buttons.filter((button) => button.type === 'link' && !(linkButtons && isPublic(button.url)));
  const sections: Section[] = [
    { markdown: message.text, from: 'us', language },
    ...(message.answer === undefined ? [] : [{ markdown: message.answer, from: 'model' } as const]),
    ...asText.map((button): Section => ({ markdown: linkLine(button), from: 'us' })),
    ...(message.footer === undefined ? [] : [{ markdown: message.footer, from: 'us', small: true, language } as const]),
  ];
  const texts = toTelegram(sections);
  const keyboard = rows(buttons.filter((button) => !asText.includes(button)));
  const parts = (texts.length > 0 ? texts : [{ text: '…', entities: [] }]).map((part, index) => ({
    payload: {
      ...part,
      link_preview_options: { is_disabled: true } as const,
      ...(index === 0 && keyboard.length > 0 ? { reply_markup: { inline_keyboard: keyboard } } : {}),
    },
  }));
  const files = [attachment, message.file].filter((file) => file !== undefined);
  return [...parts, ...files.map((file) => ({ payload: { file } }))];
}

/** Whether Telegram takes an address in a button: https, a name with a dot, not of this machine or a private network. */
export function isPublic(address: string): boolean {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:') return false;
  const name = url.hostname;
  return (
    name.includes('.') &&
    !/\.(?:local|localhost|internal|test)$|^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(name)
  );
}

function linkLine(button: Button): string {
  return button.type === 'link' ? `${plain(button.label)}: <${button.url}>` : '';
}

type Shown = Exclude<Button, { type: 'write' }>;

/** Two short buttons share a row. */
function rows(buttons: readonly Shown[]): InlineKeyboardButton[][] {
  const result: InlineKeyboardButton[][] = [];
  let roomy = false;
  for (const button of buttons) {
    const key = {
      text: button.label.toWellFormed(),
      ...(button.type === 'link' ? { url: button.url } : { callback_data: button.data }),
    };
    const short = button.label.length <= 18;
    if (short && roomy) result.at(-1)?.push(key);
    else result.push([key]);
    roomy = short && !roomy;
  }
  return result;
}
