import { existsSync, readFileSync } from 'node:fs';
import * as Deployment from '../../contracts/client/Deployment.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import { connect, type Rpc } from '../../contracts/client/Rpc.ts';
import { hideSecret } from '../../contracts/client/support/Log.ts';
import { environment, parseSettings, SettingsError } from '../../contracts/client/support/Settings.ts';
import { type HostSettings, hostSettings } from '../settings.ts';
import { hostFiles, readContract } from '../setup.ts';

/** What every command works with. On a machine that runs `npm start` the running stack is found by itself. */
export type Context = {
  settings: HostSettings;
  files: ReturnType<typeof hostFiles>;
  deployment: Deployment.Deployment;
  /** Undefined until there is one. */
  hostContract: Address | undefined;
  rpc: Rpc;
};

/** @throws SettingsError, DeploymentError */
export async function openContext(): Promise<Context> {
  const env = { ...embedded(), ...environment() };
  hideSecret(env['OPENAI_API_KEY']);
  const settings = parseSettings(hostSettings, env);
  const files = hostFiles(settings.HOST_DATA_DIR);
  const deployment = Deployment.read(settings.DEPLOYMENT_FILE);
  const rpc = await connect(settings.RPC_URLS, { chainId: deployment.chainId });
  return { settings, files, deployment, hostContract: settings.HOST_CONTRACT ?? readContract(files.contract), rpc };
}

/** @throws SettingsError when there is none */
export function needContract({ hostContract, files }: Context): Address {
  if (hostContract !== undefined) return hostContract;
  throw new SettingsError(
    `HOST_CONTRACT is not set and ${files.contract} names none. Deploy one with the owner's key: npm run host -- deploy`,
  );
}

/** The address file and the chain of a stack that `npm start` runs here. */
function embedded(): Record<string, string> {
  const file = '.data/deployment.json';
  if (!existsSync(file) || !/"embedded": true/.test(readFileSync(file, 'utf8'))) return {};
  const port = environment()['CHAIN_PORT'] ?? '8545';
  return { DEPLOYMENT_FILE: file, RPC_URLS: `http://127.0.0.1:${port}`, CONFIRMATIONS: '0' };
}

export function tokenName(token: Address, { deployment }: Context): string {
  return token === zeroAddress ? 'coin' : token === deployment.token ? 'LANG' : token;
}
