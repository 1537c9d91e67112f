import type { Intent } from '../../../contracts/client/send/Sender.ts';
import type { Person } from '../../core/types.ts';
import { mayRelay } from '../../store/relays.ts';
import { type Refusal, type RequestContext, refuse, refusedByChain } from './types.ts';

/** So many transactions a day does the bot pay the gas of for one person. */
const mostADay = 20;
const daySeconds = 86_400;

/** Sends what a person signed with the bot's own key. @returns why it was not done, or undefined when it is on chain */
export async function relay(
  { context, relayer }: RequestContext,
  person: Person,
  intent: Intent,
): Promise<Refusal | undefined> {
  const now = context.now();
  const allowed = await context.store.commit((db) =>
    mayRelay(db, person, { at: now, since: now - daySeconds, most: mostADay }),
  );
  if (!allowed) {
    return refuse(
      'tooManyRelays',
      'The bot has paid the network fee for you often enough today. Try again tomorrow, or send it with your own wallet.',
    );
  }
  const outcome = await relayer.submit(intent);
  switch (outcome.type) {
    case 'mined':
      return undefined;
    case 'reverted':
      return refusedByChain(outcome.error);
    case 'refused':
      context.log.warn({ reason: outcome.reason }, 'a relayed transaction was not sent');
      return refuse(
        'relayRefused',
        'The bot can’t send it just now: its own key is short of coin, or at its limit for this hour. Nothing was changed; try again later, or send it with your own wallet.',
      );
  }
}
