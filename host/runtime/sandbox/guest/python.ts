import { registerHooks } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { type Assets, bootPython } from './boot.ts';
import { disarm, strip } from './strip.ts';

/** What the thread of Python says to its supervisor. */
export type FromPython =
  | { type: 'ready' }
  | { type: 'call'; text: string }
  | { type: 'report'; text: string; printed: string }
  | { type: 'limit'; limit: 'output' | 'calls' };
/** And what it is told. */
export type ToPython =
  | { type: 'load'; assets: Assets }
  | { type: 'run'; request: string; outputBytes: number }
  /** `history`: JSON of a WorkRequest's. */
  | { type: 'work'; history: string; modelCalls: number }
  | { type: 'reply'; text: string };

const tooDeep = JSON.stringify({
  type: 'wrong',
  code: 'raised',
  line: 0,
  what: 'The script nests calls or values too deeply.',
  cure: 'Make it flatter.',
});
/** Bytes of printed text that are handed on, for the author to look at. */
const mostPrinted = 8_192;

const node = process;
const port = parentPort;
if (port === null) throw new Error('This is the thread of Python; the supervisor starts it.');
const say = (message: FromPython): void => port.postMessage(message);

let outputBytes = 0;
let printedBytes = 0;
let printed = '';
let callsLeft = 0;
let answered: ((text: string) => void) | undefined;
const decoder = new TextDecoder();

const { promise: assets, resolve: loaded } = Promise.withResolvers<Assets>();
// One listener from the first line to the last: without one the thread ends as soon as it waits.
port.on('message', (message: ToPython) => {
  switch (message.type) {
    case 'load':
      return loaded(message.assets);
    case 'run':
      outputBytes = message.outputBytes;
      return report(run.callPromising(message.request));
    case 'work':
      callsLeft = message.modelCalls;
      return report(work.callPromising(message.history));
    case 'reply':
      answered?.(message.text);
      answered = undefined;
  }
});
const python = await bootPython(assets, (bytes) => {
  printedBytes += bytes.length;
  if (printed.length < mostPrinted) printed += decoder.decode(bytes, { stream: true }).slice(0, mostPrinted);
  if (printedBytes > outputBytes) say({ type: 'limit', limit: 'output' });
});
const runner = python.pyimport('_runner');
runner.lock((text: string): Promise<string> => {
  if (callsLeft-- <= 0) say({ type: 'limit', limit: 'calls' });
  const { promise, resolve } = Promise.withResolvers<string>();
  answered = resolve;
  say({ type: 'call', text });
  return promise;
});
const { run, work } = runner;

function report(running: Promise<string>): void {
  void running.then(
    (text) => say({ type: 'report', text, printed }),
    // Python itself is broken: by an exit in the middle of C code, or by running out of stack there.
    (error: unknown) => say({ type: 'report', text: error instanceof RangeError ? tooDeep : '', printed }),
  );
}

registerHooks({
  resolve: () => {
    throw new Error('Nothing can be imported any more.');
  },
});
strip();
disarm(node);
say({ type: 'ready' });
// Its first use takes a while, and a script that comes later finds it done.
crypto.getRandomValues(new Uint8Array(1));
