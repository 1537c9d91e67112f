import { AbiCoder, type EventFragment, keccak256, ParamType, type Result } from 'ethers';
import { load } from './Artifact.ts';
import { refundReasons } from './Ask.ts';
import { fromResult } from './AskHash.ts';
import type { Deployment } from './Deployment.ts';
import { address, type Hex, hex } from './Hex.ts';
import { termsFromResult } from './Market.ts';
import { accountEventNames, type Location, type MarketEvent } from './MarketEvent.ts';
import { textOf } from './Text.ts';

export type Located<E> = E & { location: Location };

/** A log as it came from the chain, with its block's time. */
export type ChainLog = {
  address: string;
  topics: readonly string[];
  data: string;
  blockNumber: number;
  blockHash: string;
  transactionHash: string;
  logIndex: number;
  /** Of the block, unix seconds. */
  timestamp: number;
};

/** The event of a log together with where it stands; undefined when it is none of ours. Never throws for what others chose. */
export function decodeLog(log: ChainLog, deployment: Deployment): Located<MarketEvent> | undefined {
  const event = decodeEvent(log, deployment);
  if (!event) return undefined;
  return {
    ...event,
    location: {
      block: log.blockNumber,
      blockHash: hex(log.blockHash),
      timestamp: log.timestamp,
      transactionHash: hex(log.transactionHash),
      logIndex: log.logIndex,
    },
  };
}

/** The event of a log (of a receipt, say); undefined when it is none of ours. */
export function decodeEvent(
  log: { address: string; topics: readonly string[]; data: string },
  deployment: Deployment,
): MarketEvent | undefined {
  const emitter = log.address.toLowerCase();
  const name =
    emitter === deployment.market.toLowerCase()
      ? 'IAskMarket'
      : emitter === deployment.registry.toLowerCase()
        ? 'IModelRegistry'
        : undefined;
  const topic = log.topics[0];
  if (!name || topic === undefined) return undefined;
  const fragment = load(name).abi.getEvent(topic);
  if (!fragment) return undefined;
  try {
    return build(fragment, fields(fragment, log.topics, log.data));
  } catch {
    return undefined;
  }
}

/** The topics of every event that `decodeLog` understands. */
export const eventNames = [
  'Asked',
  'TakenOver',
  'Declined',
  'Delivered',
  'Sealed',
  'Settled',
  'Refunded',
  'RelayFeePaid',
  'Skipped',
  'WorkloadPublished',
  'ModelListed',
  'ModelUpdated',
  'ModelHandedOver',
  'ModelRetired',
  'HostListed',
  'Offered',
  'OfferRemoved',
  ...accountEventNames,
] as const satisfies readonly MarketEvent['type'][];

type Fields = Record<string, unknown>;

/** Strings are read as bytes: a stranger can put bytes there that are not UTF-8. */
function fields(fragment: EventFragment, topics: readonly string[], data: string): Fields {
  const coder = AbiCoder.defaultAbiCoder();
  const found: Fields = {};
  const indexed = fragment.inputs.filter((input) => input.indexed);
  indexed.forEach((input, index) => {
    found[input.name] = coder.decode([input.type], topics[index + 1] ?? '0x')[0];
  });
  const rest = fragment.inputs.filter((input) => !input.indexed);
  const values = coder.decode(rest.map(asBytes), data);
  rest.forEach((input, index) => {
    found[input.name] = values[index];
  });
  return found;
}

function asBytes(input: ParamType): ParamType {
  return input.type === 'string' ? ParamType.from({ type: 'bytes', name: input.name }) : input;
}

