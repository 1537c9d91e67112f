import { createHash } from 'node:crypto';
import { nanoid } from 'nanoid';
import type { Log } from '../../contracts/client/support/Log.ts';
import { askByToken } from '../store/asks.ts';
import { markShown, type Post, partsOf, postById, postId, putPart, type StoredPart } from '../store/posts.ts';
import type { Store } from '../store/Store.ts';
import { type Adapter, DeliveryError, type MessageRef, type Part, type Platform } from './types.ts';

export type DeliveryOptions = {
  store: Store;
  adapters: ReadonlyMap<Platform, Adapter>;
  log: Log;
  /** Wall clock, unix seconds. */
  now: () => number;
};

/** Brings one post to its newest content. @throws DeliveryError, or whatever else stopped it: the same again goes on from there */
export type Deliver = (post: string) => Promise<void>;

/** Keeps what became of a part. */
type Note = (part: StoredPart) => Promise<void>;

/**
 * A send is journaled before it happens: after a crash it is repeated with the same nonce, which the platform drops or the
 * message admits. Edits can be repeated at will.
 */
export function createDelivery({ store, adapters, log, now }: DeliveryOptions): Deliver {
  /** Sends of this run whose outcome is still to come or is known: not to be taken for a crash's. */
  const ours = new Set<string>();

  async function showPart(
    adapter: Adapter,
    post: Post,
    place: number,
    part: Part,
    stored: StoredPart | undefined,
    first: MessageRef | undefined,
    note: Note,
  ): Promise<MessageRef | undefined> {
    const shownHash = hashOf(part);
    if (stored?.state === 'gone' && !post.result) return undefined;
    if (stored?.state === 'sent' && stored.ref) {
      if (stored.shownHash === shownHash) return stored.ref;
      try {
        await adapter.edit(stored.ref, part);
        await note({ ...stored, shownHash });
        return stored.ref;
      } catch (error) {
        if (!(error instanceof DeliveryError) || error.kind !== 'gone') throw error;
        log.info({ post: post.id, place }, 'a message was deleted under us');
        if (!post.result) {
          await note({ place, nonce: stored.nonce, state: 'gone' });
          return undefined;
        }
      }
    }
    const nonce = stored && stored.state !== 'sent' && stored.state !== 'gone' ? stored.nonce : nanoid(20);
    const isRepeated = stored?.state === 'sending' && !ours.has(nonce);
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
      // A dropped repetition leaves what was sent the first time, which may say something older.
      if (isRepeated && adapter.dropsRepeats) await adapter.edit(ref, part);
    } catch (error) {
      // The outcome of the first send stays unknown when its repetition fails.
      if (error instanceof DeliveryError && !isRepeated)
        await putPart(store.db, post.id, { place, nonce, state: 'failed' });
      if (isRepeated) ours.delete(nonce);
      throw error;
    }
    await note({ place, nonce, state: 'sent', ref, shownHash, sentAt: now() });
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

  return async function deliver(id: string): Promise<void> {
    const post = await postById(store.db, id);
    if (!post || post.shown >= post.version) return;
    const adapter = adapters.get(post.chat.platform);
    if (!adapter) return;
    const stored = await partsOf(store.db, id);
    const unknown = stored.some((part) => part.state === 'sending' && !ours.has(part.nonce));
    const parts = adapter.render(unknown && !adapter.dropsRepeats ? admitRepeat(post) : post.content);
    const surplus = stored.slice(parts.length);
    let first = stored[0]?.ref;
    let isNoted = false;
    for (const [place, part] of parts.entries()) {
      const isLast = place === parts.length - 1 && surplus.length === 0;
      const note: Note = async (shown) => {
        if (!isLast) return putPart(store.db, id, shown);
        // One write to disk less for each message.
        await store.db.transaction().execute(async (db) => {
          await putPart(db, id, shown);
          await markShown(db, id, post.version);
        });
        isNoted = true;
      };
      const shown = await showPart(adapter, post, place, part, stored[place], first, note);
      if (place === 0) first = shown;
    }
    for (const part of surplus) await blank(adapter, post, part);
    if (!isNoted) await markShown(store.db, id, post.version);
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
