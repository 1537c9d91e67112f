import { randomBytes } from 'node:crypto';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { zeroHash } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import type { Market } from '../../contracts/client/Market.ts';
import type { Journal } from '../store/Journal.ts';
import type { Actions } from './Actions.ts';
import { createDeliveries } from './Deliveries.ts';
import { reasonText } from './Reason.ts';
import type { Slots } from './Slots.ts';

export type PlannerOptions = {
  journal: Journal;
  actions: Actions;
  market: Market;
  host: HostContract;
  deployment: Deployment;
  slots: Slots;
};

export type Planner = ReturnType<typeof createPlanner>;

/** The oracle's dispute window, seconds; fixed in TellorFlex. */
export const windowSeconds = 43_200;
/**
 * A decline earns nothing and costs gas, so that asks made to be declined could eat the fees that deliveries need: above these numbers
 * within an hour the host stays silent, and the ask ends at its deadline. Play money needs no bound.
 */
const declinesPerHour = { all: 100, asker: 20 } as const;
const declinesAtOnce = 4;

/**
 * Decides which transactions are due: declines at once, deliveries and reports as `Deliveries` says, settlements when the window is
 * over.
 */
export function createPlanner({ journal, actions, market, host, deployment, slots }: PlannerOptions) {
  const unique = (): string => randomBytes(6).toString('hex');
  const deliver = createDeliveries({ journal, actions, host, deployment, slots });

  function decline(now: number): void {
    let room = declinesAtOnce - actions.pending('decline').length;
    if (room <= 0) return;
    const bounded = deployment.embedded !== true;
    const waiting = journal.givenUp(now, 32);
    if (waiting.length === 0 || (bounded && journal.declined(now - 3_600) >= declinesPerHour.all)) return;
    for (const { query_id, account, ask, failure, deadline } of waiting) {
      if (failure === null) continue;
      if (bounded && journal.declined(now - 3_600, account) >= declinesPerHour.asker) {
        journal.pause([query_id], deadline);
        continue;
      }
      actions.begin({
        key: `decline:${query_id}:${unique()}`,
        kind: 'decline',
        queryIds: [query_id],
        call: host.calls.decline(query_id, ask, reasonText(failure)),
      });
      if (--room === 0) return;
    }
  }

  function settle(now: number, blockTime: number): void {
    if (actions.busy('settle')) return;
    for (const reportQueryId of journal.settleable(now, blockTime - windowSeconds, 5)) {
      const entries = journal.ofReport(reportQueryId);
      actions.begin({
        key: `settle:${reportQueryId}:${unique()}`,
        kind: 'settle',
        queryIds: entries.filter(({ state }) => state === 'sealed').map(({ query_id }) => query_id),
        call: market.calls.settle(
          reportQueryId,
          entries.map(({ query_id, ask, answer_hash }) => ({
            queryId: query_id,
            answerHash: answer_hash ?? zeroHash,
            ask,
          })),
        ),
      });
    }
  }

  return {
    /**
     * @param now unix seconds, the chain's
     * @param blockTime that of the newest block: what is due only by the clock on the wall would revert
     * @param gathering more answers will be there in a moment: deliver then
     */
    plan: async (now: number, blockTime: number, gathering = false): Promise<void> => {
      decline(now);
      settle(now, blockTime);
      if (!gathering) await deliver(now, blockTime);
    },
  };
}
