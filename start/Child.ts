import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Log } from '../contracts/client/support/Log.ts';
import { redact } from '../contracts/client/support/Log.ts';

/** What a process of ours says on standard output when it is ready. */
const readyLine = z.looseObject({ ready: z.literal(true) });
export type Facts = Readonly<Record<string, unknown>>;

export type ChildOptions = {
  name: string;
  /** The script that Node runs. */
  script: string;
  /** Node's own options for it. */
  nodeFlags?: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** How long it may take to be ready, milliseconds. */
  timeoutMs?: number;
  log: Log;
};

export type Child = {
  name: string;
  /** The process of the moment; it changes when the child had to be started again. */
  pid(): number;
  facts(): Facts;
  /** SIGKILL, as a power cut would: the child is started again at once. */
  kill(): Promise<void>;
  /** SIGTERM and wait; SIGKILL after ten seconds. */
  stop(): Promise<void>;
};

/** A child ended before it was ready; the message ends with the last thing it said. */
export class ChildError extends Error {
  override name = 'ChildError';
}

const stopWithinMs = 10_000;
const restartDelaysMs = [0, 1_000, 5_000, 15_000, 60_000] as const;
const steadyAfterMs = 60_000;

type Running = { process: ChildProcess; facts: Facts; startedAt: number };

/**
 * Starts a process of ours, waits until it says that it is ready, and starts it again, ever more slowly, whenever it ends
 * without being asked to. Its standard input is a pipe that closes when this process dies, however it dies.
 * @throws ChildError when the first start fails
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  let stopping = false;
  let failures = 0;
  let isKilled = false;
  let running = await launch(options);
  let restart: Promise<void> = Promise.resolve();
  const watch = ({ process: child, startedAt }: Running) => {
    child.once('exit', (code, signal) => {
      if (stopping) return;
      failures = isKilled || Date.now() - startedAt > steadyAfterMs ? 0 : failures + 1;
      isKilled = false;
      options.log.warn({ child: options.name, code, signal, failures }, 'process ended; starting it again');
      restart = again();
    });
  };
  const again = async (): Promise<void> => {
    for (;;) {
      const delay = restartDelaysMs[Math.min(Math.max(failures - 1, 0), restartDelaysMs.length - 1)] ?? 0;
      await new Promise((resolve) => setTimeout(resolve, delay).unref());
      if (stopping) return;
      try {
        running = await launch(options);
        watch(running);
        return;
      } catch (error) {
        failures += 1;
        options.log.error({ child: options.name, err: error, failures }, 'process could not be started again');
      }
    }
  };
  watch(running);
  return {
    name: options.name,
    pid: () => running.process.pid ?? 0,
    facts: () => running.facts,
    async kill() {
      const { process: victim } = running;
      isKilled = true;
      const gone = once(victim, 'exit');
      victim.kill('SIGKILL');
      await gone;
      await restart;
    },
    async stop() {
      stopping = true;
      await end(running.process);
    },
  };
}

async function launch({ name, script, nodeFlags = [], env, timeoutMs = 60_000 }: ChildOptions): Promise<Running> {
  const startedAt = Date.now();
  const child = spawn(process.execPath, [...nodeFlags, script], {
    env: { ...env, LAUNCHED: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C reaches the launcher alone, which then stops everything in order.
    detached: true,
  });
  child.stdin.on('error', () => {});
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    const text = redact(chunk.toString());
    said.push(text);
    if (said.length > 200) said.splice(100, 1);
  });
  const facts = await new Promise<Facts>((resolve, reject) => {
    const fail = (why: string) =>
      reject(
        new ChildError(`The ${name} process ${why}.\n${said.join('').trim().split('\n').slice(0, 12).join('\n')}`),
      );
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`was not ready within ${timeoutMs / 1000} s`);
    }, timeoutMs);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      setImmediate(() => fail(`ended with ${signal ?? `status ${code}`} before it was ready`));
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const parsed = readyLine.safeParse(tryJson(line));
      if (!parsed.success) return;
      clearTimeout(timer);
      resolve(parsed.data);
    });
  });
  return { process: child, facts, startedAt };
}

function tryJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await gone;
  clearTimeout(hard);
}
