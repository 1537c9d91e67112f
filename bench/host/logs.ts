import { load } from '../../contracts/client/Artifact.ts';
import type { Stand } from '../../test/host/support.ts';

/** What the chain says of the asks since a block. Times in unix seconds of their blocks. */
export type Seen = { asked: Map<string, number>; sealed: Map<string, number>; deliveries: number; reports: number };

export function createMarketLogs({ chain, deployment, hostContract }: Stand) {
  const { abi } = load('IAskMarket');
  const topicOf = (name: string): string => abi.getEvent(name)?.topicHash ?? '';
  const reported = load('IHost').abi.getEvent('Reported')?.topicHash ?? '';
  return {
    since: async (block: number): Promise<Seen> => {
      const find = async (address: string, topic: string): Promise<{ id: string; at: number }[]> => {
        const logs = (await chain.rpc.send('eth_getLogs', [
          { address, topics: [topic], fromBlock: `0x${(block + 1).toString(16)}`, toBlock: 'latest' },
        ])) as { topics: string[]; blockTimestamp: string }[];
        return logs.map(({ topics, blockTimestamp }) => ({ id: topics[1] ?? '', at: Number(blockTimestamp) }));
      };
      const [asked, delivered, sealed, reports] = await Promise.all([
        find(deployment.market, topicOf('Asked')),
        find(deployment.market, topicOf('Delivered')),
        find(deployment.market, topicOf('Sealed')),
        find(hostContract, reported),
      ]);
      const times = (found: { id: string; at: number }[]) => new Map(found.map(({ id, at }) => [id, at]));
      return { asked: times(asked), sealed: times(sealed), deliveries: delivered.length, reports: reports.length };
    },
  };
}
