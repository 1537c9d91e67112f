import { preferenceOf, setPreference } from '../../store/preferences.ts';
import type { Db } from '../../store/Tables.ts';
import { chooseModel } from '../Choice.ts';
import type { Context } from '../Context.ts';
import type { Message, Person } from '../types.ts';
import { modelText } from '../Words.ts';

/** What is said, and what is written in the same transaction. */
export type ModelReply = { note: Message; write?: (db: Db) => Promise<void> };

/** Shows or sets the model that the person's questions go to when they name none; `default` goes back to the bot's own. */
export async function model(context: Context, person: Person, text: string): Promise<ModelReply> {
  const wanted = text.trim().replace(/^["“](.*)["”]$/u, '$1');
  const fallback = context.rules.defaultModel;
  if (wanted === '') {
    const own = await preferenceOf(context.store.db, person, 'model');
    const chosen = chooseModel(context.catalog, own, fallback);
    const which = chosen.ok ? `**${modelText(chosen.model)}**` : 'a model that nobody offers right now';
    return {
      note: {
        text: `Your questions go to ${which}${own === undefined ? '' : ' (your choice)'}. \`/model NAME\` changes it, \`/model default\` takes your choice back.`,
      },
    };
  }
  if (wanted.toLowerCase() === 'default') {
    const chosen = chooseModel(context.catalog, undefined, fallback);
    return {
      note: { text: `Your questions go to ${chosen.ok ? `**${modelText(chosen.model)}**` : 'the first model'} again.` },
      write: (db) => setPreference(db, person, 'model', undefined),
    };
  }
  const chosen = chooseModel(context.catalog, wanted, fallback);
  if (!chosen.ok) return { note: { text: chosen.message } };
  return {
    note: { text: `From now on your questions go to **${modelText(chosen.model)}** unless you name another.` },
    write: (db) => setPreference(db, person, 'model', `#${chosen.model.id}`),
  };
}
