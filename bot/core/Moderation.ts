import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { writeAudit } from '../store/audit.ts';
import type { AskRecord } from './AskRecord.ts';
import type { Context } from './Context.ts';
import type { Response } from './commands/Command.ts';
import type { Translate } from './I18n.ts';
import { plain } from './markdown/plain.ts';
import { checkWorkload } from './OwnWorkload.ts';
import type { Chat, Person } from './types.ts';

/** `reasons`: names of what was found, from outside; empty: a word that the operator listed. */
export type Verdict = { kind: 'fine' } | { kind: 'refused'; reasons: readonly string[] } | { kind: 'unknown' };

/** Looks at what would be asked, before anything is paid. Never rejects. */
export type Moderate = (text: string) => Promise<Verdict>;

/** Why a question may not be asked, in words; `detail`: the same for the log, which never has the question. */
export type Refusal = { text: string; detail?: string };

/**
 * Looks at all that an ask would make public, however it came: typed, as a reply or mention, in a form, in files, as instructions or a workload of
 * one's own, or taken over from an earlier question. Every way of asking comes through here.
 */
export async function moderationRefusal(
  { moderate }: Pick<Context, 'moderate'>,
  record: Pick<AskRecord, 'question' | 'script'>,
  t: Translate,
): Promise<Refusal | undefined> {
  const verdict = await moderate?.([record.question, record.script, ...writtenIn(record.script)].join('\n'));
  if (verdict === undefined || verdict.kind === 'fine') return undefined;
  if (verdict.kind === 'unknown') return { text: t('moderation.unknown') };
  const detail = verdict.reasons.join(', ');
  return { text: detail === '' ? t('moderation.word') : t('moderation.refused', { reasons: plain(detail) }), detail };
}

/** The same as what a command leads to, with a line in the chat's log. */
export async function moderated(
  context: Context,
  { chat, person }: { chat: Chat; person: Person },
  record: AskRecord,
  t: Translate,
): Promise<Response | undefined> {
  const refusal = await moderationRefusal(context, record, t);
  if (!refusal) return undefined;
  const { text, detail } = refusal;
  return {
    note: { text },
    isPrivate: true,
    ...(detail !== undefined && {
      write: (db) => writeAudit(db, chat, { at: context.now(), person, action: 'moderation', detail }),
    }),
  };
}

/** What a script's literals say: an escape in the script hides no word. One that computes its values hides them from here. */
function writtenIn(script: string): string[] {
  if (script === '' || checkWorkload(script).kind !== 'plain') return [];
  const { prompt, input } = readPlainWorkload(script).example;
  return [prompt, input];
}
