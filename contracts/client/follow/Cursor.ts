import { z } from 'zod';
import { type Hex, hex } from '../Hex.ts';

export type BlockRef = { number: number; hash: Hex };

/**
 * How far a follower has come: `number` and `hash` of the last block handled, and known blocks below and including it,
 * newest first, from which a reorganisation's common ancestor is found. Plain JSON: keep it in the transaction that holds what
 * was done with the blocks.
 */
export type Cursor = BlockRef & { recent: readonly BlockRef[] };

/** So many of the newest known blocks are kept one by one; of older ones four for each doubling of their distance. */
export const exactBlocks = 128;

const hash = z.string().transform((value) => hex(value));
export const cursorSchema = z.object({
  number: z.number().int(),
  hash,
  recent: z.array(z.object({ number: z.number().int(), hash })),
});

/** The cursor after `blocks` (ascending, all above it) were handled. */
export function advance(cursor: Cursor | undefined, blocks: readonly BlockRef[]): Cursor {
  const last = blocks.at(-1);
  if (!last) throw new RangeError('A cursor advances by at least one block');
  const known = [...blocks.toReversed(), ...(cursor?.recent ?? [])];
  return { ...last, recent: thin(known, last.number) };
}

/** The cursor when everything above `ancestor` is undone. */
export function retreat(cursor: Cursor, ancestor: BlockRef): Cursor {
  if (ancestor.number < 0) return { ...ancestor, recent: [] };
  const recent = cursor.recent.filter(({ number }) => number < ancestor.number);
  return { ...ancestor, recent: [ancestor, ...recent] };
}

function thin(known: readonly BlockRef[], head: number): BlockRef[] {
  const oldestOfStep = new Map<number, BlockRef>();
  const exact: BlockRef[] = [];
  for (const { number, hash } of known) {
    const distance = head - number;
    if (distance < exactBlocks) exact.push({ number, hash });
    else oldestOfStep.set(Math.floor(4 * Math.log2(distance / exactBlocks)), { number, hash });
  }
  return [...exact, ...[...oldestOfStep.entries()].sort(([a], [b]) => a - b).map(([, block]) => block)];
}
