import type { RegistryEvent } from '../../../contracts/client/MarketEvent.ts';
import { putPost } from '../../store/posts.ts';
import type { Changes } from '../../store/Store.ts';
import { foundListings, type Listing, offeredListings } from '../../store/sales.ts';
import type { Db } from '../../store/Tables.ts';
import type { Context } from '../Context.ts';
import { type Key, translator } from '../I18n.ts';
import { inLanguage } from '../Say.ts';
import { nameText } from '../Words.ts';

/** Tells sellers, where they sold it, that the chain has their listing, and in the same message that it can be asked. */
export async function announce(context: Context, db: Db, changes: Changes, event: RegistryEvent): Promise<void> {
  switch (event.type) {
    case 'ModelListed':
    case 'ModelUpdated': {
      const { workload, name, modelId, type } = event;
      const key = type === 'ModelListed' ? 'sell.listed' : 'sell.updated';
      for (const one of await foundListings(db, workload, name, modelId))
        await tell(context, db, changes, one, modelId, key);
      return;
    }
    case 'Offered':
      for (const one of await offeredListings(db, event.modelId))
        await tell(context, db, changes, one, event.modelId, 'sell.live');
      return;
    default:
  }
}

async function tell(
  { now, links }: Context,
  db: Db,
  changes: Changes,
  { person, chat, language, name }: Listing,
  model: bigint,
  key: Key,
): Promise<void> {
  const id = `listing-${model}-${person.platform}-${person.id}`;
  const t = translator(language);
  const link = `${links.publicUrl}/m/${model}`;
  const text = t(key, { name: nameText(name, `#${model}`), id: String(model), link });
  const told = await putPost(
    db,
    { id, role: 'note', chat, content: inLanguage(language, { text }), result: false },
    now(),
  );
  if (told) changes.posts.set(told, chat);
}
