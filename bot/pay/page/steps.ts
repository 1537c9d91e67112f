import type { AskStatus } from '../../core/types.ts';
import type { Wire } from '../server/wire.ts';
import { say } from './words.tsx';

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

/** In the page's words: paid → answered by the host → reported → final, or the way the money went back. */
export function stepsOf(status: Wire<AskStatus>): StepView[] {
  const steps = {
    paid: 'paid' in status ? done(say('page.step.paid'), status.paid) : todo(say('page.step.paid')),
    answered: todo(say('page.step.answered')),
    reported: todo(say('page.step.reported')),
    final: todo(say('page.step.final')),
  };
  switch (status.state) {
    case 'awaiting':
      return [
        { label: say('page.step.payment'), state: 'now', detail: say('page.step.waiting'), until: status.expiresAt },
        steps.answered,
        steps.reported,
        steps.final,
      ];
    case 'sending':
      return [
        { label: say('page.step.payment'), state: 'now', detail: say('page.step.payingFromAccount') },
        steps.answered,
        steps.reported,
        steps.final,
      ];
    case 'expired':
      return [
        { label: say('page.step.expired'), state: 'bad', detail: say('page.step.nobodyPaid') },
        steps.answered,
        steps.reported,
        steps.final,
      ];
    case 'paid':
      return status.refundDue
        ? [steps.paid, { ...steps.answered, label: say('page.step.noAnswer'), state: 'bad' }, refunding()]
        : [
            steps.paid,
            {
              label: say('page.step.withHost'),
              state: 'now',
              detail: say('page.step.working'),
              until: status.deadline,
            },
            steps.reported,
            steps.final,
          ];
    case 'declined': {
      const declined: StepView = {
        ...done(say('page.step.declined'), status.declined),
        state: 'bad',
        detail: status.reason || say('page.step.noReason'),
      };
      return status.soleHost || status.refundDue
        ? [steps.paid, declined, refunding()]
        : [
            steps.paid,
            declined,
            {
              label: say('page.step.anotherHost'),
              state: 'now',
              detail: say('page.step.mayTakeOver'),
              until: status.deadline,
            },
            steps.final,
          ];
    }
    case 'delivered': {
      const answered = done(say('page.step.answered'), status.delivered);
      return status.refundDue
        ? [steps.paid, answered, { label: say('page.step.notReported'), state: 'bad' }, refunding()]
        : [
            steps.paid,
            answered,
            {
              label: say('page.step.reporting'),
              state: 'now',
              detail: say('page.step.toOracle'),
              until: status.reportDue,
            },
            steps.final,
          ];
    }
    case 'reported':
      return [
        steps.paid,
        done(say('page.step.answered'), status.delivered),
        done(say('page.step.reported'), status.sealed),
        {
          label: say('page.step.final'),
          state: 'now',
          detail: say('page.step.unlessDisputed'),
          until: status.finalAt,
        },
      ];
    case 'final':
      return [
        steps.paid,
        done(say('page.step.answered'), status.delivered),
        done(say('page.step.reported'), status.sealed),
        { ...done(say('page.step.final'), status.settled), detail: say('page.step.hostPaid') },
      ];
    case 'refunded':
      return [
        steps.paid,
        ...(status.delivered
          ? [done(say('page.step.answered'), status.delivered)]
          : [{ label: say('page.step.noAnswer'), state: 'bad' } as const]),
        ...(status.sealed ? [done(say('page.step.reported'), status.sealed)] : []),
        { ...done(say('page.step.refunded'), status.refunded), detail: say('page.step.moneyBack') },
      ];
  }
}

function done(label: string, step: { at: number; transaction: string }): StepView {
  return { label, state: 'done', at: step.at, transaction: step.transaction };
}

function todo(label: string): StepView {
  return { label, state: 'todo' };
}

function refunding(): StepView {
  return { label: say('page.step.refund'), state: 'now', detail: say('page.step.moneyOnWay') };
}
