import { type Hex, zeroHash } from '../../contracts/client/Hex.ts';
import { askByQuery } from '../store/asks.ts';
import type { Db } from '../store/Tables.ts';
import type { AskRecord } from './AskRecord.ts';
import type { Translate } from './I18n.ts';

/** Turns that hosts pass on for a workload of one's own: it has no listing that says how many. */
const openTurns = 6;

/** More than any model takes. */
const maxTurns = 50;

/** True when the ask has an answer that stands: something that can be continued. */
export function canContinue({ queryId, status }: AskRecord): boolean {
  return queryId !== undefined && ['delivered', 'reported', 'final'].includes(status.state);
}

/**
 * What a question that continues `earlier` names on chain, and what to tell the person about it. No text is repeated: the
 * host rebuilds the earlier turns from the chain, newest first, as many as the model takes.
 * @param turns how many the model takes; undefined: the open model
 */
export async function continuation(
  db: Db,
  earlier: AskRecord,
  t: Translate,
  turns: number = openTurns,
): Promise<{ parent: Hex; note: string }> {
  if (turns === 0 || !earlier.queryId) {
    return { parent: zeroHash, note: t('conversation.alone') };
  }
  const length = await turnsUpTo(db, earlier);
  const note = length > turns ? t('conversation.last', { turns, length }) : t('conversation.goesOn', { turns: length });
  return { parent: earlier.queryId, note };
}

/** How many turns end with `ask`, it included. */
async function turnsUpTo(db: Db, ask: AskRecord): Promise<number> {
  let turns = 1;
  let { parent } = ask;
  while (parent !== zeroHash && turns <= maxTurns) {
    const before = await askByQuery(db, parent);
    if (!before) break;
    turns += 1;
    parent = before.parent;
  }
  return turns;
}
