import { chatPreferenceOf, preferenceOf } from '../store/preferences.ts';
import type { Db } from '../store/Tables.ts';
import { isLanguage, type Language, languageOfTag } from './I18n.ts';
import type { Chat, Person } from './types.ts';

/**
 * The language to speak: what the person chose, else what the chat's admins chose, else what the platform says, else English.
 * @param of.hint the platform's word on it, as `Incoming.locale`
 */
export async function languageOf(
  db: Db,
  { person, chat, hint }: { person: Person; chat?: Chat; hint?: string | undefined },
): Promise<Language> {
  const own = await preferenceOf(db, person, 'language');
  if (own !== undefined && isLanguage(own)) return own;
  const shared = chat && (await chatPreferenceOf(db, chat, 'language'));
  if (shared !== undefined && isLanguage(shared)) return shared;
  return languageOfTag(hint) ?? 'en';
}
