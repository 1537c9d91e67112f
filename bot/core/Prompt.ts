import type { Translate } from './I18n.ts';

/** Longest question, in characters. */
export const maxCharacters = 20_000;

export type CleanPrompt =
  /** `note`: what was changed, for the person. */
  { ok: true; prompt: string; note?: string } | { ok: false; message: string };

/**
 * The question as it will go on chain: what was typed, trimmed, without null characters and unpaired surrogates (neither
 * can be written in a chat or in UTF-8 again).
 */
export function cleanPrompt(typed: string, t: Translate): CleanPrompt {
  const prompt = typed.toWellFormed().replaceAll('\0', '').trim();
  if (typed.trim() === '') {
    return { ok: false, message: t('prompt.empty') };
  }
  if (!/[^\p{Cc}\p{Cf}\p{Z}]/u.test(prompt)) {
    return { ok: false, message: t('prompt.invisible') };
  }
  const characters = [...prompt].length;
  if (characters > maxCharacters) {
    return { ok: false, message: t('prompt.tooLong', { characters, most: maxCharacters }) };
  }
  const changes = [
    ...(typed.includes('\0') ? [t('prompt.nulls')] : []),
    ...(typed.isWellFormed() ? [] : [t('prompt.broken')]),
  ];
  return { ok: true, prompt, ...(changes.length > 0 && { note: changes.join(' ') }) };
}
