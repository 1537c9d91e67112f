import { randomBytes } from 'node:crypto';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import type { Registry } from '../../contracts/client/Registry.ts';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { Entry, Journal } from '../store/Journal.ts';
import type { Life } from '../store/Life.ts';
import type { Actions } from './Actions.ts';
import type { Considered } from './Consider.ts';

export type TakeOversOptions = {
  journal: Journal;
  actions: Actions;
  registry: Registry;
  host: HostContract;
  consider(life: Life, now: number): Promise<Considered>;
  log: Log;
};

export type TakeOvers = ReturnType<typeof createTakeOvers>;

/** Seconds before the deadline below which it is too late to begin. */
const leastSeconds = 45;
const mostAtOnce = 4;

/**
 * Takes asks over from hosts that were silent for their exclusive time or declined, where this host's own offer is no dearer, and
 * only after the same checks as for an ask of its own.
 */
export function createTakeOvers({ journal, actions, registry, host, consider, log }: TakeOversOptions) {
  async function worthwhile(entry: Entry, now: number): Promise<boolean> {
    const offer = await registry.offerOf(host.address, entry.ask.model, entry.ask.token);
    if (offer === undefined || offer.price > entry.ask.hostPrice || offer.maxInputBytes < Number(entry.ask.inputBytes))
      return false;
    if (offer.reportWithinSeconds > Number(entry.ask.reportWithin)) return false;
    const life = journal.lifeOf(entry.query_id);
    if (life === undefined) return false;
    const considered = await consider(life, now);
    if (considered.ok) considered.work?.end();
    return considered.ok;
  }

  return {
    /** @param room how many model runs could start now */
    plan: async (now: number, room: number): Promise<void> => {
      if (room <= 0 || actions.busy('takeOver')) return;
      for (const entry of journal.abandoned(now, now + leastSeconds, Math.min(room, mostAtOnce))) {
        const { query_id, ask, deadline } = entry;
        if (!(await worthwhile(entry, now))) {
          journal.pause([query_id], deadline);
          continue;
        }
        log.info({ queryId: query_id, from: ask.host }, 'takes the ask over');
        actions.begin({
          key: `takeOver:${query_id}:${randomBytes(6).toString('hex')}`,
          kind: 'takeOver',
          queryIds: [query_id],
          call: host.calls.takeOver(query_id, ask),
        });
      }
    },
  };
}
