import { preferenceOf, setPreference } from '../../store/preferences.ts';
import { chooseModel } from '../Choice.ts';
import type { Context } from '../Context.ts';
import type { Person } from '../types.ts';
import { modelText } from '../Words.ts';
import { argumentsOf, type Command, type Response } from './Command.ts';

/** Shows or sets the model that the person's questions go to when they name none; `default` goes back to the bot's own. */
export const model: Command = {
  name: 'model',
  description: 'model.description',
  options: [{ name: 'model', description: 'model.model', kind: 'model', isText: true }],
  isPrivate: true,
  run: (context, event) => choose(context, event.person, argumentsOf(model, event)['model'] ?? ''),
};

async function choose(context: Context, person: Person, text: string): Promise<Response> {
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
