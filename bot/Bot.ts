import { type CreateAsk, createAsk } from './core/asks.ts';
import type { Context } from './core/Context.ts';
import { receive } from './core/commands/index.ts';
import { type Suggestion, suggestModels } from './core/commands/models.ts';
import { createExpiry } from './core/Expiry.ts';
import { createFollower, type Follower } from './core/Follower.ts';
import { createForgetter } from './core/Forgetter.ts';
import { english } from './core/I18n.ts';
import type { Relayer } from './core/money/Accounts.ts';
import { createSpender } from './core/money/Spender.ts';
import { createTransfers } from './core/money/Transfers.ts';
import { createOutbox, type Outbox } from './core/Outbox.ts';
import { createRefunder } from './core/Refunder.ts';
import { createThrottle } from './core/Throttle.ts';
import type { Adapter, GroupMove, Incoming, Platform } from './core/types.ts';
import { createDesk } from './pay/desk.ts';
import { createRequestDesk, type RequestDesk } from './pay/request/desk.ts';
import type { PayDesk } from './pay/types.ts';
import { moveGroup } from './store/moves.ts';
import { forgetRequests } from './store/requests.ts';
import { forgetUpdates } from './store/updates.ts';

/** Platforms repeat an event for a day at most. */
const updatesKeptSeconds = 30 * 86_400;

/** The whole bot but for its connections: platforms hand it events, the chain its updates, pages talk to its desk. */
export type Bot = {
  receive(event: Incoming): Promise<void>;
  /** All that is kept about a group follows it to its new id. */
  moved(move: GroupMove): Promise<void>;
  createAsk: CreateAsk;
  desk: PayDesk;
  requests: RequestDesk;
  follower: Follower;
  outbox: Outbox;
  /** Completions for what follows a command. */
  suggest(command: string, typed: string): Promise<Suggestion[]>;
  /** Begins to say, expire and refund what is due. Call after `follower.start()`. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

export type BotOptions = {
  adapters: ReadonlyMap<Platform, Adapter>;
  /** Sends with the bot's own key. */
  sender: Relayer;
  /** More events of one person in a minute are passed over. */
  eventsPerMinute?: number;
  /** For tests. */
  retryAfterMs?: number;
  refundRetryMs?: number;
  /** How often the deposit addresses that people were shown are looked at, milliseconds. */
  transferPollMs?: number;
};

export function createBot(
  context: Context,
  { adapters, sender, eventsPerMinute = 30, retryAfterMs, refundRetryMs, transferPollMs = 3_000 }: BotOptions,
): Bot {
  const { store, log, now } = context;
  const outbox = createOutbox({ store, adapters, log, now, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  const refunder = createRefunder(context, sender, refundRetryMs);
  const spender = createSpender(context, sender);
  const transfers = createTransfers(context, sender, transferPollMs);
  const expiry = createExpiry(context);
  const throttle = createThrottle(eventsPerMinute, now);
  const forgetter = createForgetter(context);
  return {
    async receive(event) {
      const verdict = throttle(event.person);
      if (verdict.kind === 'drop') log.debug({ platform: event.person.platform }, 'an event too many was passed over');
      else await receive(context, event, verdict.kind === 'say' ? verdict.seconds : undefined);
    },
    async moved({ platform, from, to }) {
      const [was, is] = [
        { platform, id: from },
        { platform, id: to },
      ];
      if (await store.commit((db) => moveGroup(db, was, is))) log.info({ platform }, 'a group has moved to another id');
      else log.error({ platform }, 'a group moved to an id that has a purse of its own: its old purse stays behind');
    },
    createAsk: createAsk(context),
    desk: createDesk(context),
    requests: createRequestDesk({
      context,
      accounts: context.accounts,
      relayer: sender,
      directOf: (person) => adapters.get(person.platform)?.direct?.(person),
    }),
    follower: createFollower(context),
    outbox,
    suggest: async (command, typed) =>
      ['ask', 'model', 'models'].includes(command) ? suggestModels(context, typed, english) : [],
    async start() {
      await forgetUpdates(store.db, now() - updatesKeptSeconds);
      await forgetRequests(store.db, now() - updatesKeptSeconds);
      await outbox.start();
      expiry.start();
      forgetter.start();
      refunder.start();
      spender.start();
      transfers.start();
    },
    async stop() {
      expiry.stop();
      forgetter.stop();
      refunder.stop();
      spender.stop();
      await transfers.stop();
      await outbox.stop();
    },
  };
}
