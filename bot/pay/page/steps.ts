import type { AskStatus } from '../../core/types.ts';
import type { Wire } from '../server/wire.ts';

/** One station of an ask's life as both pages draw it. `at` in unix seconds. */
export type StepView = {
  label: string;
  state: 'done' | 'now' | 'todo' | 'bad';
  /** What is going on at this station. */
  detail?: string;
  at?: number;
  transaction?: string;
  /** Something is expected by then; unix seconds. */
  until?: number;
};

/** paid → answered by the host → reported → final, or the way the money went back. */
export function stepsOf(status: Wire<AskStatus>): StepView[] {
  const steps = {
    paid: 'paid' in status ? done('Paid', status.paid) : todo('Paid'),
    answered: todo('Answered'),
    reported: todo('Reported'),
    final: todo('Final'),
  };
  switch (status.state) {
    case 'awaiting':
      return [
        { label: 'Payment', state: 'now', detail: 'Waiting for payment', until: status.expiresAt },
        steps.answered,
        steps.reported,
        steps.final,
      ];
    case 'sending':
      return [
        { label: 'Payment', state: 'now', detail: 'The bot is paying it from an account' },
        steps.answered,
        steps.reported,
        steps.final,
      ];
    case 'expired':
      return [
        { label: 'Expired', state: 'bad', detail: 'Nobody paid in time; nothing was taken' },
        steps.answered,
        steps.reported,
        steps.final,
      ];
    case 'paid':
      return status.refundDue
        ? [steps.paid, { ...steps.answered, label: 'No answer', state: 'bad' }, refunding()]
        : [
            steps.paid,
            { label: 'With host', state: 'now', detail: 'The host is working on it', until: status.deadline },
            steps.reported,
            steps.final,
          ];
    case 'declined': {
      const declined: StepView = {
        ...done('Declined', status.declined),
        state: 'bad',
        detail: status.reason || 'No reason given',
      };
      return status.soleHost || status.refundDue
        ? [steps.paid, declined, refunding()]
        : [
            steps.paid,
            declined,
            {
              label: 'Another host',
              state: 'now',
              detail: 'Another host may take over; if none does, the money comes back',
              until: status.deadline,
            },
            steps.final,
          ];
    }
    case 'delivered': {
      const answered = done('Answered', status.delivered);
      return status.refundDue
        ? [steps.paid, answered, { label: 'Not reported', state: 'bad' }, refunding()]
        : [
            steps.paid,
            answered,
            { label: 'Reporting', state: 'now', detail: 'The answer goes to the oracle next', until: status.reportDue },
            steps.final,
          ];
    }
    case 'reported':
      return [
        steps.paid,
        done('Answered', status.delivered),
        done('Reported', status.sealed),
        {
          label: 'Final',
          state: 'now',
          detail: 'It becomes final unless somebody disputes it by then',
          until: status.finalAt,
        },
      ];
    case 'final':
      return [
        steps.paid,
        done('Answered', status.delivered),
        done('Reported', status.sealed),
        { ...done('Final', status.settled), detail: 'The host is paid' },
      ];
    case 'refunded':
      return [
        steps.paid,
        ...(status.delivered ? [done('Answered', status.delivered)] : [{ label: 'No answer', state: 'bad' } as const]),
        ...(status.sealed ? [done('Reported', status.sealed)] : []),
        { ...done('Refunded', status.refunded), detail: 'The money went back' },
      ];
  }
}

/** Nothing more will happen to it. An expired link is not over: a payment prepared before may still reach the chain. */
export function isOver(status: Pick<Wire<AskStatus>, 'state'>): boolean {
  return status.state === 'final' || status.state === 'refunded';
}

function done(label: string, step: { at: number; transaction: string }): StepView {
  return { label, state: 'done', at: step.at, transaction: step.transaction };
}

function todo(label: string): StepView {
  return { label, state: 'todo' };
}

function refunding(): StepView {
  return { label: 'Refund', state: 'now', detail: 'The money is on its way back' };
}
