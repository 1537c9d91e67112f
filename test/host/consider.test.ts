import { FeeData } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consider } from '../../host/reporter/Consider.ts';
import { createEconomics } from '../../host/reporter/Economics.ts';
import { plainCatalog } from '../../host/runtime/models/Catalog.ts';
import { coinOnly } from '../../host/runtime/models/Rates.ts';
import { guideProvider } from '../../host/runtime/provider/Guide.ts';
import { createRuntime } from '../../host/runtime/Runtime.ts';
import { sandboxImage } from '../../host/runtime/sandbox/Image.ts';
import { idOf, live, memoryJournal, us } from './history.ts';
import { limits } from './runtime.ts';

const runtime = createRuntime({ ...limits, warm: 0, atOnce: 1 });
const provider = guideProvider(process.cwd());
const script = (more = ''): string =>
  `prompt = f"p"\ninput = "i"\n${more}\ndef work(prompt, input):\n    return prompt + input`;

beforeAll(() => sandboxImage());
afterAll(() => runtime.close());

/** One ask of ours that pays `price` wei, considered at a base fee of 1 wei. */
async function considered(text: string, price: bigint) {
  const journal = memoryJournal();
  live(journal, { n: 1, state: 'open', price });
  const life = journal.lifeOf(idOf(1));
  if (life === undefined) throw new Error('The ask is not in the journal.');
  const rpc = { getFeeData: async () => new FeeData(1n) };
  const economics = createEconomics({
    catalog: plainCatalog(provider),
    rates: coinOnly,
    prices: () => 5n,
    marginPercent: 10,
    maxAnswerBytes: 1_000,
    rpc,
  });
  return consider(life, {
    provider,
    maxInputBytes: 1_000,
    minSeconds: 12,
    now: 1_000_000,
    reportedBy: 1_000_100,
    deployment: { chainId: 31_337, market: us },
    runtime,
    scriptOf: async () => text,
    turnsOf: () => [],
    economics,
    host: us,
  });
}

describe('the process of a script that makes its answer itself', () => {
  test('waits for the answer of an ask that pays', async () => {
    const one = await considered(script(), 10n ** 18n);
    if (!one.ok) throw new Error(one.reason);
    expect(runtime.sandbox.size()).toBe(1);
    const call = async () => 'unused';
    const answered = await one.work?.answer({ history: [], call, signal: AbortSignal.timeout(60_000) });
    expect(answered?.answer).toBe(`p${one.values.input}`);
  }, 60_000);

  test.each<[string, string, bigint]>([
    ['does not pay', script(), 1n],
    ['has a schema that is none', script('schema = {"type": 5}'), 10n ** 18n],
    ['has a question that its script refuses', script('input = input[:0]'), 10n ** 18n],
  ])(
    'ends with an ask that %s',
    async (_name, text, price) => {
      expect((await considered(text, price)).ok).toBe(false);
      await runtime.sandbox.settled();
      await expect.poll(() => runtime.sandbox.size()).toBe(0);
    },
    60_000,
  );
});
