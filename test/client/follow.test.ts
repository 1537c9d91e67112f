import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type Cursor,
  cursorSchema,
  type FollowOptions,
  follow,
  RetryableError,
  type Update,
} from '../../contracts/client/follow/follow.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { LocalChain } from '../../contracts/client/LocalChain.ts';
import { workloadHash } from '../../contracts/client/Query.ts';
import type { Rpc } from '../../contracts/client/Rpc.ts';
import { quiet, startChain } from './chain.ts';
import { createWorld, type World } from './market.ts';

let chain: LocalChain;
let world: World;
async function begin(): Promise<void> {
  chain = await startChain({ blockTime: 0.02 });
  world = await createWorld(chain);
}
beforeAll(begin);
afterAll(() => chain.stop());

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A follower that keeps a list of the scripts published, as a store would: added by forward, removed by undo. */
function start(options: Partial<FollowOptions> = {}) {
  const stopper = new AbortController();
  const updates: Update[] = [];
  let kept: { block: number; workload: Hex }[] = [];
  let cursor: Cursor | undefined;
  const done = follow({
    rpc: chain.rpc,
    deployment: world.deployment,
    start: { fromBlock: world.deployment.fromBlock },
    confirmations: 0,
    pollMs: 10,
    log: quiet,
    ...options,
    signal: stopper.signal,
    async onUpdate(update) {
      await options.onUpdate?.(update);
      updates.push(update);
      if (update.type === 'undo') kept = kept.filter(({ block }) => block <= update.toBlock);
      else {
        for (const event of update.events) {
          if (event.type === 'WorkloadPublished') kept.push({ block: event.location.block, workload: event.workload });
        }
      }
      cursor = JSON.parse(JSON.stringify(update.cursor));
    },
  });
  done.catch(() => {});
  const stop = async () => {
    stopper.abort();
    await done;
  };
  stops.push(() => stop().catch(() => {}));
  return {
    updates,
    done,
    stop,
    workloads: () => kept.map(({ workload }) => workload),
    cursor: () => cursorSchema.parse(cursor) as Cursor,
  };
}

let scripts = 0;
/** Publishes a new script. @returns its hash */
async function publish(): Promise<Hex> {
  const text = `prompt = "${++scripts}"\ninput = ""`;
  await world.send(world.owner, world.registry.calls.publish(text));
  return workloadHash(text);
}
const mine = (blocks: number) => chain.rpc.send('anvil_mine', [`0x${blocks.toString(16)}`]);
const soon = { timeout: 10_000, interval: 10 };

/** What the chain says now. */
async function published(): Promise<Hex[]> {
  const filter = { address: world.deployment.registry, fromBlock: '0x0', topics: [[await topic()]] };
  const logs: { topics: Hex[] }[] = await chain.rpc.send('eth_getLogs', [filter]);
  return logs.map(({ topics }) => topics[1] ?? '0x');
}
async function topic(): Promise<Hex> {
  const { load } = await import('../../contracts/client/Artifact.ts');
  return load('IModelRegistry').abi.getEvent('WorkloadPublished')?.topicHash as Hex;
}

/** A provider that answers some questions otherwise. */
function altered(change: (method: string, params: unknown[], real: () => Promise<unknown>) => Promise<unknown>): Rpc {
  return new Proxy(chain.rpc, {
    get: (target, name) =>
      name === 'send'
        ? (method: string, params: unknown[]) => change(method, params, () => target.send(method, params))
        : Reflect.get(target, name),
  }) as Rpc;
}

