import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Wallet } from 'ethers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runList, runShow } from '../../contracts/client/cli/catalogue.ts';
import { runDeploy, runVerify } from '../../contracts/client/cli/deploy.ts';
import { quoteDeploy, sign } from '../../contracts/client/Deploy.ts';
import * as Deployment from '../../contracts/client/Deployment.ts';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import type { LocalChain } from '../../contracts/client/LocalChain.ts';
import { workloadHash } from '../../contracts/client/Query.ts';
import { devWallet, startChain } from './chain.ts';
import { createWorld, script } from './market.ts';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
const file = join(folder, 'deployment.json');
let chain: LocalChain;
let deployer: Wallet;
beforeAll(async () => {
  chain = await startChain();
  deployer = devWallet(chain, 2);
});
afterAll(async () => {
  await chain.stop();
  rmSync(folder, { recursive: true });
});

type Ended = { code: number | null; out: string; error: string };

/** Runs a command with a user who answers `consents`. */
async function run(work: (io: Parameters<typeof runVerify>[2]) => Promise<number>, consents = false): Promise<Ended> {
  const ended: Ended = { code: null, out: '', error: '' };
  ended.code = await work({
    out: (line) => {
      ended.out += `${line}\n`;
    },
    error: (line) => {
      ended.error += `${line}\n`;
    },
    confirm: async () => consents,
  });
  return ended;
}
const deploy = (flags: { dryRun?: boolean; yes?: boolean; consents?: boolean } = {}) =>
  run(
    (io) => runDeploy({ rpc: chain.rpc, signer: deployer }, { file, dryRun: false, yes: false, ...flags }, io),
    flags.consents,
  );

it('deploys once: says the costs first, sends nothing in a dry run or against the user’s will', async () => {
  const dry = await deploy({ dryRun: true });
  expect(dry).toMatchObject({ code: 0, error: '' });
  expect(dry.out).toMatch(/Deployer {2}0x[0-9a-fA-F]{40}, holds 10000 ETH/);
  expect(dry.out).toMatch(/AskMarket +0x[0-9a-fA-F]{40} {2}up to \d+ gas/);
  expect(dry.out).toMatch(/Costs up to 0\.0\d+ ETH at today’s fees/);
  const declined = await deploy();
  expect(declined).toMatchObject({ code: 1, out: expect.stringContaining('Nothing was sent.') });
  expect(await deployer.getNonce()).toBe(0);
  expect(existsSync(file)).toBe(false);

  const done = await deploy({ consents: true });
  expect(done).toMatchObject({ code: 0, error: '' });
  expect(done.out).not.toMatch(/[✗!]/);
  const spent = await deployer.getNonce();
  const again = await deploy({ yes: true });
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('nothing is deployed') });
  expect(await deployer.getNonce()).toBe(spent);
});

it('goes on after a kill between signing and the last transaction', async () => {
  rmSync(file);
  const options = { rpc: chain.rpc, signer: deployer };
  const signed = await sign(options, await quoteDeploy(options));
  writeFileSync(`${file}.pending`, JSON.stringify(signed));
  await chain.rpc.send('eth_sendRawTransaction', [signed.transactions[0]?.raw]);
  const resumed = await deploy({ yes: true });
  expect(resumed).toMatchObject({ code: 0, error: '' });
  expect(resumed.out).toContain('An earlier deployment was interrupted; it goes on.');
  expect(Deployment.read(file)).toMatchObject(signed.addresses);
  expect(existsSync(`${file}.pending`)).toBe(false);
});

it('builds on an oracle that is there, if its lock is long enough', async () => {
  const { oracle, governance, token } = Deployment.read(file);
  const quotation = await quoteDeploy({ rpc: chain.rpc, signer: deployer, oracle });
  expect(quotation.plan.steps.map(({ name }) => name)).toEqual(['ModelRegistry', 'AskMarket']);
  expect(quotation.plan.addresses).toMatchObject({ oracle, governance, token });
  await expect(quoteDeploy({ rpc: chain.rpc, signer: deployer, oracle: token })).rejects.toThrow(
    /There is no TellorFlex at/,
  );
});

it('finds what is wrong', async () => {
  const right = Deployment.read(file);
  const found = await run((io) => runVerify(chain.rpc, { ...right, market: zeroAddress }, io));
  expect(found).toMatchObject({
    code: 1,
    out: expect.stringContaining(`✗ there is no contract at ${zeroAddress}, where AskMarket should be`),
  });
  const chained = await run((io) => runVerify(chain.rpc, { ...right, chainId: 5 }, io));
  expect(chained).toMatchObject({ code: 1, out: expect.stringContaining('✗ the RPC URL is of chain 31337') });
});

it('lists and shows what is for sale', async () => {
  expect((await run((io) => runList(chain.rpc, Deployment.read(file), io))).out).toBe('No models are listed.\n');
  const world = await createWorld(chain);
  const listing = {
    workload: workloadHash(script),
    token: world.deployment.token,
    royalty: 5n * 10n ** 17n,
    listedHostsOnly: true,
    name: 'Evil\u001b[2J',
    metadata: '{}',
  };
  await world.send(world.owner, world.registry.calls.list(listing));
  const listed = await run((io) => runList(chain.rpc, world.deployment, io));
  expect(listed.out.split('\n')).toEqual([
    '    model     price                   hosts',
    '#1  Terse     0.0000000000000001 ETH  1',
    '#2  Evil [2J  no offer                0',
    '',
  ]);
  const shown = await run((io) => runShow(chain.rpc, world.deployment, 'terse', io));
  expect(shown.out).toContain(`seller    ${world.owner.address}`);
  expect(shown.out).toContain('  prompt = "Answer in one sentence."');
  const none = await run((io) => runShow(chain.rpc, world.deployment, '#9', io));
  expect(none).toMatchObject({ code: 1, error: expect.stringContaining('There is no model “#9”') });
});

it('as a process of its own says what is wrong in one line', async () => {
  const cli = join(import.meta.dirname, '../../contracts/client/cli.ts');
  const env = { PATH: process.env['PATH'], RPC_URLS: 'http://127.0.0.1:9', DEPLOYMENT_FILE: file };
  const child = spawn(process.execPath, [cli, 'verify'], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let error = '';
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect({ code, error }).toEqual({
    code: 1,
    error: 'The chain can’t be reached: No node can be reached: 127.0.0.1:9.\n',
  });
});
