import { keccak256, solidityPacked } from 'ethers';
import { load } from './Artifact.ts';
import { type Call, encode } from './Call.ts';
import type { Deployment } from './Deployment.ts';
import { type Address, address, type Hex, hex } from './Hex.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';

/** `Governance.VoteResult`, in its order. `failed`: the disputer was wrong, the value stands. */
export const voteResults = ['failed', 'passed', 'invalid'] as const;
export type VoteResult = (typeof voteResults)[number];

/** One round of a dispute; times in unix seconds, `fee` in smallest units of the oracle's token. */
export type Vote = {
  identifier: Hex;
  round: number;
  startedAt: number;
  fee: bigint;
  /** 0: not counted yet. */
  talliedAt: number;
  executed: boolean;
  /** Meaningful once counted. */
  result: VoteResult;
  initiator: Address;
};

export type Governance = ReturnType<typeof createGovernance>;

/** Tellor's Governance. Reads reject with ContractError; `calls` only describe transactions. */
export function createGovernance(rpc: Rpc, deployment: Deployment) {
  const to = deployment.governance;
  const { abi } = load('Governance');
  const read = createReader(rpc, to, abi);
  const call = (name: string, args: readonly unknown[]): Call => encode(to, abi, name, args);

  return {
    address: to,

    /** The ids of a report's rounds of voting, oldest first; empty when it was never disputed. */
    async voteRounds(queryId: Hex, timestamp: number | bigint): Promise<bigint[]> {
      const identifier = keccak256(solidityPacked(['bytes32', 'uint256'], [queryId, timestamp]));
      const [rounds] = await read('getVoteRounds', [identifier]);
      return Array.from(rounds, (id) => BigInt(String(id)));
    },
    async voteInfo(disputeId: bigint): Promise<Vote> {
      const [identifier, numbers, executed, result, initiator] = await read('getVoteInfo', [disputeId]);
      return {
        identifier: hex(String(identifier)),
        round: Number(numbers[0]),
        startedAt: Number(numbers[1]),
        fee: BigInt(numbers[3]),
        talliedAt: Number(numbers[4]),
        executed: Boolean(executed),
        result: voteResults[Number(result)] ?? 'invalid',
        initiator: address(String(initiator)),
      };
    },
    async didVote(disputeId: bigint, voter: Address): Promise<boolean> {
      return Boolean((await read('didVote', [disputeId, voter]))[0]);
    },
    /** What the first dispute of a report costs, smallest units of the oracle's token. */
    async disputeFee(): Promise<bigint> {
      return BigInt((await read('getDisputeFee'))[0]);
    },

    calls: {
      beginDispute: (queryId: Hex, timestamp: number | bigint): Call => call('beginDispute', [queryId, timestamp]),
      vote: (disputeId: bigint, inFavor: boolean, invalidQuery: boolean): Call =>
        call('vote', [disputeId, inFavor, invalidQuery]),
      tallyVotes: (disputeId: bigint): Call => call('tallyVotes', [disputeId]),
      executeVote: (disputeId: bigint): Call => call('executeVote', [disputeId]),
    },
  };
}
