import { connect, latest, type Rpc } from '../../../contracts/client/Rpc.ts';
import { verify } from '../../../contracts/client/Verify.ts';
import type { Context } from '../Context.ts';
import { type Finding, look } from './Finding.ts';

/** Blocks by which nodes of one chain may differ. */
const apart = 10;
const staleSeconds = 300;
const aheadSeconds = 30;

/** The nodes each by itself, together, this machine's clock, and what lies at the addresses. */
export async function* chainChecks({ settings, deployment, rpc }: Context): AsyncGenerator<Finding> {
  const nodes = await Promise.all(
    settings.RPC_URLS.map(async (url) => {
      const node = await connect([url], { chainId: deployment.chainId });
      const head = await latest(node).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      );
      return { host: new URL(url).host, node, head };
    }),
  );
  for (const { host, head } of nodes)
    yield await look(
      'node',
      'Check this URL of RPC_URLS: it must be reachable, and of the chain of DEPLOYMENT_FILE.',
      () =>
        typeof head === 'string'
          ? { ok: false, found: head }
          : { ok: true, found: `${host} of chain ${deployment.chainId}, block ${head.number}` },
    );
  const alive = nodes.flatMap(({ host, node, head }) => (typeof head === 'string' ? [] : [{ host, node, ...head }]));
  if (nodes.length > 1) yield await agreement(alive);
  else if (!deployment.embedded)
    yield {
      name: 'nodes agree',
      ok: true,
      found: 'there is only one',
      cure: 'Name a second node of another provider in RPC_URLS: when one fails, the next is asked.',
    };
  const head = alive[0];
  if (head !== undefined)
    yield await look(
      'clock',
      'Synchronise this machine’s clock (timedatectl set-ntp true), or use another node.',
      () => {
        const age = Math.round(Date.now() / 1_000) - head.timestamp;
        const found = `the newest block is ${Math.abs(age)} s ${age < 0 ? 'ahead of this machine’s clock' : 'old'}`;
        return { ok: deployment.embedded === true || (age <= staleSeconds && age >= -aheadSeconds), found };
      },
    );
  yield await look('contracts', 'Get the right DEPLOYMENT_FILE, or update this program.', async () => {
    const findings = await verify(rpc, deployment);
    const wrong = findings.filter(({ level }) => level === 'wrong').map(({ what }) => what);
    const odd = findings.filter(({ level }) => level === 'warning').map(({ what }) => what);
    return wrong.length > 0
      ? { ok: false, found: wrong.join('; ') }
      : { ok: true, found: [`the market at ${deployment.market} is as it should be`, ...odd].join('; ') };
  });
}

async function agreement(alive: readonly { host: string; node: Rpc; number: number }[]): Promise<Finding> {
  return look(
    'nodes agree',
    'Take the node that stands alone out of RPC_URLS: it is behind, or follows another chain.',
    async () => {
      if (alive.length < 2) return { ok: false, found: `${alive.length} of them answer`, cure: 'See the nodes above.' };
      const lowest = Math.min(...alive.map(({ number }) => number));
      const highest = Math.max(...alive.map(({ number }) => number));
      const hashes = new Map(
        await Promise.all(
          alive.map(
            async ({ host, node }): Promise<[string, string | undefined]> => [
              host,
              (await node.getBlock(lowest))?.hash ?? undefined,
            ],
          ),
        ),
      );
      const same = new Set(hashes.values()).size === 1;
      return {
        ok: same && highest - lowest <= apart,
        found: same
          ? `they are at the blocks ${lowest} to ${highest}, of one chain`
          : `they differ about block ${lowest}: ${[...hashes].map(([host, hash]) => `${host} ${hash?.slice(0, 10) ?? 'none'}`).join(', ')}`,
      };
    },
  );
}
