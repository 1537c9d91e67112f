import pRetry from 'p-retry';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { Journal } from '../store/Journal.ts';

/** What an operator wants to hear of without looking. */
export type AlertKind = 'disputed' | 'verdict' | 'unfit' | 'fit' | 'stalled';

export type Alerts = {
  /** Tells the operator; never throws and never waits. `text`: one sentence, no secrets. */
  tell(kind: AlertKind, text: string): void;
  /** Resolves when what was told has arrived or was given up, or after two seconds. */
  idle(): Promise<void>;
};

/**
 * Counts alerts in the journal, and sends them to a webhook as JSON `{kind, text, content}`: `text` is what Slack and Mattermost show, `content` what Discord shows.
 * @param options.url undefined: they are counted only; the log has them anyway. It often holds a secret and is never shown
 */
export function createAlerts(options: {
  url: string | undefined;
  host: string;
  journal: Pick<Journal, 'countAlert'>;
  log: Log;
  fetch?: typeof fetch;
}): Alerts {
  const { url, host, journal, log } = options;
  const sending = new Set<Promise<void>>();

  async function post(address: string, kind: AlertKind, text: string): Promise<void> {
    const line = `Host ${host}: ${text}`;
    const response = await (options.fetch ?? fetch)(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind, text: line, content: line.slice(0, 1_900), allowed_mentions: { parse: [] } }),
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
  }

  return {
    tell: (kind, text) => {
      try {
        journal.countAlert(kind);
      } catch (error) {
        // A full disk is what somebody should hear of: the alert goes out all the same.
        log.error({ kind, err: error }, 'the alert could not be counted');
      }
      if (url === undefined) return;
      const sent = pRetry(() => post(url, kind, text), { retries: 3, minTimeout: 1_000 })
        .catch((error: unknown) => {
          // Without the error: its words can hold the address.
          const status = error instanceof Error && /^status \d+$/.test(error.message) ? error.message : 'no connection';
          log.warn({ kind, status }, 'the alert could not be sent');
        })
        .finally(() => sending.delete(sent));
      sending.add(sent);
    },
    idle: async () => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, 2_000);
      await Promise.race([Promise.allSettled(sending), late]);
      clearTimeout(timer);
    },
  };
}
