import type { StoredRequest } from '../../store/requests.ts';
import type { Key, Translate } from '../I18n.ts';
import type { Links } from '../Links.ts';
import type { Message } from '../types.ts';
import { lines, paragraphs } from '../Words.ts';
import { requestSeconds } from './PaymentRequest.ts';

/** Where a request's page is. The token stands behind the #, which browsers send to nobody. */
export function requestUrl({ publicUrl }: Links, token: string): string {
  return `${publicUrl}/do#${token}`;
}

/** A link to a request, with the code that its page must show. For the person's eyes alone. */
export function requestMessage(
  links: Links,
  t: Translate,
  { request, token, code }: StoredRequest,
  about: Key,
): Message {
  return {
    text: paragraphs(
      t(about),
      lines(
        t('request.code', { code, minutes: Math.round(requestSeconds[request.type] / 60) }),
        ...(links.localOnly ? [t('request.localOnly')] : []),
      ),
    ),
    buttons: [{ type: 'link', label: t('request.open'), url: requestUrl(links, token) }],
  };
}
