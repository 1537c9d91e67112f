import type { Ask } from '../../contracts/client/Ask.ts';
import { address, type Hex, zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import type { AskEvent, Location, MarketEvent } from '../../contracts/client/MarketEvent.ts';

export type Located = MarketEvent & { location: Location };
export const us = address('0x00000000000000000000000000000000000000aa');
export const them = address('0x00000000000000000000000000000000000000bb');
export const idOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
export const ask: Ask = {
  account: 2n ** 200n,
  opener: them,
  seller: them,
  host: us,
  token: zeroAddress,
  model: 1n,
  hostPrice: 5n,
  royalty: 2n,
  deadline: 10_000n,
  exclusiveUntil: 500n,
  reportWithin: 3_600n,
  inputBytes: 3n,
  soleHost: false,
  byReport: false,
  toWallet: true,
};
export const at = (block: number, logIndex = 0): Location => ({
  block,
  blockHash: idOf(block),
  timestamp: 1_000 + block,
  transactionHash: idOf(block),
  logIndex,
});
export const asked = (n: number, more: Partial<Extract<AskEvent, { type: 'Asked' }>> = {}): AskEvent => ({
  type: 'Asked',
  queryId: idOf(n),
  account: ask.account,
  host: us,
  ask,
  workload: idOf(99),
  parent: zeroHash,
  userSalt: idOf(n),
  input: `q${n} {"$bigint":"1"}`,
  script: '0x',
  ...more,
});
export const delivered = (n: number, host = us): AskEvent => ({
  type: 'Delivered',
  queryId: idOf(n),
  host,
  answer: `a${n}`,
  answerHash: idOf(500 + n),
});
export const sealed = (n: number, report: number): AskEvent => ({
  type: 'Sealed',
  queryId: idOf(n),
  reportQueryId: idOf(report),
  host: us,
  reportedAt: 2_000n,
});
export const put = (event: AskEvent, block: number, logIndex = 0): Located => ({
  ...event,
  location: at(block, logIndex),
});
