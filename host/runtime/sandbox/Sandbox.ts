import { checkValues, type Value, type Values } from '../../../contracts/client/workload/Values.ts';
import type { WorkloadCode } from '../../../contracts/client/workload/WorkloadError.ts';
import { WorkloadError } from '../../../contracts/client/workload/WorkloadError.ts';
import type { GuestMessage, Limits, RunRequest, WorkRequest } from './Messages.ts';
import { createPool } from './Pool.ts';
import type { Python } from './Python.ts';
import { SandboxFailure } from './SandboxFailure.ts';
import { decodeValue } from './Wire.ts';

/** What a script set. */
export type Ran = {
  values: Values;
  /** Whether it defines `work(prompt, input)`. */
  hasWork: boolean;
  /** The start of what it printed, for its author. */
  printed: string;
};

export type WorkOptions = {
  /** Earlier questions and answers, oldest first. */
  history: WorkRequest['history'];
  /**
   * Makes one model call; both texts are JSON (see ModelCall.ts). It must not reject: a failed call is a reply too. Python
   * waits meanwhile and its clock stands still.
   */
  call(request: string, signal: AbortSignal): Promise<string>;
  /** Ends the run, model calls included. */
  signal: AbortSignal;
};

/** The `work(prompt, input)` of a script whose process waits for it with its values told. */
export type Work = {
  /**
   * Calls it, once, and ends the process.
   * @returns what it returned, as it is: perhaps blank, of any length up to a frame
   * @throws WorkloadError, SandboxFailure, the signal's reason
   */
  answer(options: WorkOptions): Promise<{ answer: string; printed: string }>;
  /** Ends the process: no answer is wanted, or it is there. Safe to call twice. */
  end(): void;
};

/** What a script set, and its process where it is still needed. */
export type Begun = Omit<Ran, 'hasWork'> & {
  /** There when the script defines `work`; it takes the place of a running script until it is ended. */
  work: Work | undefined;
};

/** Where scripts run: a process of its own for each, from a pool that starts with the first one. */
export type Sandbox = {
  /**
   * Runs a script up to its values, without any model.
   * @param input the asker's text; undefined: the script's own example
   * @throws WorkloadError: the script is wrong; SandboxFailure: this host is; the signal's reason
   */
  values(script: string, input: string | undefined, signal?: AbortSignal): Promise<Ran>;
  /** The same, but a script that defines `work` keeps its process for it, a minute at most. */
  begin(script: string, input: string | undefined, signal?: AbortSignal): Promise<Begun>;
  /** Processes that are alive. */
  size(): number;
  /** Resolves when nothing runs and those that wait are ready. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

export type SandboxOptions = Limits & {
  /** Processes kept ready once the first script has come. */
  warm: number;
  /** Scripts that run at a time. */
  atOnce: number;
};

/** Waiting costs no processor time, so a script that only waits is ended by the clock: after so many times its processor time. */
const wallFactor = 4;
/** A process that nobody asks for its work any more would take a place for ever. */
const mostHeldMs = 60_000;

