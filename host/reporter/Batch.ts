import type { Entry } from '../store/Journal.ts';

/** Most answers in one delivery; with a report in the same transaction all of them are sealed. */
export const mostItems = 128;
/** Under the 16.78 M of EIP-7825. */
export const mostGas = 15_000_000n;
/** Bytes; nodes' pools take 128 KB. */
const mostData = 110_000;
const overhead = 600_000n;

/** About one and a half times what was measured (50 k for 1 KB): what is not used is not paid. */
function gasOf({ answer }: Pick<Entry, 'answer'>): bigint {
  return 80_000n + BigInt(Buffer.byteLength(answer ?? '')) * 56n;
}

/** For a delivery of these. */
export const gasLimitOf = (entries: readonly Pick<Entry, 'answer'>[]): bigint =>
  entries.reduce((sum, entry) => sum + gasOf(entry), overhead);

/** For a report of so many answers, about one and a half times what was measured (10.7 k each of 256). */
export const reportGasLimitOf = (answers: number): bigint => overhead + BigInt(answers) * 15_000n;

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
