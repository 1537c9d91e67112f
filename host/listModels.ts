import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseUnits, type Wallet } from 'ethers';
import { z } from 'zod';
import { decodeEvent } from '../contracts/client/Decode.ts';
import type { Deployment } from '../contracts/client/Deployment.ts';
import { address, type Hex, zeroAddress } from '../contracts/client/Hex.ts';
import { workloadHash } from '../contracts/client/Query.ts';
import { createRegistry } from '../contracts/client/Registry.ts';
import type { Rpc } from '../contracts/client/Rpc.ts';
import type { Log } from '../contracts/client/support/Log.ts';
import { sendAll } from './transactions.ts';

const folder = join(import.meta.dirname, '../models');
/** `models/models.json`: royalty in whole coins or tokens, `token` `coin` or `LANG`. */
const listingsSchema = z.array(
  z.object({
    name: z.string(),
    file: z.string(),
    token: z.enum(['coin', 'LANG']),
    royalty: z.string(),
    description: z.string(),
    tags: z.array(z.string()),
    example: z.string(),
    turns: z.number().int(),
  }),
);

export type DemoModelsOptions = { rpc: Rpc; deployment: Deployment; seller: Wallet; log: Log };

/** Publishes the workloads of `models/` and lists them; what is listed already as it should be is left alone. */
export async function listDemoModels({ rpc, deployment, seller, log }: DemoModelsOptions): Promise<void> {
  const registry = createRegistry(rpc, deployment);
  const listed = await listedBy(rpc, deployment, address(seller.address));
  const calls = listingsSchema.parse(JSON.parse(readFileSync(join(folder, 'models.json'), 'utf8'))).flatMap((demo) => {
    const script = readFileSync(join(folder, demo.file), 'utf8');
    const { description, tags, example, turns } = demo;
    const wanted = {
      workload: workloadHash(script),
      royalty: parseUnits(demo.royalty, 18),
      listedHostsOnly: false,
      name: demo.name,
      metadata: JSON.stringify({ description, tags, example, turns }),
    };
    const token = demo.token === 'coin' ? zeroAddress : deployment.token;
    const known = listed.get(demo.name);
    if (known?.workload === wanted.workload && known.metadata === wanted.metadata && known.royalty === wanted.royalty)
      return [];
    log.info({ model: demo.name, workload: wanted.workload }, known ? 'model updated' : 'model listed');
    return [
      registry.calls.publish(script),
      known ? registry.calls.update(known.modelId, wanted) : registry.calls.list({ ...wanted, token }),
    ];
  });
  if (calls.length > 0) await sendAll(rpc, seller, calls);
}

type Listed = { modelId: bigint; workload: Hex; royalty: bigint; metadata: string };

async function listedBy(rpc: Rpc, deployment: Deployment, seller: string): Promise<Map<string, Listed>> {
  const models = new Map<bigint, { name: string } & Listed>();
  for (const log of await rpc.getLogs({
    address: deployment.registry,
    fromBlock: deployment.fromBlock,
    toBlock: 'latest',
  })) {
    const event = decodeEvent(log, deployment);
    if (event?.type === 'ModelListed' && event.seller === seller) models.set(event.modelId, event);
    else if (event?.type === 'ModelUpdated' && models.has(event.modelId)) models.set(event.modelId, event);
    else if (event?.type === 'ModelRetired' || event?.type === 'ModelHandedOver') models.delete(event.modelId);
  }
  return new Map([...models.values()].map((model) => [model.name, model]));
}
