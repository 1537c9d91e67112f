/**
 * `npm run bench:money`: from a linked person's /ask to the ask in a block, with one and with fifty in flight, how long the
 * pages take to bundle, and how soon the pay page is ready on a cold cache. The chain makes a block as soon as there is something
 * to put into it: what is measured is the bot's own part; a public chain adds its block time.
 */
import type { Person } from '../bot/core/types.ts';
import { bundlePages } from '../bot/local/server.ts';
import { askByToken } from '../bot/store/asks.ts';
import { zeroAddress } from '../contracts/client/Hex.ts';
import { command } from '../test/bot/core/world.ts';
import { createMoneyWorld, type MoneyWorld } from '../test/bot/money/world.ts';
import { launchChromium } from '../test/browser/chromium.ts';
import { createStage } from '../test/browser/stage.ts';

const asks = Number(process.env['BENCH_ASKS'] ?? 100);
/** Nobody may ask more than so often a minute: twenty people share one wallet. */
const people = Array.from(
  { length: 20 },
  (_, index): Person => ({ platform: 'telegram', id: `bench-${index}`, name: 'Bench' }),
);
const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

/** Milliseconds from the command to the store's knowledge that the ask is in a block. */
async function one(world: MoneyWorld, person: Person, question: string): Promise<number> {
  const { store } = world.context;
  const start = performance.now();
  await world.bot.receive(command('ask', question, { person }));
  const { token } = await store.db
    .selectFrom('asks')
    .select('token')
    .where('question', '=', question)
    .executeTakeFirstOrThrow();
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const stop = store.onCommit((changes) => {
        if (!changes.asks.has(token)) return;
        stop();
        resolve();
      });
    });
    const record = await askByToken(store.db, token);
    if (record?.status.state === 'paid') return performance.now() - start;
    if (record?.spend?.state === 'failed') throw new Error(record.spend.reason);
    await changed;
  }
}

async function measure(world: MoneyWorld, inFlight: number): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < asks) {
      next += 1;
      const person = people[next % people.length];
      if (person) times.push(await one(world, person, `Bench ${inFlight}.${next}?`));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return times.sort((a, b) => a - b);
}

const world = await createMoneyWorld();
try {
  const wallet = world.market.asker;
  const limit = { perAsk: '0.001', perPeriod: '1', period: 'day', days: '30' };
  for (const person of people) await world.go(person, { type: 'link' }, wallet);
  const [first] = people;
  if (!first) throw new Error('There are people');
  await world.go(first, { type: 'deposit', token: zeroAddress }, wallet, { amount: '1' });
  // For each of them: a wallet's limit is spent by those for whom it was signed.
  for (const person of people) await world.go(person, { type: 'allow', token: zeroAddress }, wallet, limit);
  const rows = [];
  for (const inFlight of [1, 50]) {
    const times = await measure(world, inFlight);
    rows.push({
      'in flight': inFlight,
      asks: times.length,
      'p50 (ms)': percentile(times, 0.5).toFixed(0),
      'p95 (ms)': percentile(times, 0.95).toFixed(0),
    });
  }
  console.log('From a linked person’s /ask to the ask in a block');
  console.table(rows);
} finally {
  await world.stop();
}

const bundling: number[] = [];
for (let time = 0; time < 10; time += 1) {
  const start = performance.now();
  await bundlePages();
  bundling.push(performance.now() - start);
}
console.log(`The pages are bundled in ${Math.min(...bundling).toFixed(0)} ms (best of 10); aim: under 300`);

const [browser, stage] = await Promise.all([launchChromium(), createStage()]);
try {
  const token = await stage.ask('What is TellorFlex?');
  const times: number[] = [];
  for (let time = 0; time < 10; time += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${stage.url}/pay/${token}`);
    await page.getByText('What happens to the money').waitFor();
    times.push(await page.evaluate(() => performance.now()));
    await context.close();
  }
  times.sort((a, b) => a - b);
  console.log(
    `The pay page is ready on a cold cache after ${percentile(times, 0.5).toFixed(0)} ms (p50), ${percentile(times, 0.95).toFixed(0)} ms (p95); aim: under 1,000`,
  );
} finally {
  await browser.close();
  await stage.stop();
}
process.exit(0);
