import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Wallet } from 'ethers';
import { nodeFlags } from '../bot/nodeFlags.ts';
import { deploy } from '../contracts/client/Deploy.ts';
import * as Deployment from '../contracts/client/Deployment.ts';
import { type Address, address } from '../contracts/client/Hex.ts';
import { loadOrCreateKey } from '../contracts/client/Keystore.ts';
import { type LocalChain, startLocalChain } from '../contracts/client/LocalChain.ts';
import type { Log } from '../contracts/client/support/Log.ts';
import { listDemoModels } from '../host/listModels.ts';
import { prepareEmbeddedHost } from '../host/setup.ts';
import { type Child, type ChildOptions, startChild } from './Child.ts';
import { fundTestWallets, giveCoin } from './Funds.ts';

/** The whole marketplace on one machine: an embedded chain, a host, a bot. */
export type Stack = {
  chain: LocalChain;
  deployment: Deployment.Deployment;
  host: Child;
  bot: Child;
  /** Bot, host, chain: in the order in which each may still need the next. */
  stop(): Promise<void>;
};

export type StackOptions = {
  /** Keys, stores, logs and the chain's state. Another start with the same folder continues. */
  dataDir: string;
  /** 0: any free one. */
  chainPort: number;
  botPort: number;
  /** Seconds. */
  blockTime?: number;
  /** What bot and host get beside what this function sets. */
  env: Readonly<Record<string, string | undefined>>;
  log: Log;
};

/** Seconds. */
const setUpBlockTime = 0.02;

/** Starts it, or what of it was there before. When a part fails to start, the others are stopped again. */
export async function startStack({
  dataDir,
  chainPort,
  botPort,
  blockTime = 1,
  env,
  log,
}: StackOptions): Promise<Stack> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // Setting up is some thirty transactions: at a block each second that would be half a minute of waiting.
  const chain = await startLocalChain({
    stateFile: join(dataDir, 'chain.state'),
    port: chainPort,
    blockTime: setUpBlockTime,
    idleBlockTime: 10 * blockTime,
    log,
  });
  const started: Child[] = [];
  const stop = async () => {
    for (const child of started.reverse()) await child.stop();
    await chain.stop();
  };
  try {
    const owner = (await loadOrCreateKey(join(dataDir, 'owner', 'key'))).connect(chain.rpc);
    const { deployment, file } = await deployOnce({ chain, owner, dataDir, log });
    const dataOf = (name: string) => join(dataDir, name);
    const { hostContract } = await prepareEmbeddedHost({
      rpc: chain.rpc,
      deployment,
      owner,
      dataDir: dataOf('host'),
      log,
    });
    await listDemoModels({ rpc: chain.rpc, deployment, seller: owner, log });
    const shared = { ...env, RPC_URLS: chain.url, DEPLOYMENT_FILE: file, CONFIRMATIONS: '0' };
    const begin = async (options: Omit<ChildOptions, 'log'>): Promise<Child> => {
      const child = await startChild({ ...options, log });
      started.push(child);
      return child;
    };
    const host = await begin({
      name: 'host',
      script: 'host/main.ts',
      env: {
        ...shared,
        HOST_DATA_DIR: dataOf('host'),
        HOST_CONTRACT: hostContract,
        HOST_LOG_FILE: join(dataDir, 'host.log'),
      },
    });
    chain.setBlockTime(blockTime);
    // After the host, so that its first look at the chain finds the offers.
    const bot = await begin({
      name: 'bot',
      script: 'bot/main.ts',
      nodeFlags,
      env: {
        ...shared,
        BOT_DATA_DIR: dataOf('bot'),
        BOT_PORT: String(botPort),
        BOT_LOG_FILE: join(dataDir, 'bot.log'),
      },
    });
    await giveCoin(chain.rpc, botAddress(bot));
    return { chain, deployment, host, bot, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address of the bot's own key, which pays for refunds. */
function botAddress(bot: Child): Address {
  return address(String(bot.facts()['address']));
}

type DeployOnce = { chain: LocalChain; owner: Wallet; dataDir: string; log: Log };

/** Deploys when the embedded chain is new; else reads where everything is. */
async function deployOnce({ chain, owner, dataDir, log }: DeployOnce) {
  const file = join(dataDir, 'deployment.json');
  const known = Deployment.tryRead(file);
  if (known && (await chain.rpc.getCode(known.market)) !== '0x') return { deployment: known, file };
  await giveCoin(chain.rpc, address(owner.address));
  const deployment = { ...(await deploy({ rpc: chain.rpc, signer: owner, log })), embedded: true };
  await fundTestWallets({ chain, deployment, owner });
  Deployment.write(file, deployment);
  return { deployment, file };
}
