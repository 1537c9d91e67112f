import {
  type APIButtonComponentWithCustomId,
  type APIButtonComponentWithURL,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from 'discord.js';
import { attachLong } from '../core/markdown/attachment.ts';
import { toDiscord } from '../core/markdown/discord.ts';
import { plain } from '../core/markdown/plain.ts';
import type { Section } from '../core/markdown/Section.ts';
import type { Button, Message, MessageFile, Part } from '../core/types.ts';
import { writeButton } from './form.ts';

type Row = {
  type: ComponentType.ActionRow;
  components: (APIButtonComponentWithCustomId | APIButtonComponentWithURL)[];
};

/** What every way of writing a message has in common: nobody is ever pinged, no previews. */
export type DiscordPayload = {
  content: string;
  components: Row[];
  allowed_mentions: { parse: [] };
  flags: MessageFlags.SuppressEmbeds;
  /** What goes along: an answer too long for a few messages, a picture. Not part of the body. */
  file?: MessageFile;
};

/** An answer of more messages than this is attached as a file. */
const mostMessages = 5;

const most = { label: 80, url: 512, inRow: 5, rows: 5 };

/** A message as Discord takes it. A button whose address Discord refuses (of this machine, too long) becomes a line of text. */
export function renderDiscord(whole: Message): Part<DiscordPayload>[] {
  const { message, attachment } = attachLong(whole, toDiscord(whole.answer ?? '').length, mostMessages);
  const { language } = message;
  const buttons = message.buttons ?? [];
  const asText = buttons.filter((button) => button.type === 'link' && !isButtonAddress(button.url));
  const sections: Section[] = [
    { markdown: message.text, from: 'us', language },
    ...(message.answer === undefined ? [] : [{ markdown: message.answer, from: 'model' } as const]),
    ...asText.map((button): Section => ({ markdown: linkLine(button), from: 'us' })),
    ...(message.footer === undefined ? [] : [{ markdown: message.footer, from: 'us', small: true, language } as const]),
  ];
  const contents = toDiscord(sections);
  const components = rows(buttons.filter((button) => !asText.includes(button)));
  const quiet = { allowed_mentions: { parse: [] as [] }, flags: MessageFlags.SuppressEmbeds as const };
  const parts = (contents.length > 0 ? contents : ['…']).map((content, index, all) => ({
    payload: {
      content,
      components: index === 0 ? components : [],
      ...quiet,
      ...(index === all.length - 1 && message.file && { file: message.file }),
    },
  }));
  return attachment ? [...parts, { payload: { content: '', components: [], ...quiet, file: attachment } }] : parts;
}

function isButtonAddress(address: string): boolean {
  const url = URL.parse(address);
  const web = url?.protocol === 'https:' || url?.protocol === 'http:';
  return web && url.hostname.includes('.') && !url.hostname.startsWith('127.') && address.length <= most.url;
}

function linkLine(button: Button): string {
  return button.type === 'link' ? `${plain(button.label)}: <${button.url}>` : '';
}

function rows(buttons: readonly Button[]): Row[] {
  const keys = buttons.slice(0, most.inRow * most.rows).map((button) => {
    const label = short(button.label);
    const type = ComponentType.Button as const;
    if (button.type === 'link') return { type, style: ButtonStyle.Link as const, label, url: button.url };
    const custom_id = button.type === 'write' ? writeButton : button.data;
    return { type, style: ButtonStyle.Secondary as const, label, custom_id };
  });
  return Array.from({ length: Math.ceil(keys.length / most.inRow) }, (_, row) => ({
    type: ComponentType.ActionRow,
    components: keys.slice(row * most.inRow, (row + 1) * most.inRow),
  }));
}

function short(label: string): string {
  const whole = label.toWellFormed().trim() || '…';
  if (whole.length <= most.label) return whole;
  let cut = '';
  for (const { segment } of new Intl.Segmenter().segment(whole)) {
    if (cut.length + segment.length >= most.label) break;
    cut += segment;
  }
  return `${cut}…`;
}
