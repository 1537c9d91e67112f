import { AbiCoder, type EventFragment, keccak256, ParamType, type Result, toBeHex } from 'ethers';
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

/** How the data of an event is read, worked out once for each kind. */
type Layout = { indexed: readonly ParamType[]; rest: readonly ParamType[] };
const layouts = new Map<EventFragment, Layout>();

function layoutOf(fragment: EventFragment): Layout {
  const known = layouts.get(fragment);
  if (known) return known;
  const layout = {
    indexed: fragment.inputs.filter((input) => input.indexed).map(raw),
    rest: fragment.inputs.filter((input) => !input.indexed).map(raw),
  };
  layouts.set(fragment, layout);
  return layout;
}

function fields(fragment: EventFragment, topics: readonly string[], data: string): Fields {
  const coder = AbiCoder.defaultAbiCoder();
  const { indexed, rest } = layoutOf(fragment);
  const found: Fields = {};
  indexed.forEach((input, index) => {
    found[input.name] = coder.decode([input], topics[index + 1] ?? '0x')[0];
  });
  const values = coder.decode(rest, data);
  rest.forEach((input, index) => {
    found[input.name] = values[index];
  });
  return found;
}

/**
 * Strings are read as bytes: a stranger can put bytes there that are not UTF-8. Addresses are read as numbers: their checksum, a hash, is
 * made once for each address, not once for each event.
 */
function raw(input: ParamType): ParamType {
  const { name, type, components } = input;
  if (type === 'string') return ParamType.from({ type: 'bytes', name });
  if (type === 'address') return ParamType.from({ type: 'uint160', name });
  if (!components) return input;
  return ParamType.from({ type, name, components: components.map(raw) });
}

function build(fragment: EventFragment, f: Fields): MarketEvent | undefined {
  const word = (name: string): Hex => hex(String(f[name]));
  const account = (name: string) => address(toBeHex(BigInt(String(f[name])), 20));
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
