import { createRequest } from '../../store/requests.ts';
import type { Context } from '../Context.ts';
import type { Key, Translate } from '../I18n.ts';
import type { PaymentRequest } from '../money/PaymentRequest.ts';
import { requestMessage } from '../money/requestMessage.ts';
import type { CommandEvent, PressEvent, Response } from './Command.ts';

/** A private link to the page where the person's own wallet does it. @param about what it is, in words */
export async function requestLink(
  context: Context,
  { person, direct }: CommandEvent | PressEvent,
  request: PaymentRequest,
  about: Key,
  t: Translate,
): Promise<Response> {
  if (direct === 'nowhere') return { note: { text: t('secret.nowhere') } };
  const { store, links, now } = context;
  const stored = await store.commit((db) => createRequest(db, person, request, now()));
  return { secret: requestMessage(links, t, stored, about) };
}