describe('following', () => {
  it('catches up, then hands over each event in its block, with where it stands', async () => {
    const past = await publish();
    await mine(300);
    const follower = start();
    await vi.waitFor(() => expect(follower.workloads()).toContain(past), soon);
    const now = await publish();
    await vi.waitFor(() => expect(follower.workloads().at(-1)).toBe(now), soon);
    expect(follower.workloads()).toEqual(await published());
    for (const update of follower.updates) {
      if (update.type !== 'forward') throw new Error('nothing was undone');
      for (const { location } of update.events) {
        const block = await chain.rpc.getBlock(location.block);
        expect(location).toMatchObject({ blockHash: block?.hash, timestamp: block?.timestamp });
      }
      expect(update.timestamp).toBe((await chain.rpc.getBlock(update.to))?.timestamp);
    }
    const [first] = follower.updates;
    expect(first).toMatchObject({ type: 'forward', from: world.deployment.fromBlock });
    const types = follower.updates.flatMap((update) =>
      update.type === 'forward' ? update.events.map(({ type }) => type) : [],
    );
    expect(types).toContain('ModelListed');
    expect(types).toContain('Offered');
  });

  it('goes on from its cursor: nothing twice, nothing left out', async () => {
    const first = start();
    await publish();
    await vi.waitFor(async () => expect(first.workloads()).toEqual(await published()), soon);
    await first.stop();
    await publish();
    await mine(200);
    await publish();
    const second = start({ start: first.cursor() });
    await vi.waitFor(
      async () => expect([...first.workloads(), ...second.workloads()]).toEqual(await published()),
      soon,
    );
    expect(second.updates[0]).toMatchObject({ type: 'forward', from: first.cursor().number + 1 });
    expect(second.cursor().recent.length).toBeLessThan(150);
  });

  it('waits for confirmations', async () => {
    const follower = start({ confirmations: 3 });
    const hash = await publish();
    await vi.waitFor(() => expect(follower.workloads()).toContain(hash), soon);
    const seen = follower.updates.find(
      (update) =>
        update.type === 'forward' &&
        update.events.some((event) => event.type === 'WorkloadPublished' && event.workload === hash),
    );
    const head = await chain.rpc.getBlockNumber();
    expect(seen?.type === 'forward' && seen.to).toBeLessThanOrEqual(head - 3);
  });

  it('looks at once when a node announces a block, and finds what was announced while it was away', async () => {
    const follower = start({ pollMs: 600_000, announcements: chain.url.replace('http', 'ws') });
    await vi.waitFor(async () => expect(follower.workloads()).toEqual(await published()), soon);
    for (let round = 0; round < 3; round++) {
      const hash = await publish();
      await vi.waitFor(() => expect(follower.workloads()).toContain(hash), { timeout: 5_000, interval: 5 });
    }
  });

  it('goes on by polling while nobody announces', async () => {
    const follower = start({ announcements: 'ws://127.0.0.1:9' });
    const hash = await publish();
    await vi.waitFor(() => expect(follower.workloads()).toContain(hash), soon);
  });

  it('gets along with a node that gives few blocks at once', async () => {
    await mine(500);
    const asked: number[] = [];
    const rpc = altered((method, [filter], real) => {
      if (method !== 'eth_getLogs') return real();
      const { fromBlock, toBlock } = filter as { fromBlock?: string; toBlock?: string };
      if (fromBlock === undefined) return real();
      const blocks = Number(toBlock) - Number(fromBlock) + 1;
      asked.push(blocks);
      return blocks > 100 ? Promise.reject(new Error('query exceeds max block range')) : real();
    });
    const follower = start({ rpc });
    await vi.waitFor(async () => expect(follower.workloads()).toEqual(await published()), soon);
    expect(asked.some((blocks) => blocks > 100)).toBe(true);
  });
});

describe('what the caller throws', () => {
  it('a RetryableError brings the same update again', async () => {
    let failures = 0;
    const refused: Update[] = [];
    const follower = start({
      async onUpdate(update) {
        if (update.type === 'forward' && update.events.length > 0 && failures++ < 2) {
          refused.push(update);
          throw new RetryableError('busy');
        }
      },
    });
    await vi.waitFor(async () => expect(follower.workloads()).toEqual(await published()), soon);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toBe(refused[1]);
  });

  it('anything else ends it', async () => {
    const follower = start({
      async onUpdate() {
        throw new TypeError('a bug');
      },
    });
    await expect(follower.done).rejects.toThrow(new TypeError('a bug'));
  });
});

