import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { afterAll, expect, it, vi } from 'vitest';
import { deploy } from '../../contracts/client/Deploy.ts';
import { follow } from '../../contracts/client/follow/follow.ts';
import type { Hex } from '../../contracts/client/Hex.ts';
import { workloadHash } from '../../contracts/client/Query.ts';
import { createRegistry } from '../../contracts/client/Registry.ts';
import { connect } from '../../contracts/client/Rpc.ts';
import { createSender } from '../../contracts/client/send/Sender.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { quiet } from './chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'killed-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function startChain(port = 0): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'keptChain.ts'), join(folder, 'state'), String(port)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { child, url: String(JSON.parse(String(line)).url) };
}

it('sender and follower come through a chain that is killed and loses its newest blocks', {
  timeout: 60_000,
}, async () => {
  const first = await startChain();
  const rpc = await connect([first.url], { pollMs: 20, timeoutMs: 2_000 });
  const wallet = new Wallet('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80', rpc);
  const deployment = await deploy({ rpc, signer: wallet });
  const { calls } = createRegistry(rpc, deployment);
  const sender = createSender({
    rpc,
    wallet,
    database: open(join(folder, 'sender.sqlite')),
    chainId: 31337,
    log: quiet,
    pollMs: 20,
  });

  let seen: { block: number; workload: Hex }[] = [];
  const stopper = new AbortController();
  const following = follow({
    rpc,
    deployment,
    start: { fromBlock: deployment.fromBlock },
    confirmations: 0,
    pollMs: 20,
    signal: stopper.signal,
    log: quiet,
    async onUpdate(update) {
      if (update.type === 'undo') seen = seen.filter(({ block }) => block <= update.toBlock);
      else {
        for (const event of update.events) {
          if (event.type === 'WorkloadPublished') seen.push({ block: event.location.block, workload: event.workload });
        }
      }
    },
  });

  const hashes: Hex[] = [];
  const publish = async (count: number) => {
    const outcomes = [];
    for (let index = 0; index < count; index++) {
      const script = `prompt = "${hashes.length}"\ninput = ""`;
      hashes.push(workloadHash(script));
      outcomes.push(await sender.submit({ key: script, call: calls.publish(script) }));
    }
    return outcomes;
  };
  let { child } = first;
  for (let round = 0; round < 2; round++) {
    await publish(5);
    await vi.waitFor(() => expect(seen).toHaveLength(hashes.length), { timeout: 5_000 });
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    // Submitted while there is no chain.
    const late = publish(1);
    await vi.waitFor(() => expect(rpc.send('eth_chainId', [])).rejects.toThrow());
    ({ child } = await startChain(Number(new URL(first.url).port)));
    expect(await late).toMatchObject([{ type: 'mined' }]);
  }
  await publish(1);
  await vi.waitFor(() => expect(new Set(seen.map(({ workload }) => workload))).toEqual(new Set(hashes)), {
    timeout: 20_000,
  });
  expect(seen).toHaveLength(hashes.length);
  expect(await wallet.getNonce()).toBe(6 + hashes.length);
  stopper.abort();
  await following;
  await sender.stop();
  rpc.destroy();
});
