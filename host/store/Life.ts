import type { Ask, State } from '../../contracts/client/Ask.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { AskEvent, Location } from '../../contracts/client/MarketEvent.ts';

/** What the chain says of one ask. Times in unix seconds. */
export type Life = {
  queryId: Hex;
  state: State;
  /** The market's struct of the moment: a take-over changes it. */
  ask: Ask;
  workload: Hex;
  parent: Hex;
  userSalt: Hex;
  input: string;
  /** Hex of the inline script; `0x` for a model's. */
  script: Hex;
  askedAt: number;
  delivered?: { block: number; logIndex: number; at: number; host: Address; answer: string; answerHash: Hex };
  sealed?: { reportQueryId: Hex; at: number };
};

export type LocatedAskEvent = AskEvent & { location: Location };

/**
 * The state of an ask after its events, in the chain's order. Undefined when it was never asked (or a reorganisation undid it).
 */
export function lifeOf(events: Iterable<LocatedAskEvent>): Life | undefined {
  let life: Life | undefined;
  for (const event of events) {
    if (event.type === 'Asked') {
      const { queryId, ask, workload, parent, userSalt, input, script } = event;
      const askedAt = event.location.timestamp;
      life = { queryId, state: 'open', ask, workload, parent, userSalt, input, script, askedAt };
    } else if (life !== undefined) life = next(life, event);
  }
  return life;
}

function next(life: Life, event: Exclude<LocatedAskEvent, { type: 'Asked' }>): Life {
  switch (event.type) {
    case 'TakenOver':
      return { ...life, state: 'open', ask: event.ask };
    case 'Declined':
      return { ...life, state: 'declined' };
    case 'Delivered': {
      const { block, logIndex, timestamp } = event.location;
      return {
        ...life,
        state: 'delivered',
        delivered: {
          block,
          logIndex,
          at: timestamp,
          host: event.host,
          answer: event.answer,
          answerHash: event.answerHash,
        },
      };
    }
    case 'Sealed':
      return { ...life, state: 'sealed', sealed: { reportQueryId: event.reportQueryId, at: Number(event.reportedAt) } };
    case 'Settled':
      return { ...life, state: 'settled' };
    case 'Refunded':
      return { ...life, state: 'refunded' };
    case 'RelayFeePaid':
    case 'Skipped':
      return life;
  }
}
