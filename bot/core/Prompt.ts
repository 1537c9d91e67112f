/** Longest question, in characters. */
export const maxCharacters = 20_000;

export type CleanPrompt =
  /** `note`: what was changed, for the person. */
  { ok: true; prompt: string; note?: string } | { ok: false; message: string };

/**
 * The question as it will go on chain: what was typed, trimmed, without null characters and unpaired surrogates (neither
 * can be written in a chat or in UTF-8 again).
 */
export function cleanPrompt(typed: string): CleanPrompt {
  const prompt = typed.toWellFormed().replaceAll('\0', '').trim();
  if (typed.trim() === '') {
    return { ok: false, message: 'The question is empty. Write it after the command: `/ask What is TellorFlex?`' };
  }
  if (!/[^\p{Cc}\p{Cf}\p{Z}]/u.test(prompt)) {
    return {
      ok: false,
      message: 'The question holds only invisible characters. Write it in letters, digits or emoji.',
    };
  }
  const characters = [...prompt].length;
  if (characters > maxCharacters) {
    return {
      ok: false,
      message: `The question has ${characters} characters; at most ${maxCharacters} are possible. Shorten it and ask again.`,
    };
  }
  const changes = [
    ...(typed.includes('\0') ? ['null characters were taken out'] : []),
    ...(typed.isWellFormed() ? [] : ['broken characters were replaced']),
  ];
  return { ok: true, prompt, ...(changes.length > 0 && { note: `Changed before sending: ${changes.join(' and ')}.` }) };
}
