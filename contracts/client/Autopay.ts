import { Interface } from 'ethers';
import { z } from 'zod';
import { type Address, address, type Hex, hex } from './Hex.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';

/** The part of Tellor's published Autopay that one-time tips need; it is in no npm package. */
export const autopayAbi = new Interface([
  'function tip(bytes32 _queryId, uint256 _amount, bytes _queryData)',
  'function claimOneTimeTip(bytes32 _queryId, uint256[] _timestamps)',
  'function getCurrentTip(bytes32 _queryId) view returns (uint256)',
  'function getPastTipCount(bytes32 _queryId) view returns (uint256)',
  'function getPastTipByIndex(bytes32 _queryId, uint256 _index) view returns (tuple(uint256 amount, uint256 timestamp, uint256 cumulativeTips))',
  'function fee() view returns (uint256)',
  'function token() view returns (address)',
  'event TipAdded(bytes32 indexed _queryId, uint256 indexed _amount, bytes _queryData, address _tipper)',
  'event OneTimeTipClaimed(bytes32 indexed _queryId, uint256 indexed _amount, address indexed _reporter)',
]);

/** `timestamp`: a report from this second on earns it. `amount` in smallest units; 0: claimed. */
export type Tip = { amount: bigint; timestamp: number };
export type TipAdded = { queryId: Hex; amount: bigint; queryData: Hex; block: number };

const added = z.tuple([z.string(), z.bigint(), z.string(), z.string()]);

export type Autopay = ReturnType<typeof createAutopay>;

/** Tellor's Autopay. Reads reject with ContractError. Its lists of funded queries can be spammed and are not read: events are. */
export function createAutopay(rpc: Rpc, to: Address) {
  const read = createReader(rpc, to, autopayAbi);
  return {
    address: to,
    /** The newest tip of a query; undefined when it never had one. */
    async newestTip(queryId: Hex): Promise<Tip | undefined> {
      const count = BigInt((await read('getPastTipCount', [queryId]))[0]);
      if (count === 0n) return undefined;
      const [tip] = await read('getPastTipByIndex', [queryId, count - 1n]);
      return { amount: BigInt(tip.amount), timestamp: Number(tip.timestamp) };
    },
    /** Thousandths that it keeps of each tip. */
    async fee(): Promise<bigint> {
      return BigInt((await read('fee'))[0]);
    },
    /** What tips are paid in. */
    async token(): Promise<Address> {
      return address(String((await read('token'))[0]));
    },
    /** Tips of these blocks, in the chain's order. */
    async tipsIn(fromBlock: number, toBlock: number): Promise<TipAdded[]> {
      const topics = [autopayAbi.getEvent('TipAdded')?.topicHash ?? ''];
      const logs = await rpc.getLogs({ address: to, topics, fromBlock, toBlock });
      return logs.flatMap(({ topics: indexed, data, blockNumber }) => {
        const [queryId, amount, queryData] = added.parse([...autopayAbi.decodeEventLog('TipAdded', data, indexed)]);
        return [{ queryId: hex(queryId), amount, queryData: hex(queryData), block: blockNumber }];
      });
    },
  };
}
