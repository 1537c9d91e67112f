import { writeAudit } from '../store/audit.ts';
import type { Context } from './Context.ts';
import type { Response } from './commands/Command.ts';
import type { Translate } from './I18n.ts';
import { plain } from './markdown/plain.ts';
import type { Chat, Person } from './types.ts';

/** `reasons`: names of what was found, from outside; empty: a word that the operator listed. */
export type Verdict = { kind: 'fine' } | { kind: 'refused'; reasons: readonly string[] } | { kind: 'unknown' };

/** Looks at what would be asked, before anything is paid. Never rejects. */
export type Moderate = (text: string) => Promise<Verdict>;

/** What is said when a question may not be asked; it costs nothing. The log has the reason, never the question. */
export async function moderationRefusal(
  { moderate, now }: Context,
  { chat, person, text }: { chat: Chat; person: Person; text: string },
  t: Translate,
): Promise<Response | undefined> {
  const verdict = await moderate?.(text);
  if (verdict === undefined || verdict.kind === 'fine') return undefined;
  if (verdict.kind === 'unknown') return { note: { text: t('moderation.unknown') }, isPrivate: true };
  const detail = verdict.reasons.join(', ');
  const note = detail === '' ? t('moderation.word') : t('moderation.refused', { reasons: plain(detail) });
  return {
    note: { text: note },
    isPrivate: true,
    write: (db) => writeAudit(db, chat, { at: now(), person, action: 'moderation', detail }),
  };
}
