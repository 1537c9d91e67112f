import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** The embedded chain can't run. The operator must act; trying again does not help. */
export class LocalChainError extends Error {
  override name = 'LocalChainError';
}

export type Anvil = {
  port: number;
  pid: number;
  /** Resolves when the process is gone. */
  exited: Promise<void>;
  /** Ends it at once. Its state is not saved by this. */
  kill(): Promise<void>;
};

const windows = process.platform === 'win32';

/**
 * The anvil program: `ANVIL_PATH`, else the one that npm installed for this machine, else the one on PATH.
 * @throws LocalChainError when there is none
 */
export function anvilPath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const chosen = env['ANVIL_PATH'];
  if (chosen) {
    if (runs(chosen)) return chosen;
    throw new LocalChainError(
      `ANVIL_PATH names ${chosen}, which is not a program. Example: ANVIL_PATH=/usr/local/bin/anvil`,
    );
  }
  const name = windows ? 'anvil.exe' : 'anvil';
  const system = { win32: 'win32', darwin: 'darwin' }[String(process.platform)] ?? 'linux';
  const machine = process.arch === 'x64' ? 'amd64' : process.arch;
  const candidates = (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  try {
    const file = createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${system}-${machine}/package.json`);
    candidates.unshift(join(dirname(file), 'bin', name));
  } catch {
    // Not every machine has a package; PATH is looked at.
  }
  const found = candidates.find(runs);
  if (found) return found;
  throw new LocalChainError(
    `The embedded chain needs the program anvil, and npm has none for ${process.platform}-${process.arch}. Install Foundry (https://getfoundry.sh) or set ANVIL_PATH`,
  );
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts anvil on 127.0.0.1 without mining of its own.
 * @param port 0: any free one
 * @throws LocalChainError when it does not come up
 */
export async function startAnvil(options: {
  path: string;
  port: number;
  chainId: number;
  stateFile?: string;
}): Promise<Anvil> {
  const { path, port, chainId, stateFile } = options;
  const args = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId), '--no-mining'];
  if (stateFile) args.push('--load-state', stateFile);
  // In a group of its own: a Ctrl-C in the terminal must reach it only after the state was saved.
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: !windows });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const guard = watchdog(child);
  void exited.then(() => guard?.kill());
  const listening = await portOf(child, port, stateFile);
  return {
    port: listening,
    pid: child.pid ?? 0,
    exited,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Ends anvil when this process is gone, even by kill -9: the pipe closes and `read` returns. */
function watchdog(child: ChildProcess): ChildProcess | undefined {
  if (windows || child.pid === undefined) return undefined;
  const guard = spawn('/bin/sh', ['-c', `read -r _; kill -9 ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {});
  guard.unref();
  return guard;
}

async function portOf(child: ChildProcess, wanted: number, stateFile: string | undefined): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let said = '';
  let up = false;
  const listen = (chunk: Buffer) => {
    if (up) return;
    said = (said + chunk.toString()).slice(-20_000);
    const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(said);
    if (!match) return;
    up = true;
    resolve(Number(match[1]));
  };
  // The pipes are read on, for ever: a full one would stop anvil.
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  child.once('error', (cause) => reject(new LocalChainError('The program anvil can’t be started', { cause })));
  child.once('exit', () => reject(new LocalChainError(reasonOf(said, wanted, stateFile))));
  return promise;
}

function reasonOf(said: string, port: number, stateFile: string | undefined): string {
  if (/address already in use|os error 98|os error 48|os error 10048/i.test(said)) {
    return `Port ${port} is in use, so the embedded chain can’t start. Stop what uses it, or choose another: CHAIN_PORT=${port + 1}`;
  }
  const last = said.trim().split('\n').slice(-3).join(' ').slice(-400);
  return stateFile
    ? `The embedded chain can’t start from its saved state: ${last}. To begin a new chain, move the data folder away`
    : `The embedded chain can’t start: ${last}`;
}