export function createSandbox(options: SandboxOptions): Sandbox {
  const pool = createPool(options);
  const wallMs = options.cpuSeconds * wallFactor * 1_000;

  /** A question waits for no example. */
  const priorityOf = (input: string | undefined): number => (input === undefined ? 0 : 1);

  async function first(python: Python, script: string, input: string | undefined, stay: boolean, signal?: AbortSignal) {
    signal?.throwIfAborted();
    const { cpuSeconds, outputBytes, modelCalls } = options;
    const request: RunRequest = {
      type: 'run',
      script,
      ...(input !== undefined && { input }),
      stay,
      limits: { cpuSeconds, outputBytes, modelCalls },
    };
    python.send(request);
    const { message, leftMs } = await converse(python, wallMs, undefined, signal);
    return { ran: ranOf(message), leftMs };
  }

  async function converse(
    python: Python,
    wall: number,
    call: WorkOptions['call'] | undefined,
    signal?: AbortSignal,
  ): Promise<{ message: GuestMessage; leftMs: number }> {
    let leftMs = wall;
    let calls = 0;
    for (;;) {
      const from = performance.now();
      const message = await race(python.next().catch(died), leftMs, signal);
      leftMs -= performance.now() - from;
      if (message.type !== 'call') return { message, leftMs };
      if (call === undefined || ++calls > options.modelCalls)
        return { message: { type: 'limit', limit: 'calls' }, leftMs };
      // The race: a call may be slow to end when the signal says so.
      const ended = signal ?? AbortSignal.timeout(wallMs);
      const text = await race(call(message.text, ended), Number.POSITIVE_INFINITY, signal);
      python.send({ type: 'reply', text });
    }
  }

  function ranOf(message: GuestMessage): Ran {
    if (message.type !== 'values') return failed(message);
    const lines = new Map(Object.entries(message.lines));
    const names = new Map<string, Value>(
      Object.entries(message.values).map(([name, wire]) => [name, decodeValue(wire, name, lines.get(name) ?? 0)]),
    );
    const { hasWork, printed } = message;
    return { values: checkValues(names, lines), hasWork, printed };
  }

  function failed(message: GuestMessage): never {
    switch (message.type) {
      case 'wrong':
        throw new WorkloadError(message.code, message.line, message.what, message.cure);
      case 'limit':
        throw overLimit(message.limit, options);
      default:
        return died(new SandboxFailure('broken', `A sandbox said ${message.type} where a result belongs.`));
    }
  }

  function workOf(python: Python, leftMs: number, end: () => void): Work {
    let ended = false;
    const endOnce = (): void => {
      ended = true;
      clearTimeout(timer);
      end();
    };
    const timer = setTimeout(endOnce, mostHeldMs);
    timer.unref();
    return {
      answer: async ({ history, call, signal }) => {
        if (ended) throw new SandboxFailure('broken', 'The process that read the script has ended.');
        clearTimeout(timer);
        try {
          signal.throwIfAborted();
          python.send({ type: 'work', history });
          const { message } = await converse(python, leftMs, call, signal);
          return message.type === 'answer' ? message : failed(message);
        } finally {
          endOnce();
        }
      },
      end: endOnce,
    };
  }

  return {
    values: (script, input, signal) =>
      pool.with(async (python) => (await first(python, script, input, false, signal)).ran, {
        signal,
        priority: priorityOf(input),
      }),
    begin: (script, input, signal) =>
      new Promise((resolve, reject) => {
        const use = async (python: Python): Promise<void> => {
          const { ran, leftMs } = await first(python, script, input, true, signal);
          const { values, printed } = ran;
          if (!ran.hasWork) return resolve({ values, printed, work: undefined });
          const { promise: over, resolve: end } = Promise.withResolvers<void>();
          resolve({ values, printed, work: workOf(python, leftMs, end) });
          await Promise.race([over, python.gone]);
        };
        pool.with(use, { signal, priority: priorityOf(input) }).catch(reject);
      }),
    size: pool.size,
    settled: pool.settled,
    close: pool.close,
  };

  /** @throws WorkloadError `timeLimit` when the time is over, the signal's reason */
  async function race<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = Number.isFinite(ms)
      ? setTimeout(() => reject(overLimit('wall', options)), Math.max(0, ms))
      : undefined;
    try {
      return await Promise.race([work, promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

/** Once a script has begun it is the one that breaks things: the same script would do so again. */
function died(cause: unknown): never {
  throw new WorkloadError('ended', 0, 'The script broke the process that ran it.', 'Do less at a time.', { cause });
}

function overLimit(limit: 'cpu' | 'wall' | 'memory' | 'output' | 'calls', limits: Limits): WorkloadError {
  const says: Record<typeof limit, [WorkloadCode, string, string]> = {
    cpu: ['timeLimit', `The script worked for longer than ${limits.cpuSeconds} s.`, 'Do less.'],
    wall: ['timeLimit', `The script had no result after ${limits.cpuSeconds * wallFactor} s.`, 'Wait for nothing.'],
    memory: ['memoryLimit', `The script needed more than ${limits.memoryMiB} MiB of memory.`, 'Hold less at a time.'],
    output: ['outputLimit', `The script printed more than ${limits.outputBytes} bytes.`, 'Print less.'],
    calls: ['callLimit', `The script called models more than ${limits.modelCalls} times.`, 'Call them less often.'],
  };
  const [code, what, cure] = says[limit];
  return new WorkloadError(code, 0, what, cure);
}
