import type { Entry } from '../store/Journal.ts';
import { gasOf, mostGas, overhead } from './GasLimits.ts';

/** Most answers in one delivery; with a report in the same transaction all of them are sealed. */
export const mostItems = 128;
/** Bytes; nodes' pools take 128 KB. */
const mostData = 110_000;

/** Bytes of calldata, the ask's struct included. */
function dataOf({ answer }: Entry): number {
  return 700 + Buffer.byteLength(answer ?? '');
}

/**
 * As many as fit into a transaction. After a failure those that were in it go in parts of half the size, down to one by one: what
 * makes a transaction fail is found in a few steps and the others are soon free of it.
 */
export function batchOf(entries: readonly Entry[]): Entry[] {
  const [first] = entries;
  if (first === undefined) return [];
  const most = Math.max(1, mostItems >> Math.min(first.failures, 10));
  const batch: Entry[] = [];
  let gas = overhead;
  let data = 0;
  for (const entry of entries.filter(({ failures }) => failures === first.failures)) {
    gas += gasOf(entry);
    data += dataOf(entry);
    if (batch.length === most || (batch.length > 0 && (gas > mostGas || data > mostData))) break;
    batch.push(entry);
  }
  return batch;
}
