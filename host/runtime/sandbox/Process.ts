import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { z } from 'zod';
import { createFrames, maxFrameBytes } from './Frames.ts';
import { SandboxFailure } from './SandboxFailure.ts';

/** A process that serves one script or schema, with no right to anything outside of its folder. */
export type Guest<In, Out> = {
  pid: number;
  send(message: In): void;
  /** Nothing more will be sent. */
  end(): void;
  /** The next message, in order. @throws SandboxFailure when the process died or sent what it must not */
  next(): Promise<Out>;
  /** From now on a program does not end before it. */
  hold(): void;
  /** Ends it at once; nothing can stop that. Safe to call twice. */
  kill(): void;
  /** Resolves when the operating system says that it is gone. */
  gone: Promise<void>;
};

export type GuestOptions<Out> = {
  /** From `sandboxImage`: the only folder that the process may read. */
  image: string;
  /** A file of the image. */
  entry: string;
  /** Of Node, beside those that every guest has. */
  flags: string[];
  args?: string[];
  message: z.ZodType<Out>;
};

const keptErrors = 4_096;
const mostQueued = 4;

export function startGuest<In, Out>({
  image,
  entry,
  flags,
  args = [],
  message: schema,
}: GuestOptions<Out>): Guest<In, Out> {
  const child = spawn(
    process.execPath,
    [
      '--permission',
      `--allow-fs-read=${image}`,
      '--disable-sigusr1',
      '--disable-proto=delete',
      '--no-addons',
      '--no-warnings',
      ...flags,
      join(image, entry),
      ...args,
    ],
    // TZ: every host gives a script the same clock. Nothing else of the environment goes in.
    { cwd: image, env: { TZ: 'UTC' }, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true },
  );
  const { promise: gone, resolve: isGone } = Promise.withResolvers<void>();
  const queue: Out[] = [];
  let failure: SandboxFailure | undefined;
  let waiting: { resolve(message: Out): void; reject(error: SandboxFailure): void } | undefined;
  let errors = '';

  function fail(reason: SandboxFailure): void {
    failure ??= reason;
    waiting?.reject(failure);
    waiting = undefined;
    kill();
  }
  function kill(): void {
    child.ref();
    child.kill('SIGKILL');
  }
  function take(line: string): void {
    const message = schema.safeParse(parse(line));
    if (!message.success || queue.length >= mostQueued) {
      fail(new SandboxFailure('broken', 'A sandbox sent something that is no message.'));
      return;
    }
    if (waiting === undefined) queue.push(message.data);
    else {
      waiting.resolve(message.data);
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
  child.on('exit', isGone);
  // What it said before it ended has been read by then.
  child.on('close', (code, signal) => {
    const cause = errors.trim() === '' ? undefined : { cause: new Error(errors.trim()) };
    fail(new SandboxFailure('broken', `A sandbox ended by itself (${signal ?? code}).`, cause));
  });

  const next = async (): Promise<Out> => {
    const message = queue.shift();
    if (message !== undefined) return message;
    if (failure !== undefined) throw failure;
    const { promise, resolve, reject } = Promise.withResolvers<Out>();
    waiting = { resolve, reject };
    return promise;
  };
  // A pool that waits must not keep a program from ending.
  unreference(child);
  return {
    pid: child.pid ?? 0,
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    end: () => void child.stdin.end(),
    next,
    hold: () => child.ref(),
    kill,
    gone,
  };
}

function unreference(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr])
    if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
