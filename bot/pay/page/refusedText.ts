import type { ServerRefusalCode } from '../refusals.ts';
import { ApiError } from './api.ts';
import { type PageKey, say } from './words.tsx';

/** What the server or the way to it refuses in English, whoever asks. All else is refused in the page's language already. */
type OwnCode = Exclude<ServerRefusalCode, 'unknown'> | 'unreachable';

const words: Readonly<Record<OwnCode, PageKey>> = {
  badInput: 'page.refused.badInput',
  tooLarge: 'page.refused.badInput',
  internal: 'page.refused.internal',
  tooMany: 'page.refused.tooMany',
  unreachable: 'page.refused.unreachable',
  notFound: 'page.refused.other',
  notJson: 'page.refused.other',
  wrongHost: 'page.refused.other',
  crossSite: 'page.refused.other',
  payingElsewhere: 'page.refused.other',
  noSession: 'page.refused.other',
  noButton: 'page.refused.other',
  method: 'page.refused.other',
  account: 'page.refused.other',
};

/** What the server said no to, in the page's language. */
export function refusedText({ code, message }: Pick<ApiError, 'code' | 'message'>): string {
  return isOwn(code) ? say(words[code], { code }) : message;
}

/** Why a page could not be loaded, by its code, and in the page's language. */
export function refusalOf(error: unknown): { code: string; message: string } {
  return error instanceof ApiError
    ? { code: error.code, message: refusedText(error) }
    : { code: 'internal', message: say('page.failed') };
}

function isOwn(code: string): code is OwnCode {
  return Object.hasOwn(words, code);
}
