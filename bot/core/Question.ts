import { fileLimits } from './Files.ts';
import type { Translate } from './I18n.ts';
import { plain } from './markdown/plain.ts';
import { workloadOf } from './OwnWorkload.ts';
import type { SentFile } from './types.ts';

/** What a person gave for one question. */
export type Given = {
  text: string;
  /** Instructions of one's own, instead of a model's. */
  system?: string | undefined;
  files: readonly SentFile[];
};

/** `prompt` goes on chain as the question, `script` as the workload of model 0. `message` is CommonMark of our own wording. */
export type Composed = { ok: true; prompt: string; script?: string } | { ok: false; message: string };

/**
 * One question of what was typed and sent along: a `.py` file is the workload, other files follow the text under their names,
 * and a lone file without a text is the question itself.
 */
export function compose({ text, system, files }: Given, t: Translate): Composed {
  const refused = files.flatMap((file) => ('refused' in file ? [refusal(file, t)] : []));
  if (refused.length > 0) return { ok: false, message: refused.join('\n') };
  const taken = files.flatMap((file) => ('text' in file ? [file] : []));
  const scripts = taken.filter(({ name }) => /\.py$/i.test(name));
  const [script, another] = scripts;
  if (another || (script && system !== undefined)) return { ok: false, message: t('ask.oneWorkload') };
  const texts = taken.filter((file) => !scripts.includes(file));
  const [only, ...more] = texts;
  const prompt =
    only && more.length === 0 && text.trim() === ''
      ? only.text
      : [text, ...texts.map((file) => `${file.name}:\n\n${file.text}`)].join('\n\n');
  if (script) return { ok: true, prompt, script: script.text };
  return { ok: true, prompt, ...(system !== undefined && { script: workloadOf(system) }) };
}

/** Why a file can't be used. CommonMark of our own wording. */
export function refusal({ name, refused }: Extract<SentFile, { refused: unknown }>, t: Translate): string {
  const file = plain(name.slice(0, 100));
  switch (refused) {
    case 'tooLarge':
      return t('file.tooLarge', { file, most: fileLimits.bytes / 1000 });
    case 'tooMany':
      return t('file.tooMany', { file, most: fileLimits.files });
    case 'notText':
      return t('file.notText', { file });
    case 'unreachable':
      return t('file.unreachable', { file });
  }
}
