import type { Log } from '../../contracts/client/support/Log.ts';
import { markShown, type Post, partsOf, postById, putPart } from '../store/posts.ts';
import type { Store } from '../store/Store.ts';
import { translator } from './I18n.ts';
import { createPartShower, type Wanted } from './ShowPart.ts';
import type { Adapter, Platform } from './types.ts';

export type DeliveryOptions = {
  store: Store;
  adapters: ReadonlyMap<Platform, Adapter>;
  log: Log;
  /** Wall clock, unix seconds. */
  now: () => number;
};

/** Brings one post to its newest content. @throws DeliveryError, or whatever else stopped it: the same again goes on from there */
export type Deliver = (post: string) => Promise<void>;

/** Shows the parts of a post in order, each as ShowPart.ts says. */
export function createDelivery({ store, adapters, log, now }: DeliveryOptions): Deliver {
  const shower = createPartShower({ store, log, now });

  return async function deliver(id: string): Promise<void> {
    const post = await postById(store.db, id);
    if (!post || post.shown >= post.version) return;
    const adapter = adapters.get(post.chat.platform);
    if (!adapter) return;
    const stored = await partsOf(store.db, id);
    const isRepeated = stored.some((part) => part.isRepeated || shower.mayRepeat(adapter, part));
    const parts = adapter.render(isRepeated ? admitRepeat(post) : post.content);
    const surplus = stored.slice(parts.length);
    let first = stored[0]?.ref;
    let isNoted = false;
    for (const [place, part] of parts.entries()) {
      const isLast = place === parts.length - 1 && surplus.length === 0;
      const note: Wanted['note'] = async (shown) => {
        if (!isLast) return putPart(store.db, id, shown);
        // One write to disk less for each message.
        await store.db.transaction().execute(async (db) => {
          await putPart(db, id, shown);
          await markShown(db, id, post.version);
        });
        isNoted = true;
      };
      const shown = await shower.show({ adapter, post, place, part, stored: stored[place], first, note });
      if (place === 0) first = shown;
    }
    for (const part of surplus) await shower.blank(adapter, post, part);
    if (!isNoted) await markShown(store.db, id, post.version);
  };
}

function admitRepeat({ content }: Post): Post['content'] {
  const note = translator(content.language ?? 'en')('delivery.again');
  return { ...content, footer: content.footer ? `${content.footer} · ${note}` : note };
}
