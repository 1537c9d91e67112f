import type { MenuEntry } from '../core/commands/menu.ts';
import { contentOf } from '../core/contentOf.ts';
import type { AskStatus, MessageFile } from '../core/types.ts';
import type { ChainInfo, Wire } from '../pay/server/wire.ts';
import { renderHtml } from './html.ts';
import type { Entry, Member } from './store.ts';

/** What a window gets when it opens. */
export type Session = { me: Member; canSkip: boolean; chain?: ChainInfo; commands: readonly MenuEntry[] };

/** Who is here, and whether the bot is at work on something. */
export type People = { here: Member[]; botIsBusy: boolean };

export type LineButton = { type: 'link'; label: string; url: string } | { type: 'press'; label: string; data: string };

/** What goes along with a line, as a `data:` address; `alt` when it is a picture. */
export type LineFile = { name: string; href: string; alt?: string };

/** Where the ask stands whose card a line is; `chainNow` is the chain's clock then, unix seconds. */
export type Standing = { status: Wire<AskStatus>; chainNow: number };

/** One line of the channel as its page shows it. `html` is safe; a person's `text` is plain. Times in unix milliseconds. */
export type Line = {
  id: number;
  at: number;
  editedAt?: number;
  author?: Member;
  replyTo?: number;
  onlyForYou: boolean;
} /** `files`: names of what was sent along. */ & (
  | { type: 'person'; text: string; files?: string[] }
  | {
      type: 'bot';
      html: string;
      answerHtml?: string;
      footerHtml?: string;
      buttons: LineButton[];
      file?: LineFile;
      standing?: Standing;
    }
);

/** @param standing of the ask whose card the line is */
export async function lineOf(entry: Entry, reader: Member, standing?: Standing): Promise<Line> {
  const { id, at, author, editedAt, replyTo, onlyFor, body } = entry;
  const common = {
    id,
    at,
    onlyForYou: onlyFor === reader.id,
    ...(author && { author }),
    ...(editedAt !== undefined && { editedAt }),
    ...(replyTo !== undefined && { replyTo }),
  };
  if (body.type === 'person') {
    const { text, files } = body;
    return { ...common, type: 'person', text, ...(files && { files: files.map(({ name }) => name) }) };
  }
  const { text, answer, footer, buttons, file, language = 'en' } = body.message;
  return {
    ...common,
    type: 'bot',
    html: renderHtml(text, { own: language }),
    ...(answer !== undefined && { answerHtml: renderHtml(answer) }),
    ...(footer !== undefined && { footerHtml: renderHtml(footer, { own: language }) }),
    // Here one simply replies.
    buttons: (buttons ?? []).filter((button) => button.type !== 'write'),
    ...(file && { file: await fileOf(file) }),
    ...(standing && { standing }),
  };
}

async function fileOf(file: MessageFile): Promise<LineFile> {
  const { bytes, type } = await contentOf(file);
  const href = `data:${type};base64,${bytes.toString('base64')}`;
  return { name: file.name, href, ...('picture' in file && { alt: file.picture.alt }) };
}
