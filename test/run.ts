/**
 * `npm test`: types, lint, Solidity tests, vitest; then the ten slowest tests and one line with the counts.
 * `npm run test:long` adds what takes minutes: coverage, long invariant runs, chaos, load.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { z } from 'zod';

const long = process.argv.includes('--long');
const wanted = process.argv.slice(2).filter((argument) => argument !== '--long');
const bin = (name: string) => `node_modules/.bin/${name}`;

type Count = { passed: number; failed: number; skipped: number };
const total: Count = { passed: 0, failed: 0, skipped: 0 };
const add = (count: Count) => {
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
};

type Finished = { code: number; output: string };
function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
  quiet = false,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let output = '';
    const take = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
      output += chunk.toString();
      if (!quiet) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output }));
  });
}

const heading = (title: string) => process.stdout.write(`\n── ${title}\n`);

async function check(title: string, command: string, args: readonly string[]): Promise<void> {
  const started = performance.now();
  const { code, output } = await run(command, args, {}, true);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${title} (${seconds} s)\n`);
  if (code !== 0) process.stdout.write(output);
  add({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });
}

async function solidity(): Promise<void> {
  heading('Solidity tests');
  const args = ['test', 'solidity', ...(long ? ['--coverage'] : [])];
  const started = performance.now();
  const { code, output } = await run(bin('hardhat'), args, long ? { INVARIANTS: 'long' } : {}, true);
  // Its compiler warns at length about other people's code.
  const said =
    code === 0 && !long ? output.split('\n').filter((line) => /passing|skipped/.test(line)) : output.split('\n');
  process.stdout.write(`${said.join('\n')} (${((performance.now() - started) / 1000).toFixed(0)} s)\n`);
  const number = (word: string) => Number(output.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  const count = { passed: number('passing'), failed: number('failing'), skipped: number('skipped') };
  if (code !== 0 && count.failed === 0) count.failed = 1;
  if (code === 0 && count.passed === 0) throw new Error('The Solidity tests printed no count: nothing was tested.');
  add(count);
}

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numFailedTestSuites: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), duration: z.number().nullish(), status: z.string() })),
    }),
  ),
});

async function vitest(): Promise<void> {
  heading('vitest');
  const file = '.build/vitest.json';
  rmSync(file, { force: true });
  const config = long ? ['--config', 'vitest.long.config.ts'] : [];
  const { code } = await run(bin('vitest'), ['run', ...config, ...wanted]);
  const result = report.parse(JSON.parse(readFileSync(file, 'utf8')));
  const brokenFiles = result.testResults.filter(
    (suite) => suite.status === 'failed' && !suite.assertionResults.some(({ status }) => status === 'failed'),
  ).length;
  const failed = result.numFailedTests + brokenFiles;
  add({ passed: result.numPassedTests, failed: failed || (code === 0 ? 0 : 1), skipped: result.numPendingTests });
  const tests = result.testResults.flatMap((suite) => suite.assertionResults);
  heading('The ten slowest tests');
  for (const test of tests.sort((a, b) => (b.duration ?? 0) - (a.duration ?? 0)).slice(0, 10)) {
    process.stdout.write(`${((test.duration ?? 0) / 1000).toFixed(1).padStart(6)} s  ${test.fullName}\n`);
  }
}

mkdirSync('.build', { recursive: true });
const started = performance.now();
if (wanted.length === 0) {
  heading(`Types and style (${availableParallelism()} processors)`);
  await check('tsc --noEmit', bin('tsc'), ['--noEmit']);
  await check('biome check', bin('biome'), ['check', '.']);
  await solidity();
}
await vitest();
heading(`${((performance.now() - started) / 1000).toFixed(0)} s in all`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
