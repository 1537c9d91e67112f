import { load } from './Artifact.ts';
import { type Call, encode } from './Call.ts';
import type { Deployment } from './Deployment.ts';
import { type Address, address, type Hex, hex } from './Hex.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';

/** A reporter's stake; amounts in smallest units of the oracle's token, times in unix seconds. */
export type Staker = {
  /** Of the last deposit or withdrawal request. */
  startedAt: number;
  staked: bigint;
  /** Requested back; free seven days after the request. */
  locked: bigint;
  /** 0: never. */
  lastReportAt: number;
  reports: bigint;
};

export type Oracle = ReturnType<typeof createOracle>;

/** TellorFlex. Reads reject with ContractError; `calls` only describe transactions. */
export function createOracle(rpc: Rpc, deployment: Deployment) {
  const to = deployment.oracle;
  const { abi } = load('TellorFlex');
  const read = createReader(rpc, to, abi);
  const call = (name: string, args: readonly unknown[]): Call => encode(to, abi, name, args);
  const number = async (name: string, args?: readonly unknown[]) => BigInt((await read(name, args))[0]);

  async function stakerInfo(reporter: Address): Promise<Staker> {
    const info = await read('getStakerInfo', [reporter]);
    return {
      startedAt: Number(info[0]),
      staked: BigInt(info[1]),
      locked: BigInt(info[2]),
      lastReportAt: Number(info[4]),
      reports: BigInt(info[5]),
    };
  }
  const stakeAmount = () => number('getStakeAmount');
  const reportingLock = async () => Number(await number('getReportingLock'));

  return {
    address: to,
    stakerInfo,
    /** One stake: what a report risks. */
    stakeAmount,
    /** Seconds between two reports of a reporter with a single stake. */
    reportingLock,
    /** Unix second from which the reporter's next report is taken; Infinity below one stake. */
    async nextReportAt(reporter: Address): Promise<number> {
      const [staker, one, lock] = await Promise.all([stakerInfo(reporter), stakeAmount(), reportingLock()]);
      return nextReportAt({ lastReportAt: staker.lastReportAt, staked: staker.staked, stakeAmount: one, lock });
    },
    async isInDispute(queryId: Hex, timestamp: number | bigint): Promise<boolean> {
      return Boolean((await read('isInDispute', [queryId, timestamp]))[0]);
    },
    /** The value reported at that second; `0x` when there is none or it was disputed. */
    async retrieve(queryId: Hex, timestamp: number | bigint): Promise<Hex> {
      return hex(String((await read('retrieveData', [queryId, timestamp]))[0]));
    },
    async reporterAt(queryId: Hex, timestamp: number | bigint): Promise<Address> {
      return address(String((await read('getReporterByTimestamp', [queryId, timestamp]))[0]));
    },
    /** How many values were reported for the query, disputed ones included. */
    valueCount: (queryId: Hex) => number('getNewValueCountbyQueryId', [queryId]),
    /** When the index-th value of the query was reported, unix seconds. */
    timestampAt: async (queryId: Hex, index: bigint): Promise<number> =>
      Number(await number('getTimestampbyQueryIdandIndex', [queryId, index])),
    async governance(): Promise<Address> {
      return address(String((await read('governance'))[0]));
    },
    async token(): Promise<Address> {
      return address(String((await read('token'))[0]));
    },

    calls: {
      depositStake: (amount: bigint): Call => call('depositStake', [amount]),
      requestStakingWithdraw: (amount: bigint): Call => call('requestStakingWithdraw', [amount]),
      withdrawStake: (): Call => call('withdrawStake', []),
      /** @param nonce number of values reported before, or 0n for any */
      submitValue: (queryId: Hex, value: Hex, nonce: bigint, queryData: Hex): Call =>
        call('submitValue', [queryId, value, nonce, queryData]),
    },
  };
}

/** TellorFlex: (now - last) * 1000 > lock * 1000 / floor(staked / stakeAmount), in whole numbers. Unix seconds. */
export function nextReportAt(of: { lastReportAt: number; staked: bigint; stakeAmount: bigint; lock: number }): number {
  if (of.stakeAmount === 0n || of.staked < of.stakeAmount) return Number.POSITIVE_INFINITY;
  const waitMs = (BigInt(of.lock) * 1000n) / (of.staked / of.stakeAmount);
  return of.lastReportAt + Number(waitMs / 1000n) + 1;
}
