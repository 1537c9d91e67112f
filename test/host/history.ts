import type { Ask } from '../../contracts/client/Ask.ts';
import { type Address, address, type Hex, zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import type { MarketEvent } from '../../contracts/client/MarketEvent.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { applyEvents } from '../../host/store/applyUpdate.ts';
import { createJournal, type Journal } from '../../host/store/Journal.ts';

export const us = address('0x00000000000000000000000000000000000000aa');
export const them = address('0x00000000000000000000000000000000000000bb');
export const lang = address('0x00000000000000000000000000000000000000cc');
export const idOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;

const steps = ['open', 'delivered', 'sealed', 'settled'] as const;
export type Past = {
  n: number;
  model?: bigint;
  token?: Address;
  /** Smallest units. */
  price?: bigint;
  state: (typeof steps)[number] | 'declined';
  /** Unix seconds; default 1,000,000. */
  askedAt?: number;
  /** Seconds from ask to delivery; default 3. */
  waits?: number;
  /** Unix seconds; default 13 hours after the ask. */
  settledAt?: number;
  /** Several asks can share a report. */
  report?: number;
};

export function memoryJournal(): Journal {
  return createJournal(open(':memory:'), us);
}

/** Lets an ask live in the journal by its events, as the chain would tell them. */
export function live(journal: Journal, past: Past): void {
  const { n, model = 1n, token = zeroAddress, price = 5n, state, askedAt = 1_000_000, waits = 3, report = n } = past;
  const ask: Ask = {
    account: 7n,
    opener: them,
    seller: them,
    host: us,
    token,
    model,
    hostPrice: price,
    royalty: 2n,
    deadline: BigInt(askedAt + 600),
    exclusiveUntil: BigInt(askedAt + 60),
    reportWithin: 3_600n,
    inputBytes: 3n,
    soleHost: false,
    byReport: false,
    toWallet: true,
  };
  const queryId = idOf(n);
  const settledAt = past.settledAt ?? askedAt + 46_800;
  const events: [MarketEvent, number][] = [
    [
      {
        type: 'Asked',
        queryId,
        account: 7n,
        host: us,
        ask,
        workload: idOf(99),
        parent: zeroHash,
        userSalt: queryId,
        input: 'q',
        script: '0x',
      },
      askedAt,
    ],
    ...(state === 'declined'
      ? [[{ type: 'Declined', queryId, host: us, reason: 'no' }, askedAt + 1] as [MarketEvent, number]]
      : []),
  ];
  const reached = state === 'declined' ? -1 : steps.indexOf(state);
  if (reached >= 1)
    events.push([{ type: 'Delivered', queryId, host: us, answer: 'a', answerHash: idOf(9) }, askedAt + waits]);
  if (reached >= 2)
    events.push([
      { type: 'Sealed', queryId, reportQueryId: idOf(10_000 + report), host: us, reportedAt: BigInt(askedAt + waits) },
      askedAt + waits,
    ]);
  if (reached >= 3)
    events.push([{ type: 'Settled', queryId, host: us, seller: them, hostPrice: price, royalty: 2n }, settledAt]);
  journal.atomically(() =>
    applyEvents(
      journal,
      events.map(([event, timestamp], logIndex) => ({
        ...event,
        location: { block: n, blockHash: idOf(n), timestamp, transactionHash: idOf(n), logIndex },
      })),
    ),
  );
}

export function nameModel(journal: Journal, modelId: bigint, name: string): void {
  journal.atomically(() =>
    applyEvents(journal, [
      {
        type: 'ModelListed',
        modelId,
        seller: them,
        token: zeroAddress,
        royalty: 0n,
        workload: idOf(99),
        listedHostsOnly: false,
        name,
        metadata: '{}',
        location: { block: 1, blockHash: idOf(1), timestamp: 1, transactionHash: idOf(1), logIndex: Number(modelId) },
      },
    ]),
  );
}
