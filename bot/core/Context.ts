import type { Log } from '../../contracts/client/support/Log.ts';
import type { Store } from '../store/Store.ts';
import type { Health } from './Health.ts';
import type { Links } from './Links.ts';
import type { Catalog, MarketAccess } from './Market.ts';
import type { Moderate } from './Moderation.ts';
import type { Accounts } from './money/Accounts.ts';

/** What every part of the core works with. */
export type Context = {
  store: Store;
  catalog: Catalog;
  market: MarketAccess;
  accounts: Accounts;
  /** Absent: questions are not moderated. */
  moderate?: Moderate;
  links: Links;
  health: Health;
  rules: Rules;
  /** Wall clock, unix seconds. */
  now: () => number;
  log: Log;
};

/** All in seconds, but `asksPerMinute`. */
export type Rules = {
  /** Name of the model that is asked when none is named. */
  defaultModel?: string;
  payLinkSeconds: number;
  /** From payment to the latest answer. */
  answerSeconds: number;
  /** A result that comes later than this after the card gets a message of its own. */
  lateSeconds: number;
  asksPerMinute: number;
};
