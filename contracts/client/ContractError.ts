import { AbiCoder, type ErrorFragment, type Interface, isError, isHexString } from 'ethers';
import { artifactNames, load } from './Artifact.ts';
import { type Actor, contractSentences, reasonSentences, type Wording } from './errorSentences.ts';
import { type Hex, hex } from './Hex.ts';
import { RpcError, WrongChainError } from './Rpc.ts';

/**
 * Something that the chain refused, or that never reached it.
 * `code`: the contract error's name; `oracle` for a reason string of Tellor's; `network`, `insufficientFunds`, `rejected`
 * (by the wallet's owner), `panic`, or `Unknown`.
 * `sentence`: for people, without hexadecimal. `retry`: the same again can work later. `data`: what the contract returned.
 */
export class ContractError extends Error {
  override name = 'ContractError';
  readonly code: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly sentence: string;
  readonly actor: Actor;
  readonly retry: boolean;
  readonly data: Hex | undefined;

  constructor(code: string, wording: Wording, details: Details = {}) {
    const { args = {}, data, cause } = details;
    const sentence = typeof wording.say === 'string' ? wording.say : wording.say(args);
    super(`${code}: ${sentence}`, { cause });
    this.code = code;
    this.args = args;
    this.sentence = sentence;
    this.actor = wording.actor;
    this.retry = wording.retry;
    this.data = data;
  }
}

type Details = { args?: Readonly<Record<string, unknown>>; data?: Hex | undefined; cause?: unknown };

/** What went wrong, from anything that ethers, a node or this client threw. */
export function explain(error: unknown): ContractError {
  if (error instanceof ContractError) return error;
  const data = revertData(error);
  if (data) return explainData(data, error);
  if (error instanceof RpcError || error instanceof WrongChainError) {
    return new ContractError(
      'network',
      { say: `The chain can’t be reached: ${error.message}.`, actor: 'chain', retry: true },
      { cause: error },
    );
  }
  if (isError(error, 'INSUFFICIENT_FUNDS'))
    return new ContractError('insufficientFunds', insufficientFunds, { cause: error });
  if (isError(error, 'ACTION_REJECTED')) return new ContractError('rejected', rejected, { cause: error });
  if (isError(error, 'NETWORK_ERROR') || isError(error, 'SERVER_ERROR') || isError(error, 'TIMEOUT')) {
    return new ContractError('network', network, { cause: error });
  }
  const message = messageOf(error);
  if (/insufficient funds/i.test(message))
    return new ContractError('insufficientFunds', insufficientFunds, { cause: error });
  return new ContractError('Unknown', unknown, { args: { message }, cause: error });
}

/** What a contract means by its revert data. */
export function explainData(data: Hex, cause?: unknown): ContractError {
  const selector = data.slice(0, 10);
  if (selector === '0x08c379a0') return explainReason(String(decode(['string'], data)?.[0] ?? ''), data, cause);
  if (selector === '0x4e487b71') {
    const code = Number(decode(['uint256'], data)?.[0] ?? 0);
    return new ContractError('panic', panic, { args: { code }, data, cause });
  }
  const known = errorsBySelector().get(selector);
  if (!known) return new ContractError('Unknown', unknown, { args: { selector }, data, cause });
  const values = decode(
    known.inputs.map((input) => input.type),
    data,
  );
  const args = Object.fromEntries(known.inputs.map((input, index) => [input.name, values?.[index]]));
  const wording = contractSentences[known.format('sighash')] ?? contractSentences[known.name];
  return new ContractError(known.name, wording ?? unknown, { args, data, cause });
}

function explainReason(reason: string, data: Hex, cause: unknown): ContractError {
  // Any contract words its reasons as it likes.
  const sentence = Object.hasOwn(reasonSentences, reason) ? reasonSentences[reason] : undefined;
  return new ContractError(
    'oracle',
    sentence ?? { ...unknown, say: `The chain refused it: ${reason || 'no reason given'}.` },
    {
      args: { reason },
      data,
      cause,
    },
  );
}

const insufficientFunds: Wording = {
  say: 'There is not enough of the chain’s coin for the transaction and its fee.',
  actor: 'operator',
  retry: true,
};
const rejected: Wording = { say: 'The wallet’s owner declined the transaction.', actor: 'asker', retry: true };
const network: Wording = { say: 'The chain can’t be reached at the moment.', actor: 'chain', retry: true };
const panic: Wording = {
  say: 'The contract stopped at an impossible calculation. Please report this.',
  actor: 'platform',
  retry: false,
};
const unknown: Wording = {
  say: 'The chain refused it without a reason that is known here.',
  actor: 'platform',
  retry: false,
};

let bySelector: Map<string, ErrorFragment> | undefined;

/** Every custom error of our ABIs; contracts that are not compiled are left out. */
export function errorsBySelector(): ReadonlyMap<string, ErrorFragment> {
  if (bySelector) return bySelector;
  bySelector = new Map();
  for (const name of artifactNames) {
    let abi: Interface;
    try {
      abi = load(name).abi;
    } catch {
      continue;
    }
    abi.forEachError((fragment) => bySelector?.set(fragment.selector, fragment));
  }
  return bySelector;
}

function decode(types: readonly string[], data: Hex): readonly unknown[] | undefined {
  try {
    return AbiCoder.defaultAbiCoder()
      .decode(types, `0x${data.slice(10)}`)
      .toArray();
  } catch {
    return undefined;
  }
}

/** The revert data inside an error, however deep ethers, a wallet or a node wrapped it. */
function revertData(error: unknown, depth = 0): Hex | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  const fields = error as Record<string, unknown>;
  const data = fields['data'];
  if (typeof data === 'string' && isHexString(data) && data.length >= 10 && data.length % 2 === 0) return hex(data);
  for (const name of ['data', 'error', 'info', 'cause', 'originalError']) {
    const found = revertData(fields[name], depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** The innermost message: ethers' own carries the whole payload. */
function messageOf(error: unknown): string {
  const inner =
    (error as { error?: { message?: unknown }; info?: { error?: { message?: unknown } } } | null | undefined) ?? {};
  const message =
    inner.error?.message ?? inner.info?.error?.message ?? (error instanceof Error ? error.message : String(error));
  return String(message).slice(0, 300);
}
