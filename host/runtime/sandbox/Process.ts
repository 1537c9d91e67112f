import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createFrames, maxFrameBytes } from './Frames.ts';
import { type CallReply, type GuestMessage, guestMessage, type Limits, type RunRequest } from './Messages.ts';
import { SandboxFailure } from './SandboxFailure.ts';

/** A process that has Python loaded, for one script. */
export type SandboxProcess = {
  pid: number;
  /** Resolves when it can take its script. @throws SandboxFailure */
  ready: Promise<void>;
  send(message: RunRequest | CallReply): void;
  /** The next message. @throws SandboxFailure when it died or sent what it must not */
  next(): Promise<GuestMessage>;
  /** Ends it at once; nothing can stop that. Safe to call twice. */
  kill(): void;
  /** Resolves when the operating system says that it is gone. */
  gone: Promise<void>;
};

/** What a process takes beside Python's own memory. MiB; measured 210, and JavaScript's heap. */
const besideMiB = 384;
const startMs = 60_000;
const keptErrors = 4_096;
const mostQueued = 4;

/** Starts a process; it loads Python meanwhile. `image` is from `sandboxImage`. */
export function startProcess(image: string, limits: Pick<Limits, 'memoryMiB'>): SandboxProcess {
  const child = spawn(
    process.execPath,
    [
      '--permission',
      `--allow-fs-read=${image}`,
      '--allow-worker',
      '--disallow-code-generation-from-strings',
      `--wasm-max-mem-pages=${limits.memoryMiB * 16}`,
      '--max-old-space-size=128',
      '--disable-sigusr1',
      '--disable-proto=delete',
      '--no-addons',
      '--no-warnings',
      join(image, 'supervisor.mjs'),
      String(limits.memoryMiB + besideMiB),
    ],
    // TZ: every host gives a script the same clock. Nothing else of the environment goes in.
    { cwd: image, env: { TZ: 'UTC' }, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true },
  );
  const { promise: gone, resolve: isGone } = Promise.withResolvers<void>();
  const queue: GuestMessage[] = [];
  let failure: SandboxFailure | undefined;
  let waiting: { resolve(message: GuestMessage): void; reject(error: SandboxFailure): void } | undefined;
  let errors = '';

  function fail(reason: SandboxFailure): void {
    failure ??= reason;
    waiting?.reject(failure);
    waiting = undefined;
    child.kill('SIGKILL');
  }
  function take(line: string): void {
    const message = parse(line);
    if (message === undefined || queue.length >= mostQueued) {
      fail(new SandboxFailure('broken', 'A sandbox sent something that is no message.'));
      return;
    }
    if (waiting === undefined) queue.push(message);
    else {
      waiting.resolve(message);
      waiting = undefined;
    }
  }

  const frames = createFrames(maxFrameBytes);
  child.stdout.on('data', (piece: Buffer) => {
    if (failure !== undefined) return;
    const lines = frames.push(piece);
    if (lines === undefined) fail(new SandboxFailure('broken', 'A sandbox sent more than a message may hold.'));
    else for (const line of lines) take(line);
  });
  child.stderr.on('data', (piece: Buffer) => {
    if (errors.length < keptErrors) errors += piece.toString('utf8').slice(0, keptErrors);
  });
  // It may be gone already when it is written to.
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => {
    fail(new SandboxFailure('start', 'No process could be started for a script.', { cause: error }));
    isGone();
  });
  child.on('close', (code, signal) => {
    const cause = errors.trim() === '' ? undefined : { cause: new Error(errors.trim()) };
    fail(new SandboxFailure('broken', `A sandbox ended by itself (${signal ?? code}).`, cause));
    isGone();
  });

  const next = async (): Promise<GuestMessage> => {
    const message = queue.shift();
    if (message !== undefined) return message;
    if (failure !== undefined) throw failure;
    const { promise, resolve, reject } = Promise.withResolvers<GuestMessage>();
    waiting = { resolve, reject };
    return promise;
  };
  const ready = withTimeout(next(), startMs).then((first) => {
    if (first.type !== 'ready') throw new SandboxFailure('broken', 'A sandbox did not get ready.');
  });
  ready.catch(() => child.kill('SIGKILL'));
  // A pool that waits must not keep a program from ending.
  unreference(child);
  return {
    pid: child.pid ?? 0,
    ready,
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    next,
    kill: () => void child.kill('SIGKILL'),
    gone,
  };
}

function unreference(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr])
    if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}

function parse(line: string): GuestMessage | undefined {
  try {
    return guestMessage.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new SandboxFailure('start', `A sandbox was not ready within ${ms / 1_000} s.`)),
    ms,
  );
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
