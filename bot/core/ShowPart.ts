import { createHash } from 'node:crypto';
import { nanoid } from 'nanoid';
import type { Log } from '../../contracts/client/support/Log.ts';
import { askByToken } from '../store/asks.ts';
import { aboutPost, isShown, type Post, partsOf, postId, putPart, type StoredPart } from '../store/posts.ts';
import type { Store } from '../store/Store.ts';
import { type Adapter, type Chat, DeliveryError, type MessageRef, type Part } from './types.ts';

export type ShowPartOptions = {
  store: Store;
  log: Log;
  /** Wall clock, unix seconds. */
  now: () => number;
};

/** One part of a post, as it should be shown. */
export type Wanted = {
  adapter: Adapter;
  post: Post;
  place: number;
  part: Part;
  stored: StoredPart | undefined;
  /** The post's first message: the others reply to it, where it is. */
  first: MessageRef | undefined;
  /** Keeps what became of the part. */
  note: (part: StoredPart) => Promise<void>;
};

export type PartShower = {
  /** @returns the message that shows the part now; undefined when it was deleted and need not come back. @throws DeliveryError */
  show(wanted: Wanted): Promise<MessageRef | undefined>;
  /** A message that the newest content no longer needs is emptied. */
  blank(adapter: Adapter, post: Post, stored: StoredPart): Promise<void>;
  /** Whether showing a part now may say it twice: what came of handing it over before is not known and can't be found out. */
  mayRepeat(adapter: Adapter, part: StoredPart): boolean;
};

/**
 * Shows parts of posts. A send is journaled before it happens. When its outcome is unknown, after a crash or a broken
 * connection, the platform is asked where it can be; else it is sent again with the same nonce, which the platform drops or
 * the message admits. Edits can be repeated at will.
 */
export function createPartShower({ store, log, now }: ShowPartOptions): PartShower {
  /** Sends of this run whose outcome is still to come or is known. */
  const ours = new Set<string>();
  const isUnknown = (part: StoredPart) => part.state === 'sending' && !ours.has(part.nonce);
  const mayRepeat: PartShower['mayRepeat'] = (adapter, part) =>
    isUnknown(part) && !adapter.dropsRepeats && !adapter.find;

  async function send(wanted: Wanted, stored: StoredPart | undefined, shownHash: string): Promise<MessageRef> {
    const { adapter, post, place, part, first, note } = wanted;
    const nonce = stored && stored.state !== 'sent' && stored.state !== 'gone' ? stored.nonce : nanoid(20);
    const isRepeated = stored !== undefined && isUnknown(stored);
    const sentAt = (isRepeated ? stored.sentAt : undefined) ?? now();
    const admitted = stored && (stored.isRepeated || mayRepeat(adapter, stored)) ? ({ isRepeated: true } as const) : {};
    await putPart(store.db, post.id, { place, nonce, state: 'sending', sentAt, ...admitted });
    ours.add(nonce);
    const replyTo = place === 0 ? await questionOf(post) : first;
    let ref: MessageRef;
    try {
      const found = isRepeated ? await look(wanted, sentAt, replyTo) : undefined;
      ref = found ?? (await sendSomewhere(wanted, nonce, replyTo));
      // What was sent the first time may say something older.
      if (found || (isRepeated && adapter.dropsRepeats)) await adapter.edit(ref, part);
    } catch (error) {
      const isSurelyUnsent = error instanceof DeliveryError && error.kind !== 'unknown' && !isRepeated;
      if (isSurelyUnsent) await putPart(store.db, post.id, { place, nonce, state: 'failed', ...admitted });
      else ours.delete(nonce);
      throw error;
    }
    await note({ place, nonce, state: 'sent', ref, shownHash, sentAt: now(), ...admitted });
    ours.delete(nonce);
    return ref;
  }

  /** A chat has one send at a time, so a message of ours there that nothing knows of is the one whose outcome was lost. */
  async function look(
    { adapter, post }: Wanted,
    since: number,
    replyTo: MessageRef | undefined,
  ): Promise<MessageRef | undefined> {
    for (const ref of (await adapter.find?.(post.chat, { since, ...(replyTo && { replyTo }) })) ?? []) {
      if (!(await isShown(store.db, ref))) return ref;
    }
    return undefined;
  }

  /** A result that its chat can't be told any more is told elsewhere. */
  async function sendSomewhere(wanted: Wanted, nonce: string, replyTo: MessageRef | undefined): Promise<MessageRef> {
    const { adapter, post, place, part, first } = wanted;
    const { updateId, onlyFor } = post;
    try {
      return await adapter.send(place === 0 ? post.chat : (first?.chat ?? post.chat), part, {
        nonce,
        ...(replyTo && { replyTo }),
        ...(place === 0 && updateId && { updateId }),
        ...(onlyFor && { onlyFor }),
      });
    } catch (error) {
      if (!isGone(error) || place > 0) throw error;
      for (const chat of await elsewhere(adapter, post)) {
        try {
          const ref = await adapter.send(chat, part, { nonce });
          log.info(
            await aboutPost(store.db, post.id),
            'the chat can’t be reached any more; the result was told elsewhere',
          );
          return ref;
        } catch (another) {
          if (!isGone(another)) throw another;
        }
      }
      throw error;
    }
  }

  async function elsewhere(adapter: Adapter, post: Post): Promise<readonly Chat[]> {
    const ask = post.result && post.ask ? await askByToken(store.db, post.ask) : undefined;
    return (ask && adapter.elsewhere?.(post.chat, ask.person)) ?? [];
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

  return {
    mayRepeat,
    async show(wanted) {
      const { adapter, post, place, part, stored, note } = wanted;
      const shownHash = hashOf(part);
      if (stored?.state === 'gone' && !post.result) return undefined;
      if (stored?.state === 'sent' && stored.ref) {
        if (stored.shownHash === shownHash) return stored.ref;
        try {
          await adapter.edit(stored.ref, part);
          await note({ ...stored, shownHash });
          return stored.ref;
        } catch (error) {
          if (!isGone(error)) throw error;
          log.info({ ...(await aboutPost(store.db, post.id)), place }, 'a message was deleted under us');
          if (!post.result) {
            await note({ place, nonce: stored.nonce, state: 'gone' });
            return undefined;
          }
        }
      }
      return send(wanted, stored, shownHash);
    },
    async blank(adapter, post, stored) {
      if (stored.state !== 'sent' || !stored.ref) return;
      const [part] = adapter.render({ text: '—' });
      if (!part) return;
      const shownHash = hashOf(part);
      if (stored.shownHash === shownHash) return;
      try {
        await adapter.edit(stored.ref, part);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
      await putPart(store.db, post.id, { ...stored, shownHash });
    },
  };
}

function isGone(error: unknown): boolean {
  return error instanceof DeliveryError && error.kind === 'gone';
}

/** Tells whether a part shows something else than before. */
function hashOf(part: Part): string {
  return createHash('sha256').update(JSON.stringify(part.payload)).digest('base64url').slice(0, 22);
}
