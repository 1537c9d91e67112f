/**
 * The main thread of a sandbox's process. It reads the host's messages, keeps the limits and ends the process; Python has a
 * thread of its own, so that no loop of a script can keep this one from its work. When the host is gone the pipe ends, and
 * the process with it.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createFrames, maxFrameBytes } from '../Frames.ts';
import type { CallReply, GuestMessage, RunRequest, WorkRequest } from '../Messages.ts';
import type { Assets } from './boot.ts';
import type { FromPython, ToPython } from './python.ts';

/** What the process may hold in all, Python's own limit included. MiB, from the command line. */
const mostRssMiB = Number(process.argv[2]);
const watchMs = 20;

const die = (): never => process.kill(process.pid, 'SIGKILL') as never;
process.stdin.on('end', die).on('close', die).on('error', die);
process.stdout.on('error', die);

const folder = import.meta.dirname;
const worker = new Worker(join(folder, 'python.mjs'), {
  env: {},
  argv: [],
  execArgv: [],
  stdin: false,
  stdout: true,
  stderr: true,
  // MiB. Python's own memory is not part of it.
  resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
});
const tell = (message: ToPython, move: ArrayBuffer[] = []): void => worker.postMessage(message, move);

/** A file of the image in a buffer of its own, which can be moved to the thread. */
function file(name: string): Uint8Array<ArrayBuffer> {
  const handle = openSync(join(folder, name), 'r');
  const bytes = new Uint8Array(fstatSync(handle).size);
  for (let from = 0; from < bytes.length; ) {
    const read = readSync(handle, bytes, { offset: from });
    if (read === 0) throw new Error(`${name} ended early.`);
    from += read;
  }
  closeSync(handle);
  return bytes;
}
/** The thread loads its own code meanwhile, and WebAssembly is compiled beside both. */
async function load(): Promise<void> {
  const compiling = WebAssembly.compile(file('pyodide.asm.wasm'));
  const stdlib = file('python_stdlib.zip');
  const snapshot = file('snapshot.bin');
  const modules = new Map<string, string>(JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8')));
  const assets: Assets = { wasm: await compiling, stdlib, snapshot, modules };
  tell({ type: 'load', assets }, [stdlib.buffer, snapshot.buffer]);
}

let ended = false;
/** Written at once, whole: the process may end right behind it. */
function say(message: GuestMessage | object): void {
  if (ended) return;
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let from = 0; from < bytes.length; )
    try {
      from += writeSync(1, bytes, from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') die();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
}
function last(message: GuestMessage | object): never {
  say(message);
  ended = true;
  return die();
}

let cpuLimit = Number.POSITIVE_INFINITY;
let cpuStart = process.cpuUsage();
let waiting = false;
let modelCalls = 0;
/** What a report of the thread is: the last word of its process, but for values that `work` may follow. */
let stage: 'values' | 'values, then work' | 'waits for work' | 'work' = 'values';
setInterval(() => {
  if (process.memoryUsage.rss() > mostRssMiB * 1_048_576) last({ type: 'limit', limit: 'memory' });
  const { user, system } = process.cpuUsage(cpuStart);
  if (user + system > cpuLimit) last({ type: 'limit', limit: 'cpu' });
}, watchMs);

worker.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') last({ type: 'limit', limit: 'memory' });
  // For the operator's log.
  writeSync(2, String(error.stack ?? error).slice(0, 2_000));
  last(broken());
});
worker.on('exit', () => last(broken()));
function broken(): GuestMessage {
  return {
    type: 'wrong',
    code: 'ended',
    line: 0,
    what: 'The script ended the process that ran it.',
    cure: 'Remove what ends it.',
    printed: '',
  };
}

worker.on('message', (message: FromPython) => {
  switch (message.type) {
    case 'ready':
      // All that is needed was read by then.
      for (const right of ['fs.read', 'worker'] as const) process.permission.drop(right);
      say({ type: 'ready' });
      break;
    case 'call':
      if (stage !== 'work' || waiting || String(message.text).length > maxFrameBytes / 8) last(broken());
      waiting = true;
      say({ type: 'call', text: String(message.text) });
      break;
    case 'limit':
      return last(message);
    case 'report': {
      const report = message.text === '' ? broken() : (JSON.parse(message.text) as Partial<GuestMessage>);
      const full = { ...report, printed: message.printed };
      if (stage !== 'values, then work' || report.type !== 'values' || report.hasWork !== true) last(full);
      stage = 'waits for work';
      say(full);
    }
  }
});

const frames = createFrames(maxFrameBytes);
process.stdin.on('data', (piece: Uint8Array) => {
  const lines = frames.push(piece);
  if (lines === undefined) die();
  for (const line of lines ?? []) {
    const message = JSON.parse(line) as RunRequest | WorkRequest | CallReply;
    switch (message.type) {
      case 'run':
        if (message.stay) stage = 'values, then work';
        modelCalls = message.limits.modelCalls;
        cpuStart = process.cpuUsage();
        cpuLimit = message.limits.cpuSeconds * 1e6;
        tell({ type: 'run', request: JSON.stringify(message), outputBytes: message.limits.outputBytes });
        break;
      case 'work':
        stage = 'work';
        tell({ type: 'work', history: JSON.stringify(message.history), modelCalls });
        break;
      case 'reply':
        waiting = false;
        tell(message);
    }
  }
});

await load();
