import type { RefundReason } from '../../contracts/client/Ask.ts';
import type { Translate } from './I18n.ts';

/** Why money came back, for people. */
export function refundReasonText(reason: RefundReason, declined: boolean, t: Translate): string {
  return t(reason === 'overdue' && declined ? 'refund.overdueDeclined' : `refund.${reason}`);
}
