/**
 * `npm run bench`: from the payment's block to the reply in the chat, with a model that answers at once, and from `npm start`
 * on a set-up machine to the first answer. The bound is one block: an answer can't be in the block of its question.
 */
import { createWorld, type World } from '../test/e2e/world.ts';

const blockSeconds = 1;
const asks = Number(process.env['BENCH_ASKS'] ?? 50);

/** Milliseconds of `performance.now()` at which each block was first seen. */
async function watchBlocks(world: World, signal: AbortSignal): Promise<Map<number, number>> {
  const seen = new Map<number, number>();
  const { rpc } = world.stack.chain;
  void (async () => {
    let last = 0;
    while (!signal.aborted) {
      const head = Number(await rpc.send('eth_blockNumber', []).catch(() => last));
      for (let number = last + 1; number <= head; number += 1) seen.set(number, performance.now());
      last = Math.max(last, head);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return seen;
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

async function measure(world: World, blocks: Map<number, number>, inFlight: number): Promise<number[]> {
  const seconds: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < asks) {
      next += 1;
      const { token } = await world.api.ask({ prompt: `Question ${inFlight}.${next}?`, model: 'guide' });
      const landed = world.until(token, 'reported').then((view) => ({ view, at: performance.now() }));
      const [{ view, at }] = await Promise.all([landed, world.api.payWithTestWallet(token)]);
      const paidAt = blocks.get(view.status.paid?.block ?? -1);
      if (paidAt === undefined) throw new Error(`The payment's block ${view.status.paid?.block} was not seen.`);
      seconds.push((at - paidAt) / 1000);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return seconds.sort((a, b) => a - b);
}

const started = performance.now();
const world = await createWorld();
const stopping = new AbortController();
try {
  const first = await world.ask('What is TellorFlex?', { model: 'guide' });
  await world.until(first, 'reported');
  const toFirstAnswer = (performance.now() - started) / 1000;
  const blocks = await watchBlocks(world, stopping.signal);
  const rows = [];
  for (const inFlight of [1, 20]) {
    const seconds = await measure(world, blocks, inFlight);
    rows.push({
      'in flight': inFlight,
      asks: seconds.length,
      'p50 (s)': percentile(seconds, 0.5).toFixed(2),
      'aim p50': `${blockSeconds + 0.5}`,
      'p95 (s)': percentile(seconds, 0.95).toFixed(2),
      'aim p95': `${2 * blockSeconds + 0.5}`,
      'bound (s)': blockSeconds,
    });
  }
  console.log("From the payment's block to the reply, 1 s blocks, a model that answers at once");
  console.table(rows);
  console.log(`From an empty data folder to the first answer: ${toFirstAnswer.toFixed(1)} s (aim: under 10)`);
} finally {
  stopping.abort();
  await world.stop();
}
process.exit(0);
