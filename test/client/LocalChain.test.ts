import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { load } from '../../contracts/client/Artifact.ts';
import { anvilPath } from '../../contracts/client/chain/Anvil.ts';
import { LocalChainError } from '../../contracts/client/LocalChain.ts';
import { connect, latest, type Rpc } from '../../contracts/client/Rpc.ts';
import { isLong } from '../processEnv.ts';
import { deployOracle, devWallet, startChain } from './chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'chain-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a kept chain', () => {
  it('goes on where it stopped, with its receipts, logs and clock', async () => {
    const stateFile = join(folder, 'kept.state');
    const first = await startChain({ stateFile });
    const oracle = await deployOracle(devWallet(first, 0));
    const init = load('TellorFlex').abi.encodeFunctionData('init', [oracle]);
    const sent = await devWallet(first, 0).sendTransaction({ to: oracle, data: init });
    await sent.wait();
    await first.increaseTime(43_200);
    const before = await latest(first.rpc);
    await first.stop();

    const second = await startChain({ stateFile });
    try {
      expect((await second.rpc.getBlock(before.number))?.hash).toBe(before.hash);
      expect((await second.rpc.getTransactionReceipt(sent.hash))?.status).toBe(1);
      expect(await second.rpc.getCode(oracle)).not.toBe('0x');
      await second.mine();
      const after = await latest(second.rpc);
      expect(after.timestamp).toBeGreaterThan(before.timestamp);
      expect(after.timestamp - Date.now() / 1000).toBeGreaterThan(43_000);
    } finally {
      await second.stop();
    }
  });

  it('makes blocks for transactions, and few when idle', async () => {
    const chain = await startChain({ blockTime: 0.02, idleBlockTime: 1000 });
    try {
      await (await devWallet(chain, 0).sendTransaction({ to: devWallet(chain, 1).address, value: 1 })).wait();
      await vi.waitFor(async () => expect(await chain.rpc.getBlockNumber()).toBeGreaterThanOrEqual(6));
      const busy = await chain.rpc.getBlockNumber();
      for (let look = 0; look < 100; look++) await chain.rpc.getBlockNumber();
      expect(await chain.rpc.getBlockNumber()).toBeLessThanOrEqual(busy + 1);
    } finally {
      await chain.stop();
    }
  });
});

describe('a killed chain', () => {
  const kills = isLong ? 5 : 2;
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  async function start(stateFile: string): Promise<{ child: ChildProcess; rpc: Rpc }> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'keptChain.ts'), stateFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [line] = await once(child.stdout, 'data');
    const { url } = JSON.parse(String(line));
    return { child, rpc: await connect([url], { pollMs: 20 }) };
  }
  it('starts again from a whole state after each kill -9 while it saves, and anvil dies with its parent', {
    timeout: 60_000,
  }, async () => {
    const stateFile = join(folder, 'killed.state');
    const wallet = new Wallet('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
    /** When the transaction with this nonce was known to be mined. */
    const minedAt: number[] = [];
    for (let round = 0; round <= kills; round++) {
      const { child, rpc } = await start(stateFile);
      const signer = wallet.connect(rpc);
      const kept = await rpc.getTransactionCount(wallet.address);
      // About the last second may be lost, no more.
      const killedAt = Math.max(0, ...minedAt);
      expect(kept).toBeGreaterThanOrEqual(minedAt.filter((at) => at < killedAt - 1_500).length);
      minedAt.length = kept;
      for (let payment = 0; payment < 4 + round; payment++) {
        await (await signer.sendTransaction({ to: signer.address, data: `0x${'ab'.repeat(20_000)}` })).wait();
        minedAt.push(Date.now());
      }
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await vi.waitFor(() => expect(rpc.send('eth_chainId', [])).rejects.toThrow(), { timeout: 5_000 });
      rpc.destroy();
    }
  });
});

describe('when it can’t start', () => {
  it('names the setting for a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(startChain({ port })).rejects.toThrow(
      new LocalChainError(
        `Port ${port} is in use, so the embedded chain can’t start. Stop what uses it, or choose another: CHAIN_PORT=${port + 1}`,
      ),
    );
    server.close();
  });

  it('says so when the saved state is not one', async () => {
    const stateFile = join(folder, 'broken.state');
    writeFileSync(stateFile, 'not a state');
    await expect(startChain({ stateFile })).rejects.toThrow(/can’t start from its saved state/);
  });

  it('says so when there is no anvil', () => {
    expect(() => anvilPath({ ANVIL_PATH: '/nowhere/anvil' })).toThrow(/ANVIL_PATH names \/nowhere\/anvil/);
    expect(anvilPath({})).toMatch(/anvil$/);
  });
});
