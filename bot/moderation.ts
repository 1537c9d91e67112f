import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Log } from '../contracts/client/support/Log.ts';
import { SettingsError } from '../contracts/client/support/Settings.ts';
import type { Moderate, Verdict } from './core/Moderation.ts';

export type ModerationOptions = {
  /** An endpoint like OpenAI's `/v1/moderations`: takes `{ input }`, answers `{ results: [{ flagged, categories }] }`. */
  url?: string | undefined;
  key?: string | undefined;
  /** A file with a word or phrase a line; `#` begins a remark. */
  wordsFile?: string | undefined;
  log: Log;
};

const answerSchema = z.object({
  results: z.array(z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.boolean()).catch({}) })).min(1),
});

const withinMs = 10_000;

/** Moderation as the operator set it; undefined: none. @throws SettingsError when the file of words can't be read */
export function createModeration({ url, key, wordsFile, log }: ModerationOptions): Moderate | undefined {
  if (url === undefined && wordsFile === undefined) return undefined;
  const isListed = wordsFile === undefined ? () => false : matcher(readWords(wordsFile));
  return async (text) => {
    if (isListed(text)) return { kind: 'refused', reasons: [] };
    return url === undefined ? { kind: 'fine' } : ask(url, key, text, log);
  };
}

/** What can't be looked at is not let through. */
async function ask(url: string, key: string | undefined, text: string, log: Log): Promise<Verdict> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ input: text }),
      signal: AbortSignal.timeout(withinMs),
      redirect: 'error',
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { results } = answerSchema.parse(await response.json());
    const flagged = results.filter((result) => result.flagged);
    if (flagged.length === 0) return { kind: 'fine' };
    const names = flagged.flatMap(({ categories }) =>
      Object.entries(categories).flatMap(([name, is]) => (is ? [name] : [])),
    );
    return { kind: 'refused', reasons: [...new Set(names.length > 0 ? names : ['flagged'])].slice(0, 10) };
  } catch (error) {
    log.warn({ err: error }, 'moderation could not be reached; the question is not let through');
    return { kind: 'unknown' };
  }
}

function readWords(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new SettingsError(
      `MODERATION_WORDS_FILE: there is no readable file ${file}. Make one with a word or phrase a line.`,
    );
  }
  return text
    .split('\n')
    .map((line) => folded(line.replace(/#.*/, '')).trim())
    .filter(Boolean);
}

/** Whole words, whatever their case, width or invisible letters; scripts without spaces match anywhere. */
function matcher(words: readonly string[]): (text: string) => boolean {
  const patterns = words.map((word) => {
    const escaped = word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replace(/\s+/g, '\\s+');
    const isSpaced = !/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]/u.test(word);
    return new RegExp(isSpaced ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped, 'u');
  });
  return (text) => {
    const plain = folded(text);
    return patterns.some((pattern) => pattern.test(plain));
  };
}

function folded(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase();
}
