import type { Intent } from '../../../contracts/client/send/Sender.ts';
import type { Person } from '../../core/types.ts';
import { mayRelay } from '../../store/relays.ts';
import { refusedByChain } from './common.ts';
import { type Refusal, type RequestContext, refuse } from './types.ts';

/** So many transactions a day does the bot pay the gas of for one person. */
const mostADay = 20;
const daySeconds = 86_400;

/** On chain, in this block. */
export type Relayed = { ok: true; block: number };

/** Sends what a person signed with the bot's own key. @returns why it was not done, or where it is on chain */
export async function relay(
  { context, relayer, t }: RequestContext,
  person: Person,
  intent: Intent,
): Promise<Refusal | Relayed> {
  const now = context.now();
  const allowed = await context.store.commit((db) =>
    mayRelay(db, person, { at: now, since: now - daySeconds, most: mostADay }),
  );
  if (!allowed) {
    return refuse('tooManyRelays', t('do.tooManyRelays'));
  }
  const outcome = await relayer.submit(intent);
  switch (outcome.type) {
    case 'mined':
      return { ok: true, block: outcome.block };
    case 'reverted':
      return refusedByChain(outcome.error, t);
    case 'refused':
      context.log.warn({ reason: outcome.reason }, 'a relayed transaction was not sent');
      return refuse('relayRefused', t('do.relayRefused'));
  }
}
