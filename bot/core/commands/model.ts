import { preferenceOf, setPreference } from '../../store/preferences.ts';
import { chooseModel } from '../Choice.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import type { Person } from '../types.ts';
import { modelText } from '../Words.ts';
import { argumentsOf, type Command, type Response } from './Command.ts';

/** Shows or sets the model that the person's questions go to when they name none; `default` goes back to the bot's own. */
export const model: Command = {
  name: 'model',
  description: 'model.description',
  options: [{ name: 'model', description: 'model.model', kind: 'model', isText: true }],
  isPrivate: true,
  run: (context, event, t) => choose(context, event.person, argumentsOf(model, event)['model'] ?? '', t),
};

async function choose(context: Context, person: Person, text: string, t: Translate): Promise<Response> {
  const wanted = text.trim().replace(/^["“](.*)["”]$/u, '$1');
  const fallback = context.rules.defaultModel;
  if (wanted === '') {
    const own = await preferenceOf(context.store.db, person, 'model');
    const chosen = chooseModel(context.catalog, own, fallback, t);
    const which = chosen.ok ? modelText(chosen.model, t) : t('model.gone');
    return { note: { text: t('model.now', { model: which, own: own === undefined ? 'no' : 'yes' }) } };
  }
  if (wanted.toLowerCase() === 'default') {
    const chosen = chooseModel(context.catalog, undefined, fallback, t);
    return {
      note: { text: t('model.reset', { model: chosen.ok ? modelText(chosen.model, t) : t('model.gone') }) },
      write: (db) => setPreference(db, person, 'model', undefined),
    };
  }
  const chosen = chooseModel(context.catalog, wanted, fallback, t);
  if (!chosen.ok) return { note: { text: chosen.message } };
  return {
    note: { text: t('model.set', { model: modelText(chosen.model, t) }) },
    write: (db) => setPreference(db, person, 'model', `#${chosen.model.id}`),
  };
}
