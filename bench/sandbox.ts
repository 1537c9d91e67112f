/**
 * From script to values: what reading a workload takes. `npm run bench:sandbox` prints the table; the aims are in its last column.
 * Cold: no process is there yet (Python's image is, as after the first script ever). Warm: one waits. The row of `work` goes on
 * to the answer that it makes without a model.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { readPlainWorkload } from '../contracts/client/workload/PlainWorkload.ts';
import { sandboxImage } from '../host/runtime/sandbox/Image.ts';
import { createSandbox, type Sandbox } from '../host/runtime/sandbox/Sandbox.ts';

const plain = `prompt = "You are terse. " + "Answer in one sentence."
input = "What is TellorFlex?"
temperature = 0.1
examples = [("a", "b"), ("c", "d")]
`;
const computed = `import re, json, datetime
tone = ["terse", "kind"]
prompt = f"Be {' and '.join(tone)}. Today is {datetime.date.today()}. {json.dumps({'a': 1})}"
input = "What is TellorFlex?"
input = re.sub(r"\\\\s+", " ", input).strip()[:500]
`;
const working = `${computed}
def work(prompt, input):
    return prompt + input
`;
const options = { cpuSeconds: 20, memoryMiB: 256, outputBytes: 10_000, modelCalls: 1, atOnce: 1 };

async function time(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
const percentile = (times: number[], part: number): number =>
  times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;

async function fastPath(): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < 2_000; i++) times.push(await time(() => readPlainWorkload(plain).valuesFor('asked')));
  return times;
}

async function cold(rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const sandbox = createSandbox({ ...options, warm: 0 });
    times.push(await time(() => sandbox.values(computed, 'asked')));
    await sandbox.close();
  }
  return times;
}

async function warm(
  rounds: number,
  run: (sandbox: Sandbox) => Promise<unknown>,
): Promise<{ times: number[]; waitingMb: number }> {
  const sandbox = createSandbox({ ...options, warm: 1 });
  await sandbox.values(computed, 'asked');
  const times: number[] = [];
  let waitingMb = 0;
  for (let i = 0; i < rounds; i++) {
    await sandbox.settled();
    waitingMb = Math.max(waitingMb, childrenMb());
    times.push(await time(() => run(sandbox)));
  }
  await sandbox.close();
  return { times, waitingMb };
}

const values = (sandbox: Sandbox) => sandbox.values(computed, 'asked');
/** The whole of an answer but the model's own time: values, then work, in one process. */
async function answer(sandbox: Sandbox): Promise<void> {
  const { work } = await sandbox.begin(working, 'asked');
  await work?.answer({ history: [], call: async () => '', signal: AbortSignal.timeout(60_000) });
}

/** What this process's children hold in memory; Linux only. MB. */
function childrenMb(): number {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return children
      .map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_000)
      .reduce((sum, one) => sum + one, 0);
  } catch {
    return Number.NaN;
  }
}

const imageMs = await time(sandboxImage);
const fast = await fastPath();
const coldTimes = await cold(9);
const { times: warmTimes, waitingMb } = await warm(25, values);
const { times: workTimes } = await warm(25, answer);
const row = (name: string, times: number[], aim: string): string =>
  `${name.padEnd(34)}${[percentile(times, 0.5), percentile(times, 0.95)].map((ms) => `${ms.toFixed(ms < 10 ? 3 : 0)} ms`.padStart(12)).join('')}   ${aim}`;
process.stdout.write(
  `${[
    `${cpus().length} × ${cpus()[0]?.model ?? '?'}, Node ${process.version}; the image took ${imageMs.toFixed(0)} ms`,
    `${'from script to values'.padEnd(34)}${'p50'.padStart(12)}${'p95'.padStart(12)}   aim (p50)`,
    row('plain assignments (fast path)', fast, 'under 1 ms'),
    row('computed, a warm process', warmTimes, 'under 60 ms'),
    row('computed, no process yet', coldTimes, 'under 700 ms'),
    row('values and work, a warm process', workTimes, ''),
    `a waiting process holds ${waitingMb.toFixed(0)} MB; this process ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`,
  ].join('\n')}\n`,
);
