import { translator } from '../I18n.ts';
import type { Message, MessageFile } from '../types.ts';

/** How much of an attached answer stands in the message, characters. */
const previewLength = 800;

/**
 * A message whose answer is too long for a few messages: its beginning and a note, and the whole as a file, byte for byte as it
 * stands on chain.
 * @param parts how many messages the answer alone would take
 * @param most above this many it is attached
 */
export function attachLong(
  message: Message,
  parts: number,
  most: number,
): { message: Message; attachment?: MessageFile } {
  if (message.answer === undefined || parts <= most) return { message };
  const { answer } = message;
  const cut = answer.slice(0, previewLength).replace(/(?:\s+\S*|[\ud800-\udbff])$/, '');
  const note = translator(message.language ?? 'en')('file.long', { characters: [...answer].length });
  return {
    message: {
      ...message,
      answer: `${cut} …`,
      footer: message.footer === undefined ? note : `${note}\n${message.footer}`,
    },
    attachment: { name: 'answer.md', text: answer },
  };
}
