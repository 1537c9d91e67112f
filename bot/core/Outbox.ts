import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import type { Log } from '../../contracts/client/support/Log.ts';
import { askByToken } from '../store/asks.ts';
import {
  markGone,
  markShown,
  type Post,
  partsOf,
  pendingPosts,
  postById,
  postId,
  putPart,
  type StoredPart,
} from '../store/posts.ts';
import type { Changes, Store } from '../store/Store.ts';
import { type Adapter, type Chat, DeliveryError, type MessageRef, type Part, type Platform } from './types.ts';

export type Outbox = {
  /** Shows what should have been shown before, and from now on whatever is committed. Again for a platform that came back. */
  start(): Promise<void>;
  /** Resolves when nothing is waiting to be shown. */
  idle(): Promise<void>;
  stop(): Promise<void>;
};

export type OutboxOptions = {
  store: Store;
  adapters: ReadonlyMap<Platform, Adapter>;
  log: Log;
  /** Wall clock, unix seconds. */
  now: () => number;
  /** First wait before a send that failed for now is tried again; doubles up to a minute. Milliseconds. */
  retryAfterMs?: number;
};

const stopWithinMs = 3_000;
/** For failures that are not the platform's: a full disk, a mistake of ours. */
const otherTries = 4;

/**
 * Makes chats show what the store says they should. Each chat has its own queue, and a post is always brought to its newest
 * content, so edits that were overtaken are never made. A send is journaled before it happens: after a crash it is
 * repeated with the same nonce, which the platform drops or the message admits.
 */
export function createOutbox({ store, adapters, log, now, retryAfterMs = 500 }: OutboxOptions): Outbox {
  const queues = new Map<string, PQueue>();
  const waiting = new Set<string>();
  /** Sends of this run whose outcome is still to come or is known: not to be taken for a crash's. */
  const ours = new Set<string>();
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
      await pRetry(() => bringUpToDate(id), {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: retryAfterMs,
        maxTimeout: 60_000,
        randomize: true,
        signal: stopping.signal,
        shouldRetry: ({ error, attemptNumber }) =>
          error instanceof DeliveryError ? error.kind === 'later' : attemptNumber < otherTries,
        onFailedAttempt: ({ error }) => log.warn({ post: id, err: error }, 'could not show a message'),
      });
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (error instanceof DeliveryError) await markGone(store.db, id);
      else
        log.error({ post: id, err: error }, 'showing a message failed; it is tried again at the next change or start');
    }
  }

  async function bringUpToDate(id: string): Promise<void> {
    const post = await postById(store.db, id);
    if (!post || post.shown >= post.version) return;
    const adapter = adapters.get(post.chat.platform);
    if (!adapter) return;
    const stored = await partsOf(store.db, id);
    const unknown = stored.some((part) => part.state === 'sending' && !ours.has(part.nonce));
    const parts = adapter.render(unknown && !adapter.dropsRepeats ? admitRepeat(post) : post.content);
    let first = stored[0]?.ref;
    for (const [place, part] of parts.entries()) {
      const shown = await showPart(adapter, post, place, part, stored[place], first);
      if (place === 0) first = shown;
    }
    for (const part of stored.slice(parts.length)) await blank(adapter, post, part);
    await markShown(store.db, id, post.version);
  }

  async function showPart(
    adapter: Adapter,
    post: Post,
    place: number,
    part: Part,
    stored: StoredPart | undefined,
    first: MessageRef | undefined,
  ): Promise<MessageRef | undefined> {
    const shownHash = hashOf(part);
    if (stored?.state === 'gone' && !post.result) return undefined;
    if (stored?.state === 'sent' && stored.ref) {
      if (stored.shownHash === shownHash) return stored.ref;
      try {
        await adapter.edit(stored.ref, part);
        await putPart(store.db, post.id, { ...stored, shownHash });
        return stored.ref;
      } catch (error) {
        if (!(error instanceof DeliveryError) || error.kind !== 'gone') throw error;
        log.info({ post: post.id, place }, 'a message was deleted under us');
        if (!post.result) {
          await putPart(store.db, post.id, { place, nonce: stored.nonce, state: 'gone' });
          return undefined;
        }
      }
    }
    const nonce = stored && stored.state !== 'sent' && stored.state !== 'gone' ? stored.nonce : nanoid(20);
    await putPart(store.db, post.id, { place, nonce, state: 'sending' });
    ours.add(nonce);
    const replyTo = place === 0 ? await questionOf(post) : first;
    let ref: MessageRef;
    try {
      ref = await adapter.send(post.chat, part, {
        nonce,
        ...(replyTo && { replyTo }),
        ...(place === 0 && post.updateId && { updateId: post.updateId }),
        ...(post.onlyFor && { onlyFor: post.onlyFor }),
      });
    } catch (error) {
      if (error instanceof DeliveryError) await putPart(store.db, post.id, { place, nonce, state: 'failed' });
      throw error;
    }
    await putPart(store.db, post.id, { place, nonce, state: 'sent', ref, shownHash, sentAt: now() });
    ours.delete(nonce);
    return ref;
  }

  /** The message that a post answers: for a late result its card, else what the person wrote. */
  async function questionOf(post: Post): Promise<MessageRef | undefined> {
    if (post.role === 'answer' && post.ask) {
      const card = (await partsOf(store.db, postId('card', post.ask)))[0];
      if (card?.state === 'sent' && card.ref) return card.ref;
      const ask = await askByToken(store.db, post.ask);
      return ask?.chat && ask.replyTo ? { chat: ask.chat, id: ask.replyTo } : undefined;
    }
    return post.replyTo ? { chat: post.chat, id: post.replyTo } : undefined;
  }

  /** A message that the newest content no longer needs. */
  async function blank(adapter: Adapter, post: Post, stored: StoredPart): Promise<void> {
    if (stored.state !== 'sent' || !stored.ref) return;
    const [part] = adapter.render({ text: '—' });
    if (!part) return;
    const shownHash = hashOf(part);
    if (stored.shownHash === shownHash) return;
    try {
      await adapter.edit(stored.ref, part);
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.kind !== 'gone') throw error;
    }
    await putPart(store.db, post.id, { ...stored, shownHash });
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

function admitRepeat(post: Post): Post['content'] {
  const note = '*(sent again after a restart)*';
  return { ...post.content, footer: post.content.footer ? `${post.content.footer} · ${note}` : note };
}

/** Tells whether a part shows something else than before. */
function hashOf(part: Part): string {
  return createHash('sha256').update(JSON.stringify(part.payload)).digest('base64url').slice(0, 22);
}
