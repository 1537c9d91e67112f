import type { Key, Translate, Values } from './I18n.ts';
import { timeInUtc } from './Times.ts';

/**
 * Something to be said later, in the language of whoever reads it then. A string is said as it is: a name, an amount, a hash.
 * `at`: a moment, unix seconds. Plain data, to be stored.
 */
export type Wording = string | { key: Key; values?: Values } | { at: number };

/** The words in one language. */
export function wordsFor(wording: Wording, t: Translate): string {
  if (typeof wording === 'string') return wording;
  if ('at' in wording) return timeInUtc({ at: wording.at, style: 'f' }, t.language);
  return t(wording.key, wording.values);
}
