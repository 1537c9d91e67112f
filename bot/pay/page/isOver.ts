import type { AskStatus } from '../../core/types.ts';
import type { Wire } from '../server/wire.ts';

/** Nothing more will happen to it. An expired link is not over: a payment prepared before may still reach the chain. */
export function isOver(status: Pick<Wire<AskStatus>, 'state'>): boolean {
  return status.state === 'final' || status.state === 'refunded';
}
