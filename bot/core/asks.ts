import { insertAsk } from '../store/asks.ts';
import type { Changes } from '../store/Store.ts';
import type { Db } from '../store/Tables.ts';
import { type AskRecord, viewOf } from './AskRecord.ts';
import type { Context } from './Context.ts';
import { type AskRequest, draftAsk, type Refused } from './Draft.ts';
import { english } from './I18n.ts';
import { moderationRefusal } from './Moderation.ts';
import { withoutMarkup } from './markdown/plain.ts';
import { say } from './Say.ts';
import type { AskView } from './types.ts';

export type { AskRequest, Refused } from './Draft.ts';
export type CreateAsk = (request: Omit<AskRequest, 'language'>) => Promise<{ ok: true; view: AskView } | Refused>;

/** Writes a drafted ask and its card, in the caller's transaction. */
export async function openAsk(
  context: Context,
  db: Db,
  changes: Changes,
  record: AskRecord,
  updateId?: string,
): Promise<void> {
  await insertAsk(db, record);
  await say(context, db, changes, record, updateId);
  changes.asks.add(record.token);
}

/** The ask of a terminal, or of anything else that has no platform update to answer. */
export function createAsk(context: Context): CreateAsk {
  return async (request) => {
    const draft = await draftAsk(context, { ...request, language: 'en' });
    if (!draft.ok) return { ok: false, message: withoutMarkup(draft.message) };
    const refused = await moderationRefusal(context, draft.record, english);
    if (refused) return { ok: false, message: withoutMarkup(refused.text) };
    await context.store.commit((db, changes) => openAsk(context, db, changes, draft.record, request.updateId));
    context.log.info({ model: draft.record.model.name, person: request.person.platform }, 'ask made');
    return { ok: true, view: viewOf(draft.record, context.links.publicUrl) };
  };
}
