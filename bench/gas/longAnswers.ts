import { deliverByReportGasLimitOf, gasLimitOf, mostReportedBytes } from '../../host/reporter/GasLimits.ts';
import type { Stage } from './stage.ts';

/** Gas of one transaction that brings answers of a length, and what the host sends with it. */
export type Long = { says: string; bytes: number; measured: number; limit: bigint };

/** Bytes. The fourth is what a host delivers at most unless its operator says otherwise, the last the most that he can say. */
const lengths = [1_024, 4_096, 16_384, 24_576, 100_000];
const question = 'What? ';

/** No byte of it is zero, so that each costs what a byte can cost. */
const answerOf = (bytes: number): string => 'A long answer, and more of it. '.repeat(bytes / 31 + 1).slice(0, bytes);

const limitOf = (n: number, answer: string): bigint => gasLimitOf(Array.from({ length: n }, () => ({ answer })));

export async function measureLong({ ask, many, deliver, deliverByReport }: Stage): Promise<Long[]> {
  const rows: Long[] = [];
  for (const bytes of lengths) {
    const answer = answerOf(bytes);
    const measured = await deliver(await many(1), true, answer);
    rows.push({ says: 'deliver + report + seal, alone', bytes, measured, limit: limitOf(1, answer) });
  }
  const answer = answerOf(24_576);
  const measured = 4 * (await deliver(await many(4), true, answer));
  rows.push({ says: 'deliver + report + seal, four together', bytes: 24_576, measured, limit: limitOf(4, answer) });

  const byReport = async (says: string, bytes: number, input: string): Promise<void> => {
    const text = answerOf(bytes);
    const { gas, queryData } = await deliverByReport(await ask(input, true), input, text);
    rows.push({ says, bytes, measured: gas, limit: deliverByReportGasLimitOf(text, queryData) });
  };
  const short = question.repeat(42);
  const long = question.repeat(2_730);
  for (const bytes of [1_024, 4_096, 16_384]) await byReport('with a report of its own', bytes, short);
  await byReport('with a report of its own, the longest', mostReportedBytes(short.length), short);
  await byReport('the same, to a question of 16 KB', mostReportedBytes(long.length), long);
  return rows;
}

const number = (value: number | bigint): string => value.toLocaleString('en-US');

export function longTable(rows: readonly Long[]): string {
  const body = rows.map(
    ({ says, bytes, measured, limit }) =>
      `| ${says} | ${number(bytes)} | ${number(measured)} | ${number(limit)} | ${(Number(limit) / measured).toFixed(2)} |`,
  );
  return ['| transaction | bytes of each answer | gas | limit | limit ÷ gas |', '|---|---|---|---|---|', ...body].join(
    '\n',
  );
}
