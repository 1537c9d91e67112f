/**
 * `npm run bench:host [throughput|memory|catchup]`: what one host process does, with a model that answers at once and a plain script, on
 * an embedded chain with blocks of one second. The chain, the model and the asker run on the same machine.
 */

import { startHostProcess, startStand } from '../test/host/support.ts';
import { sendRaw, signAsks } from './host/asks.ts';
import { createMarketLogs } from './host/logs.ts';
import { startFastModel } from './host/model.ts';
import { usage, watchMemory } from './host/process.ts';

const wanted = process.argv.slice(2);
const runs = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const mega = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

const stand = await startStand({ blockTime: 1 });
const model = await startFastModel();
// Ethereum's own limit; anvil's default of 30 M holds the asks of a second but not what answers them beside a late block's.
await stand.chain.rpc.send('evm_setBlockGasLimit', ['0x3938700']);
// On a chain each block is later than its parent; anvil gives two the same second when its timer is a moment early.
await stand.chain.rpc.send('anvil_setBlockTimestampInterval', [1]);
// On a chain each block is later than its parent; anvil gives two the same second when its timer is a moment early.
const env = {
  ...stand.env,
  OPENAI_BASE_URL: model.url,
  CHAIN_POLL_MS: '100',
  HOST_CONCURRENCY: '64',
  LOG_LEVEL: process.env['BENCH_LOG'] ? 'debug' : 'warn',
  ...(process.env['BENCH_NODE_OPTIONS'] && { NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'] }),
  ...(process.env['BENCH_LOG'] && { HOST_LOG_FILE: process.env['BENCH_LOG'] }),
};
const logs = createMarketLogs(stand);

/** Asks a second for so many seconds, and how they ended. */
async function throughput(perSecond: number, seconds: number): Promise<void> {
  const host = await startHostProcess(env);
  const pid = host.child.pid ?? 0;
  const raws = await signAsks(stand, perSecond * seconds);
  const from = await stand.chain.rpc.getBlockNumber();
  const memory = watchMemory(pid);
  const before = usage(pid).cpuSeconds;
  const started = performance.now();
  for (let second = 0; second < seconds; second++) {
    await sendRaw(stand, raws.slice(second * perSecond, (second + 1) * perSecond));
    await wait(started + (second + 1) * 1_000 - performance.now());
  }
  const until = performance.now() + 120_000;
  let seen = await logs.since(from);
  while (seen.sealed.size < raws.length && performance.now() < until) {
    await wait(1_000);
    seen = await logs.since(from);
  }
  const { asked, sealed, reports, deliveries } = seen;
  const took = [...sealed].map(([id, at]) => at - (asked.get(id) ?? Number.NaN)).sort((a, b) => a - b);
  const times = [...sealed.values()].sort((a, b) => a - b);
  const [first = 0, last = 0] = [Math.min(...asked.values()), times.at(-1)];
  const rate = sealed.size / (last - first);
  say(`throughput: ${perSecond} asks a second for ${seconds} s through one host address, 1 s blocks`);
  say(
    `  asked ${asked.size}, answered and sealed ${sealed.size}, lost ${raws.length - sealed.size}, answered twice ${deliveries - sealed.size}`,
  );
  say(
    `  ${rate.toFixed(1)} answers a second over ${last - first} s (asked for: ${perSecond}; ratio ${(rate / perSecond).toFixed(2)})`,
  );
  say(
    `  ${reports} reports: ${(reports / (last - first)).toFixed(2)} a second, ${(sealed.size / reports).toFixed(0)} answers each; TellorFlex alone allows 1 report a second and address, which is 1 answer a second: ${rate.toFixed(0)} times`,
  );
  say(
    `  blocks from the question to the seal, in seconds of the chain: p50 ${percentile(took, 0.5)}, p95 ${percentile(took, 0.95)}, p99 ${percentile(took, 0.99)} (bound: 1)`,
  );
  say(
    `  host process: at most ${mega(memory())}, ${(((usage(pid).cpuSeconds - before) / (performance.now() - started)) * 100_000).toFixed(0)} % of a processor`,
  );
  await host.stop();
}

/** Resident memory of a host that holds so many open asks. */
async function memory(open: number): Promise<void> {
  model.hold();
  const host = await startHostProcess({ ...env, HOST_CONCURRENCY: '256' });
  const pid = host.child.pid ?? 0;
  const idle = usage(pid).rss;
  const most = watchMemory(pid);
  const raws = await signAsks(stand, open);
  const from = await stand.chain.rpc.getBlockNumber();
  for (let at = 0; at < raws.length; at += 100) await sendRaw(stand, raws.slice(at, at + 100));
  while ((await logs.since(from)).asked.size < open) await wait(500);
  await wait(15_000);
  const held = usage(pid).rss;
  say(`memory: ${open} asks open, 256 of them running at the model`);
  say(`  host process: ${mega(idle)} when ready, ${mega(held)} with the asks, ${mega(most())} at most (bound: 300 MB)`);
  model.release();
  while ((await logs.since(from)).sealed.size < open) await wait(500);
  say(`  all ${open} sealed after the model let go; ${mega(usage(pid).rss)} then`);
  await host.stop();
}

/** How long a host that was away takes to know everything. */
async function catchUp(blocks: number, asks: number): Promise<void> {
  const { rpc } = stand.chain;
  // Without its offers nobody could have asked it.
  await (await startHostProcess(env)).stop();
  const raws = await signAsks(stand, asks);
  const first = await rpc.getBlockNumber();
  stand.chain.setBlockTime(86_400);
  const steps = 100;
  for (let step = 0; step < steps; step++) {
    await sendRaw(stand, raws.slice((step * asks) / steps, ((step + 1) * asks) / steps));
    await rpc.send('anvil_mine', [`0x${(blocks / steps).toString(16)}`]);
  }
  const head = await rpc.getBlockNumber();
  const { asked } = await logs.since(first);
  if (asked.size !== asks) throw new Error(`${asked.size} of ${asks} questions are on chain.`);
  // The offers are renewed before a host calls itself ready, and that takes a block.
  stand.chain.setBlockTime(1);
  const started = performance.now();
  const since = (): string => `${((performance.now() - started) / 1_000).toFixed(1)} s`;
  const host = await startHostProcess({ ...env, LOG_LEVEL: 'info' });
  const ready = since();
  const { time } = await host.line(({ msg }) => msg === 'caught up with the chain');
  const caughtUp = (new Date(String(time)).getTime() - performance.timeOrigin - started) / 1_000;
  const { cpuSeconds, rss } = usage(host.child.pid ?? 0);
  say(`catching up: ${head - first} blocks with ${asks} asks`);
  say(
    `  from the start of the process until everything is known ${caughtUp.toFixed(1)} s (bound: 10 s), until ready ${ready}; ${cpuSeconds.toFixed(1)} s of processor time, ${mega(rss)}`,
  );
  while ((await logs.since(first)).sealed.size < asks && performance.now() - started < 300_000) await wait(1_000);
  const { sealed } = await logs.since(first);
  say(`  then ${sealed.size} of ${asks} answered, ${since()} after the start`);
  await host.stop();
}

try {
  if (runs('throughput'))
    await throughput(Number(process.env['BENCH_RATE'] ?? 100), Number(process.env['BENCH_SECONDS'] ?? 60));
  if (runs('memory')) await memory(1_000);
  if (runs('catchup'))
    await catchUp(Number(process.env['BENCH_BLOCKS'] ?? 10_000), Number(process.env['BENCH_ASKS'] ?? 5_000));
} finally {
  model.stop();
  await stand.stop();
}
