import { postId, putPost } from '../store/posts.ts';
import type { Changes } from '../store/Store.ts';
import type { Db } from '../store/Tables.ts';
import type { AskRecord } from './AskRecord.ts';
import { card, hasResult, lateResult } from './Card.ts';
import type { Context } from './Context.ts';
import type { Language } from './I18n.ts';
import type { Message } from './types.ts';

/** Puts down what the ask's messages should show now, in the caller's transaction. */
export async function say(
  context: Context,
  db: Db,
  changes: Changes,
  record: AskRecord,
  updateId?: string,
): Promise<void> {
  const { chat, token } = record;
  if (!chat) return;
  const shared = { ask: token, chat, result: hasResult(record.status) };
  const now = context.now();
  const main = await putPost(
    db,
    {
      ...shared,
      id: postId('card', token),
      role: 'card',
      content: inLanguage(record.language, card(record, context.links)),
      // Once the result has a message of its own, a lost card need not be sent again.
      result: shared.result && record.resultIn !== 'answer',
      ...(record.replyTo && { replyTo: record.replyTo }),
      ...(updateId && { updateId }),
    },
    now,
  );
  if (main) changes.posts.set(main, chat);
  if (record.resultIn !== 'answer') return;
  const late = await putPost(
    db,
    {
      ...shared,
      id: postId('answer', token),
      role: 'answer',
      content: inLanguage(record.language, lateResult(record, context.links)),
    },
    now,
  );
  if (late) changes.posts.set(late, chat);
}

/** Tells the platform what its own additions should be written in. */
export function inLanguage(language: Language, message: Message): Message {
  return language === 'en' ? message : { ...message, language };
}
