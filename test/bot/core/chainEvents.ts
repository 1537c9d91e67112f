import type { AskRecord } from '../../../bot/core/AskRecord.ts';
import type { PlacedEvent } from '../../../bot/core/Life.ts';
import type { Ask } from '../../../contracts/client/Ask.ts';
import { type Address, address, type Hex, hex, zeroAddress, zeroHash } from '../../../contracts/client/Hex.ts';
import type { AskEvent, Location, MarketEvent } from '../../../contracts/client/MarketEvent.ts';
import { answerHash, encodeWorkload, workloadSalt } from '../../../contracts/client/Query.ts';

/** Made-up but well-formed values of the chain. */
export const wallet = address('0x1111111111111111111111111111111111111111');
export const otherWallet = address('0x2222222222222222222222222222222222222222');
export const host = address('0x3333333333333333333333333333333333333333');
export const otherHost = address('0x4444444444444444444444444444444444444444');
export const seller = address('0x5555555555555555555555555555555555555555');
export const lang = address('0x6666666666666666666666666666666666666666');
export const marketAddress = address('0x7777777777777777777777777777777777777777');
export const chainId = 31337;
export const genesis = 1_800_000_000;

export const word = (value: number): Hex => hex(`0x${value.toString(16).padStart(64, '0')}`);

export type Placed<E = MarketEvent> = E & { location: Location };

/** @param block one a second */
export function place<E extends MarketEvent>(event: E, block: number, logIndex = 0): Placed<E> {
  return {
    ...event,
    location: {
      block,
      blockHash: word(block),
      timestamp: genesis + block,
      transactionHash: word(block * 1_000 + logIndex),
      logIndex,
    },
  };
}

export function listing(
  id: bigint,
  name: string,
  terms: { token?: Address; royalty?: bigint; price?: bigint } = {},
): MarketEvent[] {
  const { token = zeroAddress, royalty = 0n, price = 0n } = terms;
  return [
    {
      type: 'ModelListed',
      modelId: id,
      seller,
      workload: word(Number(id) + 500),
      token,
      royalty,
      listedHostsOnly: false,
      name,
      metadata: JSON.stringify({ description: `About ${name}`, turns: id === 1n ? 2 : 0 }),
    },
    offer(id, host, token, price),
  ];
}

export function offer(modelId: bigint, by: Address, token: Address, price: bigint): MarketEvent {
  return {
    type: 'Offered',
    host: by,
    modelId,
    token,
    price,
    maxInputBytes: 8_000n,
    exclusiveSeconds: 60n,
    reportWithinSeconds: 600n,
  };
}

/** The payment of an ask, as the market would tell it. */
export function payment(
  record: Pick<AskRecord, 'workload' | 'question' | 'parent' | 'userSalt' | 'model' | 'price' | 'soleHost'>,
  block: number,
  opener = wallet,
  deadline = genesis + block + 600,
): Placed<Extract<AskEvent, { type: 'Asked' }>> {
  const { workload, question: input, parent, userSalt } = record;
  const salt = workloadSalt({ chainId, market: marketAddress, opener, userSalt });
  const { queryId } = encodeWorkload({ workload, input, parent, salt });
  const ask: Ask = {
    account: BigInt(opener),
    opener,
    seller,
    host,
    token: record.price.token,
    model: record.model.id,
    hostPrice: record.price.hostPrice,
    royalty: record.price.royalty,
    deadline: BigInt(deadline),
    exclusiveUntil: BigInt(genesis + block + 60),
    reportWithin: 600n,
    inputBytes: BigInt(input.length),
    soleHost: record.soleHost,
    byReport: false,
    toWallet: true,
  };
  return place(
    { type: 'Asked', queryId, account: ask.account, host, ask, workload, parent, userSalt, input, script: '0x' },
    block,
  );
}

const placeAsk = (event: AskEvent, block: number, logIndex = 0): PlacedEvent =>
  place(event, block, logIndex) as PlacedEvent;

/** What follows a payment. */
export function after(asked: Extract<AskEvent, { type: 'Asked' }>) {
  const { queryId, ask } = asked;
  return {
    takenOver: (block: number) =>
      placeAsk(
        {
          type: 'TakenOver',
          queryId,
          host: otherHost,
          ask: { ...ask, host: otherHost, exclusiveUntil: BigInt(genesis + block + 60) },
        },
        block,
      ),
    declined: (block: number, reason = 'The model is busy.') =>
      placeAsk({ type: 'Declined', queryId, host, reason }, block),
    delivered: (block: number, answer = 'An **oracle**.') =>
      placeAsk({ type: 'Delivered', queryId, host, answer, answerHash: answerHash(answer) }, block),
    sealed: (block: number, logIndex = 1) =>
      placeAsk(
        { type: 'Sealed', queryId, reportQueryId: zeroHash, host, reportedAt: BigInt(genesis + block) },
        block,
        logIndex,
      ),
    settled: (block: number) =>
      placeAsk({ type: 'Settled', queryId, host, seller, hostPrice: ask.hostPrice, royalty: ask.royalty }, block),
    refunded: (block: number, reason: 'declined' | 'overdue' | 'notReported' | 'disputeLost' = 'overdue') =>
      placeAsk({ type: 'Refunded', queryId, account: ask.account, reason, amount: ask.hostPrice + ask.royalty }, block),
  };
}