describe('reorganisations', () => {
  // anvil forgets the state of blocks a thousand below its head, and then can't reorganise rightly.
  beforeAll(async () => {
    await chain.stop();
    await begin();
  });

  it('undoes exactly what was replaced', async () => {
    const stays = await publish();
    await mine(3);
    const ancestor = await chain.rpc.getBlockNumber();
    const follower = start();
    const goes = await publish();
    await vi.waitFor(() => expect(follower.workloads()).toContain(goes), soon);
    await chain.reorganiseAbove(ancestor);
    await vi.waitFor(() => expect(follower.updates.some(({ type }) => type === 'undo')).toBe(true), soon);
    const undo = follower.updates.find(({ type }) => type === 'undo');
    expect(undo?.type === 'undo' && undo.toBlock).toBeGreaterThanOrEqual(ancestor);
    const later = await publish();
    await vi.waitFor(() => expect(follower.workloads().at(-1)).toBe(later), soon);
    expect(follower.workloads()).toContain(stays);
    expect(follower.workloads()).not.toContain(goes);
    expect(follower.workloads()).toEqual(await published());
  });

  it('finds its way back from one deeper than all blocks it remembers singly', async () => {
    const follower = start();
    await publish();
    await vi.waitFor(async () => expect(follower.workloads()).toEqual(await published()), soon);
    await mine(200);
    const head = await chain.rpc.getBlockNumber();
    await vi.waitFor(() => expect(follower.cursor().number).toBeGreaterThanOrEqual(head), soon);
    await follower.stop();
    await chain.reorganiseAbove(head - 180);
    const again = start({ start: follower.cursor() });
    const later = await publish();
    await vi.waitFor(() => expect(again.workloads().at(-1)).toBe(later), soon);
    const undo = again.updates.find(({ type }) => type === 'undo');
    if (undo?.type !== 'undo') throw new Error('not undone');
    expect(undo.toBlock).toBeLessThanOrEqual(head - 180);
  });

  it('sees a chain that lost its newest blocks to a kill as reorganised', async () => {
    const follower = start();
    const stays = await publish();
    const snapshot = await chain.rpc.send('evm_snapshot', []);
    const lost = await publish();
    await vi.waitFor(() => expect(follower.workloads()).toContain(lost), soon);
    await chain.rpc.send('evm_revert', [snapshot]);
    const later = await publish();
    await vi.waitFor(() => expect(follower.workloads().at(-1)).toBe(later), soon);
    expect(follower.workloads()).toContain(stays);
    expect(follower.workloads()).toEqual(await published());
  });
});

describe('a node not to rely on', () => {
  it('whose head goes back and forth undoes nothing', async () => {
    let looks = 0;
    const rpc = altered((method, params, real) => {
      if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest' || ++looks % 2 === 0) return real();
      return chain.rpc
        .getBlockNumber()
        .then((head) => chain.rpc.send(method, [`0x${Math.max(1, head - 3).toString(16)}`, false]));
    });
    const follower = start({ rpc });
    for (let round = 0; round < 5; round++) await publish();
    await vi.waitFor(async () => expect(follower.workloads()).toEqual(await published()), soon);
    expect(follower.updates.filter(({ type }) => type === 'undo')).toEqual([]);
  });

  it('that shows a dying branch once undoes nothing', async () => {
    let lies = 3;
    const rpc = altered(async (method, params, real) => {
      const found = (await real()) as { parentHash: Hex; hash: Hex } | null;
      if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest' || !found || looks++ % 4 !== 3 || lies-- <= 0)
        return found;
      return { ...found, hash: `0x${'ab'.repeat(32)}`, parentHash: `0x${'cd'.repeat(32)}` };
    });
    let looks = 0;
    const follower = start({ rpc });
    for (let round = 0; round < 4; round++) await publish();
    await vi.waitFor(async () => expect(follower.workloads()).toEqual(await published()), soon);
    await vi.waitFor(() => expect(lies).toBeLessThanOrEqual(0), soon);
    expect(follower.updates.filter(({ type }) => type === 'undo')).toEqual([]);
  });

  it('that is gone for a while: it goes on when it is back', async () => {
    let down = false;
    const rpc = altered((_, __, real) => (down ? Promise.reject(new Error('connection refused')) : real()));
    const follower = start({ rpc });
    await vi.waitFor(() => expect(follower.updates.length).toBeGreaterThan(0), soon);
    down = true;
    const missed = await publish();
    await mine(150);
    down = false;
    await vi.waitFor(() => expect(follower.workloads()).toContain(missed), soon);
    expect(follower.workloads()).toEqual(await published());
  });

  it('that adds other contracts’ logs is not believed', async () => {
    const stranger: Address = '0x00000000000000000000000000000000000000AA';
    const rpc = altered(async (method, _, real) => {
      const found = await real();
      if (method !== 'eth_getLogs') return found;
      return (found as { address: string }[]).flatMap((log) => [log, { ...log, address: stranger }]);
    });
    const follower = start({ rpc });
    await publish();
    await vi.waitFor(async () => expect(follower.workloads()).toEqual(await published()), soon);
  });
});

it('after any mixture of these it has what the chain has', async () => {
  const follower = start({ pollMs: 1 });
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(seed / 65_536) % below;
  };
  for (let step = 0; step < 40; step++) {
    const kind = random(4);
    if (kind < 2) await publish();
    else if (kind === 2) await mine(1 + random(20));
    else await chain.reorganise(1 + random(12));
  }
  await publish();
  const hasAll = () => vi.waitFor(async () => expect(follower.workloads()).toEqual(await published()), soon);
  await hasAll();
  // On a busy machine it may have slept through every one of those; this one takes back what it has.
  await chain.reorganise(3);
  await publish();
  await hasAll();
  expect(follower.updates.some(({ type }) => type === 'undo')).toBe(true);
});
