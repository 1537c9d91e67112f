import type { Ask, RefundReason } from '../../contracts/client/Ask.ts';
import type { Hex } from '../../contracts/client/Hex.ts';
import type { AskEvent, Location } from '../../contracts/client/MarketEvent.ts';
import { english } from './I18n.ts';
import { refundReasonText } from './RefundWords.ts';
import type { AskStatus, Step } from './types.ts';

/** TellorFlex disputes a report for 12 hours, fixed. Seconds. */
export const disputeWindow = 43_200;

export type PlacedEvent = AskEvent & { location: Location };

/** An ask's life so far and what is needed to act on it. */
export type Life = {
  status: AskStatus;
  /** The struct that the market's slot commits to now. */
  ask: Ask;
  /** Chain time after which the money can go back, by time alone. */
  dueAt?: number;
  /** keccak256 of the answer's bytes on chain, once delivered. */
  answerHash?: Hex;
  /** Once sealed. */
  reportQueryId?: Hex;
};

/**
 * The state of one ask, from all its events in whatever order they arrived. Pure.
 * @param clock timestamp of the latest block, unix seconds
 * @returns undefined while the ask is not on chain
 */
export function life(events: readonly PlacedEvent[], clock: number): Life | undefined {
  const ordered = [...events].sort(
    (a, b) => a.location.block - b.location.block || a.location.logIndex - b.location.logIndex,
  );
  let facts: Facts | undefined;
  for (const event of ordered) facts = event.type === 'Asked' ? asked(event) : facts && next(facts, event);
  return facts && summary(facts, clock);
}

type Facts = {
  ask: Ask;
  paid: Step;
  takenOver?: Step;
  declined?: { step: Step; reason: string };
  delivered?: { step: Step; answer: string; answerHash: Hex };
  sealed?: { step: Step; reportedAt: number; reportQueryId: Hex };
  settled?: { step: Step; hostPrice: bigint; royalty: bigint };
  refunded?: { step: Step; reason: RefundReason; amount: bigint };
};

function asked(event: Extract<PlacedEvent, { type: 'Asked' }>): Facts {
  return { ask: event.ask, paid: step(event.location) };
}

function next(facts: Facts, event: PlacedEvent): Facts {
  const at = step(event.location);
  switch (event.type) {
    case 'Asked':
      return facts;
    case 'TakenOver': {
      const { declined: _, ...rest } = facts;
      return { ...rest, ask: event.ask, takenOver: at };
    }
    case 'Declined':
      return { ...facts, declined: { step: at, reason: event.reason } };
    case 'Delivered':
      return { ...facts, delivered: { step: at, answer: event.answer, answerHash: event.answerHash } };
    case 'Sealed':
      return {
        ...facts,
        sealed: { step: at, reportedAt: Number(event.reportedAt), reportQueryId: event.reportQueryId },
      };
    case 'Settled':
      return { ...facts, settled: { step: at, hostPrice: event.hostPrice, royalty: event.royalty } };
    case 'Refunded':
      return { ...facts, refunded: { step: at, reason: event.reason, amount: event.amount } };
    case 'RelayFeePaid':
    case 'Skipped':
      return facts;
  }
}

function summary(facts: Facts, clock: number): Life {
  const { ask, paid, declined, delivered, sealed, settled, refunded, takenOver } = facts;
  const host = ask.host;
  const hashes = {
    ...(delivered && { answerHash: delivered.answerHash }),
    ...(sealed && { reportQueryId: sealed.reportQueryId }),
  };
  const deadline = Number(ask.deadline);
  if (refunded) {
    return {
      ask,
      status: {
        state: 'refunded',
        paid,
        host,
        refunded: refunded.step,
        reason: [
          refundReasonText(refunded.reason, declined !== undefined, english),
          ...(declined ? [declined.reason] : []),
        ].join(' '),
        code: refunded.reason,
        amount: refunded.amount,
        ...(declined && { declineReason: declined.reason }),
        ...(delivered && { delivered: delivered.step, answer: delivered.answer }),
        ...(sealed && { sealed: sealed.step }),
      },
    };
  }
  if (sealed && delivered) {
    const shared = { paid, host, delivered: delivered.step, answer: delivered.answer, sealed: sealed.step };
    if (!settled) {
      return {
        ask,
        ...hashes,
        status: { state: 'reported', ...shared, finalAt: sealed.reportedAt + disputeWindow },
      };
    }
    const { step, hostPrice, royalty } = settled;
    return { ask, ...hashes, status: { state: 'final', ...shared, settled: step, hostPrice, royalty } };
  }
  if (delivered) {
    const reportDue = delivered.step.at + Number(ask.reportWithin);
    return {
      ask,
      ...hashes,
      dueAt: reportDue,
      status: {
        state: 'delivered',
        paid,
        host,
        delivered: delivered.step,
        answer: delivered.answer,
        reportDue,
        ...(clock > reportDue && { refundDue: 'notReported' }),
      },
    };
  }
  if (declined) {
    const dueAt = ask.soleHost ? declined.step.at - 1 : deadline;
    const refundDue: RefundReason = ask.soleHost ? 'declined' : 'overdue';
    return {
      ask,
      dueAt,
      status: {
        state: 'declined',
        paid,
        host,
        declined: declined.step,
        reason: declined.reason,
        deadline,
        soleHost: ask.soleHost,
        ...(clock > dueAt && { refundDue }),
      },
    };
  }
  return {
    ask,
    dueAt: deadline,
    status: {
      state: 'paid',
      paid,
      ...(takenOver && { takenOver }),
      host,
      exclusiveUntil: Number(ask.exclusiveUntil),
      deadline,
      ...(clock > deadline && { refundDue: 'overdue' }),
    },
  };
}

function step({ timestamp, transactionHash, block }: Location): Step {
  return { at: timestamp, transaction: transactionHash, block };
}
