import type { Incoming, Platform } from './types.ts';

/** By what way a platform's events come. */
export type Way = 'gateway' | 'polling' | 'webhook';

/** Times are unix seconds. */
export type PlatformHealth = {
  platform: Platform;
  /** Absent: not connected. */
  connection?: { by: Way; since: number };
  /** When its last event was heard by this process; absent: none yet. */
  lastEvent?: number;
};

/** How the bot itself stands, in what anybody may know. */
export type Health = {
  /** The platforms that are switched on, in the order they were. */
  platforms(): readonly PlatformHealth[];
  /** Whether the bot's key has coin for the network's fees; `unknown`: the chain can't be asked. */
  gas(): Promise<'well' | 'low' | 'unknown'>;
};

export type HealthTracker = Health & {
  /** The same receiver, each event's time noted. */
  hearing(receive: (event: Incoming) => Promise<void>): (event: Incoming) => Promise<void>;
};

export type HealthSource = {
  /** Of each platform that is switched on, when it is connected: how, and since when. */
  connections: () => ReadonlyMap<Platform, PlatformHealth['connection']>;
  /** Wei of the bot's key. */
  keyBalance: () => Promise<bigint>;
  /** Below it the bot can't go on sending transactions. Wei. */
  leastWei: bigint;
  now: () => number;
};

export function createHealth({ connections, keyBalance, leastWei, now }: HealthSource): HealthTracker {
  const heard = new Map<Platform, number>();
  return {
    hearing: (receive) => (event) => {
      heard.set(event.person.platform, now());
      return receive(event);
    },
    platforms: () =>
      [...connections()].map(([platform, connection]) => {
        const lastEvent = heard.get(platform);
        return { platform, ...(connection && { connection }), ...(lastEvent !== undefined && { lastEvent }) };
      }),
    gas: () =>
      keyBalance().then(
        (wei) => (wei < leastWei ? 'low' : 'well'),
        () => 'unknown',
      ),
  };
}
