import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { LLMock } from '@copilotkit/aimock';
import { Wallet } from 'ethers';
import type { State } from '../../contracts/client/Ask.ts';
import { decodeEvent } from '../../contracts/client/Decode.ts';
import { deploy } from '../../contracts/client/Deploy.ts';
import * as Deployment from '../../contracts/client/Deployment.ts';
import { type Address, address, type Hex, hex, zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import { type LocalChain, startLocalChain } from '../../contracts/client/LocalChain.ts';
import { createMarket } from '../../contracts/client/Market.ts';
import type { AskEvent } from '../../contracts/client/MarketEvent.ts';
import { workloadHash } from '../../contracts/client/Query.ts';
import { createRegistry } from '../../contracts/client/Registry.ts';
import { latest } from '../../contracts/client/Rpc.ts';
import { createLog } from '../../contracts/client/support/Log.ts';
import { listDemoModels } from '../../host/listModels.ts';
import { prepareEmbeddedHost } from '../../host/setup.ts';
import { sendAll } from '../../host/transactions.ts';
import { processEnv } from '../processEnv.ts';

export type Line = Record<string, unknown> & { msg?: string; queryId?: string; action?: string };

/** A host's real process. */
export type HostProcess = {
  child: ChildProcess;
  facts: Record<string, unknown>;
  lines: Line[];
  /** The first log line, old or new, that fits. */
  line(fits: (line: Line) => boolean): Promise<Line>;
  kill(): Promise<void>;
  /** SIGTERM; the exit status. */
  stop(): Promise<number | null>;
};

export async function startHostProcess(env: Record<string, string>): Promise<HostProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../host/main.ts')], {
    cwd: env['HOST_DATA_DIR'],
    env: { ...processEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Line[] = [];
  const listeners = new Set<(line: Line) => void>();
  createInterface({ input: child.stderr }).on('line', (written) => {
    const line: Line = written.startsWith('{') ? JSON.parse(written) : { msg: written };
    lines.push(line);
    for (const listener of listeners) listener(line);
  });
  const exited = once(child, 'exit');
  const facts = await new Promise<Record<string, unknown>>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    void exited.then(([code]) =>
      reject(new Error(`The host ended with ${code}: ${lines.map(({ msg }) => msg).join('\n')}`)),
    );
  });
  return {
    child,
    facts,
    lines,
    line: (fits) => {
      const known = lines.find(fits);
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => {
        const listener = (line: Line) => {
          if (!fits(line)) return;
          listeners.delete(listener);
          resolve(line);
        };
        listeners.add(listener);
      });
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}

/** `npm run host -- ...words`. */
export async function runCli(
  env: Record<string, string>,
  ...words: string[]
): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../host/cli.ts'), ...words], {
    cwd: env['HOST_DATA_DIR'],
    env: { ...processEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Nothing orders what is read from two pipes.
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, out: out + err };
}

export type Stand = Awaited<ReturnType<typeof startStand>>;

/** A real chain with the real contracts, a model server, a host prepared and the demo models listed. */
export async function startStand({ blockTime = 0.1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  const log = createLog({ name: 'test', level: 'error' });
  // What is prepared takes forty blocks one after the other.
  const chain: LocalChain = await startLocalChain({ blockTime: 0.02, idleBlockTime: blockTime * 10, log });
  const [ownerAccount, askerAccount] = chain.accounts;
  if (!ownerAccount || !askerAccount) throw new Error('The chain has too few accounts.');
  const owner = new Wallet(ownerAccount.privateKey, chain.rpc);
  const asker = new Wallet(askerAccount.privateKey, chain.rpc);
  const deployment = { ...(await deploy({ rpc: chain.rpc, signer: owner, log })), embedded: true };
  const file = join(folder, 'deployment.json');
  Deployment.write(file, deployment);
  const dataDir = join(folder, 'host');
  const options = { rpc: chain.rpc, deployment, log };
  const { hostContract, operator } = await prepareEmbeddedHost({ ...options, owner, dataDir });
  await listDemoModels({ ...options, seller: owner });
  chain.setBlockTime(blockTime);
  const mock = new LLMock({ port: 0, chunkSize: 40 });
  const url = await mock.start();
  const market = createMarket(chain.rpc, deployment);
  const registry = createRegistry(chain.rpc, deployment);
  const env = {
    RPC_URLS: chain.url,
    DEPLOYMENT_FILE: file,
    CONFIRMATIONS: '0',
    CHAIN_POLL_MS: '50',
    HOST_DATA_DIR: dataDir,
    HOST_CONTRACT: hostContract,
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: 'test-key-of-the-model-server',
    HOST_MODEL_RETRIES: '0',
  };

  type AskOptions = {
    script?: string;
    model?: bigint;
    token?: Address;
    seconds?: number;
    soleHost?: boolean;
    byReport?: boolean;
    parent?: Hex;
    host?: Address;
  };
  /** Asks and pays in coin; by default with an inline script. */
  async function ask(input: string, options: AskOptions = {}): Promise<Hex> {
    return (await askMany([input], options))[0] ?? zeroHash;
  }
  async function askMany(inputs: readonly string[], options: AskOptions = {}): Promise<Hex[]> {
    const {
      model = 0n,
      token = zeroAddress,
      seconds = 600,
      soleHost = false,
      byReport = false,
      parent = zeroHash,
      host = hostContract,
    } = options;
    const script = model === 0n ? (options.script ?? 'prompt = "Be terse."\ninput = "x"') : '';
    const workload = model === 0n ? workloadHash(script) : (await registry.modelOf(model)).workload;
    const { royalty, hostPrice } = await registry.quote({ model, workload, token, host, inputBytes: 1 });
    const { timestamp } = await latest(chain.rpc);
    const asked = inputs.map((input) => {
      const order = {
        model,
        workload,
        token,
        host,
        maxPrice: royalty + hostPrice,
        deadline: BigInt(timestamp + seconds),
        parent,
        userSalt: hex(`0x${randomBytes(32).toString('hex')}`),
        soleHost,
        byReport,
      };
      return {
        order,
        input,
        call: market.calls.askAndPay(order, input, script, token === zeroAddress ? order.maxPrice : 0n),
      };
    });
    await sendAll(
      chain.rpc,
      asker,
      asked.map(({ call }) => call),
    );
    return Promise.all(asked.map(({ order, input }) => market.queryIdOf(address(asker.address), order, input)));
  }
  async function reaches(queryId: Hex, state: State, timeout = 20_000): Promise<void> {
    const until = Date.now() + timeout;
    for (;;) {
      const now = await market.stateOf(queryId);
      if (now.state === state) return;
      if (Date.now() > until) throw new Error(`The ask ${queryId} is ${now.state}, not ${state}.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  async function eventsOf(queryId: Hex): Promise<AskEvent[]> {
    const logs = await chain.rpc.getLogs({
      address: deployment.market,
      fromBlock: 0,
      toBlock: 'latest',
      topics: [null, queryId],
    });
    return logs.flatMap((entry) => {
      const event = decodeEvent(entry, deployment);
      return event !== undefined && 'queryId' in event ? [event] : [];
    });
  }
  const answerOf = async (queryId: Hex) =>
    (await eventsOf(queryId)).flatMap((event) => (event.type === 'Delivered' ? [event.answer] : []));

  return {
    chain,
    deployment,
    owner,
    asker,
    mock,
    market,
    registry,
    hostContract,
    operator,
    dataDir,
    env,
    ask,
    askMany,
    reaches,
    eventsOf,
    answerOf,
    log,
    stop: async () => {
      await mock.stop();
      await chain.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
