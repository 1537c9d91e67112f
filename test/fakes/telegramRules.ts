import type { InlineKeyboardMarkup, MessageEntity } from 'grammy/types';

/** Telegram's answer to a call it refuses. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: number;
  readonly parameters: { retry_after?: number; migrate_to_chat_id?: number } | undefined;
  constructor(code: number, description: string, parameters?: Refusal['parameters']) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

const entityTypes = new Set([
  'bold',
  'italic',
  'underline',
  'strikethrough',
  'spoiler',
  'blockquote',
  'expandable_blockquote',
  'code',
  'pre',
  'text_link',
  'date_time',
]);

/** @throws Refusal in Telegram's own words */
export function checkText(text: unknown, entities: readonly MessageEntity[]): string {
  if (typeof text !== 'string' || text.trim() === '') throw new Refusal(400, 'Bad Request: message text is empty');
  if (!text.isWellFormed()) throw new Refusal(400, 'Bad Request: strings must be encoded in UTF-8');
  if (text.length > 4_096) throw new Refusal(400, 'Bad Request: message is too long');
  if (entities.length > 100) throw new Refusal(400, 'Bad Request: too many entities');
  for (const { type, offset, length } of entities) {
    if (!entityTypes.has(type)) throw new Refusal(400, `Bad Request: unsupported entity ${type}`);
    if (offset < 0 || length <= 0 || offset + length > text.length)
      throw new Refusal(400, 'Bad Request: ENTITY_BOUNDS_INVALID');
    for (const edge of [offset, offset + length]) {
      if ((text.charCodeAt(edge) & 0xfc00) === 0xdc00) {
        throw new Refusal(400, `Bad Request: entity begins in a middle of a UTF-16 symbol at byte offset ${edge}`);
      }
    }
  }
  return text;
}

/** @throws Refusal in Telegram's own words */
export function checkKeyboard(markup: InlineKeyboardMarkup | undefined): void {
  for (const button of markup?.inline_keyboard.flat() ?? []) {
    if (button.text.trim() === '')
      throw new Refusal(400, 'Bad Request: text buttons are unallowed in the inline keyboard');
    if (
      'url' in button &&
      (URL.parse(button.url)?.hostname.includes('.') !== true || /\/\/(?:127|10|192\.168)\./.test(button.url))
    ) {
      throw new Refusal(400, `Bad Request: inline keyboard button URL '${button.url}' is invalid: Wrong HTTP URL`);
    }
    if ('callback_data' in button && (button.callback_data === '' || Buffer.byteLength(button.callback_data) > 64)) {
      throw new Refusal(400, 'Bad Request: BUTTON_DATA_INVALID');
    }
  }
}

/** The mentions and commands that Telegram finds by itself: outside code and links. */
export function foundByTelegram(text: string, entities: readonly MessageEntity[]): string[] {
  const covered = entities.filter(({ type }) => type === 'code' || type === 'pre' || type === 'text_link');
  return [
    ...text.matchAll(
      /(?<!\w)@[A-Za-z0-9_]{2,32}\b|(?<![\w/<>])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])/g,
    ),
  ]
    .filter(
      ({ index, 0: { length } }) =>
        !covered.some((entity) => entity.offset < index + length && entity.offset + entity.length > index),
    )
    .map(([found]) => found);
}

/** Telegram's flood control as it is known: a few a second in a chat, 20 a minute in a group. */
export function createFloodControl(): (chat: number) => void {
  const sends = new Map<number, number[]>();
  return (chat) => {
    const times = (sends.get(chat) ?? []).filter((at) => at > Date.now() - 60_000);
    const lastSecond = times.filter((at) => at > Date.now() - 1_000);
    const oldest = times[0];
    if (chat < 0 && oldest !== undefined && times.length >= 20) {
      const wait = Math.ceil((oldest + 60_000 - Date.now()) / 1_000);
      throw new Refusal(429, `Too Many Requests: retry after ${wait}`, { retry_after: wait });
    }
    if (lastSecond.length >= 5) throw new Refusal(429, 'Too Many Requests: retry after 1', { retry_after: 1 });
    sends.set(chat, [...times, Date.now()]);
  };
}
