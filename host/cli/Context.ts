import { existsSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as Deployment from '../../contracts/client/Deployment.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import { connect, type Rpc } from '../../contracts/client/Rpc.ts';
import { hideSecret } from '../../contracts/client/support/Log.ts';
import { environment, parseSettings, SettingsError } from '../../contracts/client/support/Settings.ts';
import { LockError, takeLock } from '../lock.ts';
import { type HostSettings, hostSettings } from '../settings.ts';
import { hostFiles, readContract } from '../setup.ts';
import { createJournal } from '../store/Journal.ts';

/** What every command works with. On a machine that runs `npm start` the running stack is found by itself. */
export type Context = {
  settings: HostSettings;
  files: ReturnType<typeof hostFiles>;
  deployment: Deployment.Deployment;
  /** Undefined until there is one. */
  hostContract: Address | undefined;
  rpc: Rpc;
  /** Where settings may stand beside the environment. */
  envFile: string;
};

/** @throws SettingsError, DeploymentError */
export async function openContext(): Promise<Context> {
  const env = { ...embedded(), ...environment() };
  for (const name of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY']) hideSecret(env[name]);
  const settings = parseSettings(hostSettings, env);
  const files = hostFiles(settings.HOST_DATA_DIR);
  const deployment = Deployment.read(settings.DEPLOYMENT_FILE);
  const rpc = await connect(settings.RPC_URLS, { chainId: deployment.chainId });
  const hostContract = settings.HOST_CONTRACT ?? readContract(files.contract);
  return { settings, files, deployment, hostContract, rpc, envFile: '.env' };
}

/** @throws SettingsError when there is none */
export function needContract({ hostContract, files }: Pick<Context, 'hostContract' | 'files'>): Address {
  if (hostContract !== undefined) return hostContract;
  throw new SettingsError(
    `HOST_CONTRACT is not set and ${files.contract} names none. npm run host -- init says how to get one.`,
  );
}

/** The address file and the chain of a stack that `npm start` runs here. */
function embedded(): Record<string, string> {
  const file = '.data/deployment.json';
  if (!existsSync(file) || !/"embedded": true/.test(readFileSync(file, 'utf8'))) return {};
  const port = environment()['CHAIN_PORT'] ?? '8545';
  return { DEPLOYMENT_FILE: file, RPC_URLS: `http://127.0.0.1:${port}`, CONFIRMATIONS: '0' };
}

export function tokenName(token: Address, { deployment }: Pick<Context, 'deployment'>): string {
  return token === zeroAddress ? 'coin' : token === deployment.token ? 'LANG' : token;
}

/** Reads the journal beside a running host; an empty one when there is none yet. `work` must be synchronous. */
export function withJournal<T>({ files, hostContract }: Context, work: (database: DatabaseSync) => T): T {
  const exists = existsSync(files.journal);
  const database = new DatabaseSync(exists ? files.journal : ':memory:', { readOnly: exists });
  try {
    if (!exists) createJournal(database, hostContract ?? zeroAddress);
    return work(database);
  } finally {
    database.close();
  }
}

/** Whether a process works on this data folder now. */
export function isRunning({ files }: Pick<Context, 'files'>): boolean {
  if (!existsSync(files.lock)) return false;
  try {
    takeLock(files.lock)();
    return false;
  } catch (error) {
    if (error instanceof LockError) return true;
    throw error;
  }
}
