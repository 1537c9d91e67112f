import { ApiError } from '../../pay/page/api.ts';
import { refusedText } from '../../pay/page/refusedText.ts';
import { type PageKey, say } from '../../pay/page/words.tsx';
import { lineLimits } from '../lineLimits.ts';

/** What a message or a name may be is said in the chat's own words; all else as on every page. */
const refused: ReadonlyMap<string, PageKey> = new Map([
  ['badInput', 'chat.refused.badInput'],
  ['tooLarge', 'chat.refused.badInput'],
  ['tooMany', 'chat.refused.tooMany'],
  ['noSession', 'chat.refused.noSession'],
  ['noButton', 'chat.refused.noButton'],
]);

/** Why something that this window asked of the server did not happen, in the page's language. */
export function problemOf(error: unknown): string {
  if (!(error instanceof ApiError)) return say('chat.failed');
  const key = refused.get(error.code);
  if (key === undefined) return refusedText(error);
  const { characters, files } = lineLimits;
  return say(key, { characters: characters.toLocaleString(document.documentElement.lang), files });
}