function build(fragment: EventFragment, f: Fields): MarketEvent | undefined {
  const word = (name: string): Hex => hex(String(f[name]));
  const account = (name: string) => address(String(f[name]));
  const amount = (name: string) => BigInt(String(f[name]));
  const text = (name: string) => textOf(String(f[name]));
  const type = fragment.name as MarketEvent['type'];
  switch (type) {
    case 'Asked':
      return {
        type,
        queryId: word('queryId'),
        account: amount('account'),
        host: account('host'),
        ask: fromResult(f['ask'] as Result),
        workload: word('workload'),
        parent: word('parent'),
        userSalt: word('userSalt'),
        input: text('input'),
        script: word('script'),
      };
    case 'TakenOver':
      return { type, queryId: word('queryId'), host: account('host'), ask: fromResult(f['ask'] as Result) };
    case 'Declined':
      return { type, queryId: word('queryId'), host: account('host'), reason: text('reason') };
    case 'Delivered':
      return {
        type,
        queryId: word('queryId'),
        host: account('host'),
        answer: text('answer'),
        answerHash: hex(keccak256(word('answer'))),
      };
    case 'Sealed':
      return {
        type,
        queryId: word('queryId'),
        reportQueryId: word('reportQueryId'),
        host: account('host'),
        reportedAt: amount('timestamp'),
      };
    case 'Settled':
      return {
        type,
        queryId: word('queryId'),
        host: account('host'),
        seller: account('seller'),
        hostPrice: amount('hostPrice'),
        royalty: amount('royalty'),
      };
    case 'Refunded': {
      const reason = refundReasons[Number(f['reason'])];
      return reason && { type, queryId: word('queryId'), account: amount('account'), reason, amount: amount('amount') };
    }
    case 'RelayFeePaid':
      return { type, queryId: word('queryId'), payee: account('payee'), amount: amount('amount') };
    case 'Skipped':
      return { type, queryId: word('queryId'), reason: word('reason') };
    case 'WorkloadPublished':
      return { type, workload: word('workload'), publisher: account('publisher') };
    case 'ModelListed':
      return {
        type,
        modelId: amount('modelId'),
        seller: account('seller'),
        workload: word('workload'),
        token: account('token'),
        royalty: amount('royalty'),
        listedHostsOnly: Boolean(f['listedHostsOnly']),
        name: text('name'),
        metadata: text('metadata'),
      };
    case 'ModelUpdated':
      return {
        type,
        modelId: amount('modelId'),
        version: amount('version'),
        workload: word('workload'),
        royalty: amount('royalty'),
        listedHostsOnly: Boolean(f['listedHostsOnly']),
        name: text('name'),
        metadata: text('metadata'),
      };
    case 'ModelHandedOver':
      return { type, modelId: amount('modelId'), from: account('from'), to: account('to') };
    case 'ModelRetired':
      return { type, modelId: amount('modelId') };
    case 'HostListed':
      return { type, modelId: amount('modelId'), host: account('host'), listed: Boolean(f['listed']) };
    case 'Offered':
      return {
        type,
        host: account('host'),
        modelId: amount('modelId'),
        token: account('token'),
        price: amount('price'),
        maxInputBytes: amount('maxInputBytes'),
        exclusiveSeconds: amount('exclusiveSeconds'),
        reportWithinSeconds: amount('reportWithinSeconds'),
      };
    case 'OfferRemoved':
      return { type, host: account('host'), modelId: amount('modelId'), token: account('token') };
    case 'Deposited':
      return {
        type,
        account: amount('account'),
        token: account('token'),
        amount: amount('amount'),
        from: account('from'),
      };
    case 'Withdrawn':
      return { type, account: amount('account'), token: account('token'), amount: amount('amount'), to: account('to') };
    case 'PurseOpened':
      return { type, account: amount('account'), owner: account('owner') };
    case 'PurseOffered':
      return { type, account: amount('account'), to: account('to') };
    case 'PurseHandedOver':
      return { type, account: amount('account'), from: account('from'), to: account('to') };
    case 'AllowanceSet':
      return {
        type,
        account: amount('account'),
        spender: account('spender'),
        token: account('token'),
        terms: termsFromResult(f['terms'] as Result),
      };
    case 'AllowanceRevoked':
      return { type, account: amount('account'), spender: account('spender'), token: account('token') };
    case 'AllAllowancesRevoked':
      return { type, account: amount('account'), epoch: amount('epoch') };
    default:
      return unknown(type);
  }
}

function unknown(_: never): undefined {
  return undefined;
}
