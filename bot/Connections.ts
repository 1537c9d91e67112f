import pRetry from 'p-retry';
import type { Log } from '../contracts/client/support/Log.ts';
import type { ConnectionStatus } from './core/ConnectionStatus.ts';
import type { PlatformHealth } from './core/Health.ts';
import type { Adapter, GroupMove, Incoming, Platform } from './core/types.ts';

export type Connection = {
  status(): ConnectionStatus;
  /** How and since when it has been connected; undefined: it is not. */
  connection(): PlatformHealth['connection'];
  /** The first attempt is over, either way. */
  tried: Promise<void>;
  stop(): Promise<void>;
};

export type ConnectOptions = {
  platform: Platform;
  load: () => Promise<Adapter>;
  receive: (event: Incoming) => Promise<void>;
  moved: (move: GroupMove) => Promise<void>;
  /** Called once it is connected: what waited can be sent. */
  onConnected: (adapter: Adapter) => Promise<void>;
  log: Log;
  /** First wait before another attempt; doubles up to a minute. Milliseconds. */
  retryAfterMs?: number;
};

/** Connects a platform and keeps trying: a wrong token or a platform that is down is said, and ends nothing else. */
export function connectPlatform(options: ConnectOptions): Connection {
  const { platform, load, receive, moved, onConnected, log, retryAfterMs = 2_000 } = options;
  const stopping = new AbortController();
  const { promise: tried, resolve: wasTried } = Promise.withResolvers<void>();
  let adapter: Adapter | undefined;
  let problem: string | undefined;

  const attempt = async () => {
    const one = await load();
    if (stopping.signal.aborted) return;
    adapter = one;
    problem = undefined;
    await one.start(receive, moved);
    log.info({ platform }, one.status().line);
    await onConnected(one);
  };
  const done = pRetry(
    () =>
      attempt().catch((error: unknown) => {
        throw new ConnectError(error);
      }),
    {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: retryAfterMs,
      maxTimeout: 60_000,
      signal: stopping.signal,
      onFailedAttempt: ({ error }) => {
        problem = `not connected: ${error.message}; trying again`;
        log.warn({ platform, err: error.cause }, 'could not connect');
        wasTried();
      },
    },
  ).catch((error: unknown) => {
    if (!stopping.signal.aborted) log.error({ platform, err: error }, 'connecting ended');
  });
  void done.then(wasTried);

  return {
    status: () =>
      problem === undefined
        ? (adapter?.status() ?? { isConnected: false, line: 'connecting' })
        : { isConnected: false, line: problem },
    connection: () => (problem === undefined ? adapter?.connection?.() : undefined),
    tried,
    async stop() {
      stopping.abort();
      // First the adapter: an attempt that is under way ends only then.
      await adapter?.stop();
      await done;
    },
  };
}

/** Any failure to connect is tried again, whatever its class: p-retry gives up on a TypeError. */
class ConnectError extends Error {
  override name = 'ConnectError';
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message.split('\n')[0]?.slice(0, 160) : 'unknown reason', { cause });
  }
}
