// What each step of an ask costs, for a 256-byte question and a 1 KB answer, on the genuine TellorFlex.
// `node bench/gas.ts` prints the table; `--write` also writes docs/gas.md and the snapshot that the tests compare with.
import { writeFileSync } from 'node:fs';
import { type Long, longTable, measureLong } from './gas/longAnswers.ts';
import { onStage, type Stage } from './gas/stage.ts';

const SNAPSHOT = new URL('../test/contracts/gas.snapshot.json', import.meta.url);
const DOCS = new URL('../docs/gas.md', import.meta.url);

export const steps = [
  'ask',
  'report1',
  'report10',
  'report50',
  'deliver1',
  'deliver10',
  'settle10',
  'refund10',
  'all10',
] as const;
export type Step = (typeof steps)[number];
/** Gas for each ask. */
export type Costs = Record<Step, number>;

type Row = { says: string; aim?: number; bound?: string };
const rows: Record<Step, Row> = {
  ask: { says: 'ask by a spender, with relay fee', aim: 110_000, bound: '80,000' },
  report1: { says: 'deliver + report + seal, alone', aim: 270_000 },
  report10: { says: 'deliver + report + seal, each of 10', aim: 67_000 },
  report50: {
    says: 'deliver + report + seal, each of 50',
    aim: 52_000,
    bound: '49,000; calldata floor 43,000 to 50,000',
  },
  deliver1: { says: 'deliver, alone', aim: 80_000 },
  deliver10: { says: 'deliver, each of 10', aim: 55_000 },
  settle10: { says: 'settle, each of 10', aim: 23_000 },
  refund10: { says: 'refund, each of 10', aim: 18_000 },
  all10: { says: '**all steps, in batches of 10**', aim: 195_000 },
};

/** Runs every step once on a throw-away chain. */
export const measure = (): Promise<{ costs: Costs; long: readonly Long[] }> =>
  onStage(async (stage) => ({ costs: await run(stage), long: await measureLong(stage) }));

async function run({ many, deliver, settle, refund }: Stage): Promise<Costs> {
  // The first of everything pays for storage that later ones find: what is measured is the daily business.
  const first = await many(1);
  await deliver(first, true);
  await settle(first);

  const ten = await many(10);
  const report10 = await deliver(ten, true);
  const settle10 = await settle(ten);
  const askGas = ten[9]?.gas ?? 0;
  const report1 = await deliver(await many(1), true);
  const deliver1 = await deliver(await many(1), false);
  const deliver10 = await deliver(await many(10), false);
  const refund10 = await refund(await many(10));
  const fifty = await many(50);
  const report50 = await deliver(fifty, true);
  return {
    ask: askGas,
    report1,
    report10,
    report50,
    deliver1,
    deliver10,
    settle10,
    refund10,
    all10: askGas + report10 + settle10,
  };
}

const number = (value: number) => value.toLocaleString('en-US');

export function table(costs: Costs): string {
  const body = steps.map((step) => {
    const { says, aim, bound } = rows[step];
    return `| ${says} | ${number(costs[step])} | ${aim ? number(aim) : ''} | ${bound ?? ''} |`;
  });
  return ['| step | gas for each ask | aim | bound |', '|---|---|---|---|', ...body].join('\n');
}

const page = (costs: Costs, long: readonly Long[]) => `# Gas

A 256-byte question and a 1 KB answer, on the genuine TellorFlex, measured by \`npm run bench:gas\` (\`-- --write\` writes this
page and the snapshot that the tests compare with).

${table(costs)}

The same work with TellorFlex and Tellor's Autopay: about 586,000 to tip, 894,000 for \`submitValue\` with the answer as its
value and 218,000 to claim, **1.7 million** in all. Both store the text; here it is calldata and event data, the oracle keeps
one root for a whole batch, and an ask is one storage slot. An ask with \`byReport\`, whose answer other contracts read from
TellorFlex, costs what \`submitValue\` costs: about 720 gas a byte.

## Long answers

${longTable(long)}

The limits are those of \`host/reporter/GasLimits.ts\`; a test holds each to at least 1.15 times what is measured here, and what is not
used is not paid. A transaction can't have more than 16,777,216 gas (EIP-7825): that is where an answer with a report of its own ends.
The host runs no model for more than fits, and declines.

The bound is what can't be saved: calldata, under the floor of EIP-7623 40 gas for each byte that is not zero, event data at
8 gas a byte, and the cold storage slots.
`;

if (import.meta.main) {
  const { costs, long } = await measure();
  process.stdout.write(`${table(costs)}\n\n${longTable(long)}\nTellorFlex with Autopay: 1,698,000\n`);
  if (process.argv.includes('--write')) {
    writeFileSync(SNAPSHOT, `${JSON.stringify(costs, null, 2)}\n`);
    writeFileSync(DOCS, page(costs, long));
  }
}
