import { checkValues, type Value, type Values } from '../../../contracts/client/workload/Values.ts';
import type { WorkloadCode } from '../../../contracts/client/workload/WorkloadError.ts';
import { WorkloadError } from '../../../contracts/client/workload/WorkloadError.ts';
import type { GuestMessage, Limits, RunRequest } from './Messages.ts';
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
  script: string;
  input: string;
  /** Earlier questions and answers, oldest first. */
  history: RunRequest['history'];
  /**
   * Makes one model call; both texts are JSON (see ModelCall.ts). It must not reject: a failed call is a reply too. Python
   * waits meanwhile and its clock stands still.
   */
  call(request: string, signal: AbortSignal): Promise<string>;
  /** Ends the run, model calls included. */
  signal: AbortSignal;
};

/** Where scripts run: a process of its own for each, from a pool that starts with the first one. */
export type Sandbox = {
  /**
   * Runs a script up to its values, without any model.
   * @param input the asker's text; undefined: the script's own example
   * @throws WorkloadError: the script is wrong; SandboxFailure: this host is; the signal's reason
   */
  values(script: string, input: string | undefined, signal?: AbortSignal): Promise<Ran>;
  /**
   * Runs a script and its `work(prompt, input)`.
   * @returns what it returned, as it is: perhaps blank, of any length up to a frame
   * @throws WorkloadError, SandboxFailure, the signal's reason
   */
  work(options: WorkOptions): Promise<{ answer: string; printed: string }>;
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

export function createSandbox(options: SandboxOptions): Sandbox {
  const pool = createPool(options);
  const wallMs = options.cpuSeconds * wallFactor * 1_000;

  /** A question waits for no example. */
  async function run(
    request: Omit<RunRequest, 'type' | 'limits'>,
    call: WorkOptions['call'] | undefined,
    signal?: AbortSignal,
  ) {
    return pool.with(
      async (python) => {
        signal?.throwIfAborted();
        const { cpuSeconds, outputBytes } = options;
        const modelCalls = request.work ? options.modelCalls : 0;
        python.send({ type: 'run', ...request, limits: { cpuSeconds, outputBytes, modelCalls } });
        return conclude(await converse(python, call, signal), request.work);
      },
      { signal, priority: request.input === undefined ? 0 : 1 },
    );
  }

  async function converse(
    python: Python,
    call: WorkOptions['call'] | undefined,
    signal?: AbortSignal,
  ): Promise<GuestMessage> {
    let left = wallMs;
    let calls = 0;
    for (;;) {
      const from = performance.now();
      const message = await race(python.next().catch(died), left, signal);
      left -= performance.now() - from;
      if (message.type !== 'call') return message;
      if (call === undefined || ++calls > options.modelCalls) return { type: 'limit', limit: 'calls' };
      // The race: a call may be slow to end when the signal says so.
      const ended = signal ?? AbortSignal.timeout(wallMs);
      const text = await race(call(message.text, ended), Number.POSITIVE_INFINITY, signal);
      python.send({ type: 'reply', text });
    }
  }

  function conclude(message: GuestMessage, work: boolean): Ran & { answer: string | undefined } {
    switch (message.type) {
      case 'values': {
        const lines = new Map(Object.entries(message.lines));
        const names = new Map<string, Value>(
          Object.entries(message.values).map(([name, wire]) => [name, decodeValue(wire, name, lines.get(name) ?? 0)]),
        );
        const values = checkValues(names, lines);
        const { hasWork, answer, printed } = message;
        if (work && answer === undefined)
          throw new WorkloadError('missing', 0, 'The script defines no work.', 'Define it.');
        return { values, hasWork, answer, printed };
      }
      case 'wrong':
        throw new WorkloadError(message.code, message.line, message.what, message.cure);
      case 'limit':
        throw overLimit(message.limit, options);
      default:
        return died(new SandboxFailure('broken', `A sandbox said ${message.type} where a result belongs.`));
    }
  }

  return {
    values: async (script, input, signal) => {
      const { values, hasWork, printed } = await run(
        { script, ...(input !== undefined && { input }), work: false, history: [] },
        undefined,
        signal,
      );
      return { values, hasWork, printed };
    },
    work: async ({ script, input, history, call, signal }) => {
      const { answer, printed } = await run({ script, input, work: true, history }, call, signal);
      return { answer: answer ?? '', printed };
    },
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
