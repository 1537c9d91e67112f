import { z } from 'zod';
import { load } from '../Artifact.ts';
import { type ChainLog, decodeLog, eventNames, type Located } from '../Decode.ts';
import type { Deployment } from '../Deployment.ts';
import { type Hex, hex } from '../Hex.ts';
import type { MarketEvent } from '../MarketEvent.ts';
import type { Rpc } from '../Rpc.ts';

export type Header = { number: number; hash: Hex; parentHash: Hex; timestamp: number };

const word = z.string().transform((value) => hex(value));
const quantity = z.string().transform(Number);
const headerSchema = z.object({ number: quantity, hash: word, parentHash: word, timestamp: quantity });
const logSchema = z.object({
  address: z.string(),
  topics: z.array(z.string()),
  data: z.string(),
  blockNumber: quantity,
  blockHash: word,
  transactionHash: word,
  logIndex: quantity,
  removed: z.boolean().optional(),
  blockTimestamp: quantity.nullish(),
});
type RawLog = z.output<typeof logSchema>;

const toHex = (number: number): string => `0x${number.toString(16)}`;

/** Undefined when the node has no such block (yet). Rejects when it can't be asked. */
export async function headerAt(rpc: Rpc, block: number | 'latest'): Promise<Header | undefined> {
  const found = await rpc.send('eth_getBlockByNumber', [block === 'latest' ? block : toHex(block), false]);
  return found === null ? undefined : headerSchema.parse(found);
}

let topics: string[] | undefined;
function eventTopics(): string[] {
  topics ??= eventNames.flatMap((name) => {
    const event = load('IAskMarket').abi.getEvent(name) ?? load('IModelRegistry').abi.getEvent(name);
    return event ? [event.topicHash] : [];
  });
  return topics;
}

type Where = { blockHash: Hex } | { from: number; to: number };

/** The logs of market and registry that mean something to us, in the chain's order. */
async function logsOf(rpc: Rpc, deployment: Deployment, where: Where): Promise<RawLog[]> {
  const place = 'blockHash' in where ? where : { fromBlock: toHex(where.from), toBlock: toHex(where.to) };
  const filter = { address: [deployment.market, deployment.registry], topics: [eventTopics()], ...place };
  const logs = z.array(logSchema).parse(await rpc.send('eth_getLogs', [filter]));
  return logs
    .filter((log) => log.removed !== true)
    .sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

/** Blocks as one node tells them, each following the one before. */
export type Stretch = { headers: Header[]; events: Located<MarketEvent>[] };

/** What the node told does not fit together, because the chain changed meanwhile or the node is behind. Try again. */
export class InconsistentError extends Error {
  override name = 'InconsistentError';
}

/** One block's events, by its hash: a node that does not know this very block can't answer. */
export async function readBlock(rpc: Rpc, deployment: Deployment, header: Header): Promise<Stretch> {
  const logs = await logsOf(rpc, deployment, { blockHash: header.hash });
  return { headers: [header], events: located(logs, new Map([[header.number, header.timestamp]]), deployment) };
}

/**
 * Events of many blocks. With `detail` every block's header is read and checked, else the first's and last's.
 * @throws InconsistentError
 */
export async function readRange(
  rpc: Rpc,
  deployment: Deployment,
  range: { from: number; to: number; detail: boolean },
): Promise<Stretch> {
  const { from, to, detail } = range;
  const numbers = detail ? Array.from({ length: to - from + 1 }, (_, index) => from + index) : [...new Set([from, to])];
  const headers = (await Promise.all(numbers.map((number) => headerAt(rpc, number)))).filter(
    (header) => header !== undefined,
  );
  const last = headers.at(-1);
  if (headers.length !== numbers.length || !last)
    throw new InconsistentError(`The node lacks blocks of ${from} to ${to}`);
  headers.forEach((header, index) => {
    const before = headers[index - 1];
    if (before && before.number + 1 === header.number && header.parentHash !== before.hash) {
      throw new InconsistentError(`Block ${header.number} does not follow the one before`);
    }
  });
  const logs = await logsOf(rpc, deployment, { from, to });
  const after = await headerAt(rpc, to);
  if (after?.hash !== last.hash) throw new InconsistentError(`Block ${to} was replaced meanwhile`);
  const known = new Map(headers.map((header) => [header.number, header]));
  for (const log of logs) {
    const header = known.get(log.blockNumber);
    if (header ? header.hash !== log.blockHash : log.blockNumber < from || log.blockNumber > to) {
      throw new InconsistentError(`A log of block ${log.blockNumber} is not of this chain`);
    }
  }
  const times = new Map(headers.map((header) => [header.number, header.timestamp]));
  const timeless = new Set(
    logs.filter((log) => log.blockTimestamp == null && !times.has(log.blockNumber)).map((log) => log.blockNumber),
  );
  const fetched = await Promise.all([...timeless].map((number) => headerAt(rpc, number)));
  for (const header of fetched) if (header) times.set(header.number, header.timestamp);
  return { headers, events: located(logs, times, deployment) };
}

function located(
  logs: readonly RawLog[],
  times: ReadonlyMap<number, number>,
  deployment: Deployment,
): Located<MarketEvent>[] {
  return logs.flatMap(({ blockTimestamp, ...log }) => {
    const timestamp = blockTimestamp ?? times.get(log.blockNumber);
    if (timestamp === undefined) throw new InconsistentError(`Block ${log.blockNumber} has no time`);
    const whole: ChainLog = { ...log, timestamp };
    const event = decodeLog(whole, deployment);
    return event ? [event] : [];
  });
}
