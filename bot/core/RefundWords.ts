import type { RefundReason } from '../../contracts/client/Ask.ts';

/** Why money came back, for people. */
export function refundReasonText(reason: RefundReason, declined: boolean): string {
  switch (reason) {
    case 'declined':
      return 'The host could not answer.';
    case 'overdue':
      return declined ? 'The host could not answer, and no other took over in time.' : 'No host answered in time.';
    case 'notReported':
      return 'The host published an answer but did not report it to the oracle in time, so it is not backed by a stake.';
    case 'disputeLost':
      return 'The answer was disputed on Tellor and the vote went against it. Do not rely on it.';
    case 'backstop':
      return 'The answer never became final.';
  }
}
