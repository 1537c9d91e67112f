import { setTimeout as wait } from 'node:timers/promises';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import { aboutPost, markGone, pendingPosts } from '../store/posts.ts';
import type { Changes } from '../store/Store.ts';
import { createDelivery, type DeliveryOptions } from './Delivery.ts';
import { type Chat, DeliveryError } from './types.ts';

export type Outbox = {
  /** Shows what should have been shown before, and from now on whatever is committed. Again for a platform that came back. */
  start(): Promise<void>;
  /** Resolves when nothing is waiting to be shown. */
  idle(): Promise<void>;
  stop(): Promise<void>;
};

export type OutboxOptions = DeliveryOptions & {
  /** First wait before a send that failed for now is tried again; doubles up to a minute. Milliseconds. */
  retryAfterMs?: number;
};

const stopWithinMs = 3_000;
/** For failures that are not the platform's: a full disk, a mistake of ours. */
const otherTries = 4;

/**
 * Makes chats show what the store says they should. Each chat has its own queue, and a post is always brought to its newest
 * content, so edits that were overtaken are never made.
 */
export function createOutbox({ store, adapters, log, now, retryAfterMs = 500 }: OutboxOptions): Outbox {
  const queues = new Map<string, PQueue>();
  const waiting = new Set<string>();
  const deliver = createDelivery({ store, adapters, log, now });
  const stopping = new AbortController();
  let unsubscribe: (() => void) | undefined;

  function kick(id: string, chat: Chat): void {
    if (stopping.signal.aborted || waiting.has(id) || !adapters.has(chat.platform)) return;
    waiting.add(id);
    const key = `${chat.platform}:${chat.id}:${chat.thread ?? ''}`;
    const queue = queues.get(key) ?? new PQueue({ concurrency: 1 });
    queues.set(key, queue);
    void queue
      .add(() => run(id))
      .finally(() => {
        if (queue.size === 0 && queue.pending === 0) queues.delete(key);
      });
  }

  async function run(id: string): Promise<void> {
    waiting.delete(id);
    if (stopping.signal.aborted) return;
    try {
      await pRetry(() => deliver(id), {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: retryAfterMs,
        maxTimeout: 60_000,
        randomize: true,
        signal: stopping.signal,
        shouldRetry: ({ error, attemptNumber }) =>
          error instanceof DeliveryError ? error.kind !== 'gone' : attemptNumber < otherTries,
        onFailedAttempt: async ({ error }) =>
          log.warn({ ...(await aboutPost(store.db, id)), err: error }, 'could not show a message'),
      });
    } catch (error) {
      if (stopping.signal.aborted) return;
      const about = await aboutPost(store.db, id);
      if (error instanceof DeliveryError) {
        await markGone(store.db, id);
        log.warn({ ...about, err: error }, 'a chat can’t be reached: kept for the history');
      } else
        log.error({ ...about, err: error }, 'showing a message failed; it is tried again at the next change or start');
    }
  }

  return {
    async start() {
      unsubscribe ??= store.onCommit(({ posts }: Changes) => {
        for (const [id, chat] of posts) kick(id, chat);
      });
      for (const { id, chat } of await pendingPosts(store.db)) kick(id, chat);
    },
    async idle() {
      while (queues.size > 0) await Promise.all([...queues.values()].map((queue) => queue.onIdle()));
    },
    async stop() {
      unsubscribe?.();
      stopping.abort();
      // What was handed to a platform should still be noted; one that holds it back (flood control) is not waited for.
      const done = Promise.all([...queues.values()].map((queue) => queue.onIdle()));
      await Promise.race([done, wait(stopWithinMs, undefined, { ref: false })]);
    },
  };
}
