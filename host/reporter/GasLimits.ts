import type { Hex } from '../../contracts/client/Hex.ts';
import type { Entry } from '../store/Journal.ts';

/** Under the 16.78 M of EIP-7825. */
export const mostGas = 15_000_000n;
/** Of a transaction with many answers, before the first one. */
export const overhead = 600_000n;

/** About one and a half times what was measured (50 k for 1 KB): what is not used is not paid. */
export function gasOf({ answer }: Pick<Entry, 'answer'>): bigint {
  return 80_000n + BigInt(Buffer.byteLength(answer ?? '')) * 56n;
}

/** For a delivery of these. */
export const gasLimitOf = (entries: readonly Pick<Entry, 'answer'>[]): bigint =>
  entries.reduce((sum, entry) => sum + gasOf(entry), overhead);

/** For a report of so many answers, about one and a half times what was measured (10.7 k each of 256). */
export const reportGasLimitOf = (answers: number): bigint => overhead + BigInt(answers) * 15_000n;

/** Of a delivery with a report of its own: the oracle stores the answer and is given the query's data. Gas, the last two for each byte. */
const reported = { overhead: 700_000n, answer: 850n, queryData: 64n } as const;

/** For an answer that is delivered and reported by itself, at least 1.15 times what was measured (docs/gas.md); see `mostReportedBytes`. */
export function deliverByReportGasLimitOf(answer: string, queryData: Hex): bigint {
  const gas =
    reported.overhead +
    BigInt(Buffer.byteLength(answer)) * reported.answer +
    BigInt(queryData.length / 2 - 1) * reported.queryData;
  return gas < mostGas ? gas : mostGas;
}

/**
 * Most UTF-8 bytes of an answer that one transaction can deliver and report by itself. A longer one could be delivered and never
 * reported: each attempt would burn a whole transaction's gas, and in the end the ask is refunded.
 * @param inputBytes of the question, UTF-8
 */
export function mostReportedBytes(inputBytes: number): number {
  // What ABI encoding adds to a question.
  const queryData = BigInt(inputBytes + 512);
  return Number((mostGas - reported.overhead - queryData * reported.queryData) / reported.answer);
}
