import { RpcError } from '../Rpc.ts';

/**
 * Why a node did not take a signed transaction.
 * `known`: it has it already. `nonceTooLow`: the nonce is used, by this or another transaction. `underpriced`: the fee is too
 * low, or too little above the one it would replace. `insufficientFunds`. `unreachable`: nobody knows whether it arrived.
 * `other`: the node's own words are in the log.
 */
export type Refusal = 'known' | 'nonceTooLow' | 'underpriced' | 'insufficientFunds' | 'unreachable' | 'other';

const words: readonly [RegExp, Refusal][] = [
  [
    /already known|already imported|known transaction|already exists|already in (the )?mempool|ALREADY_EXISTS/i,
    'known',
  ],
  [
    /nonce.{0,40}(too low|lower than|already (been )?used|expired)|old nonce|NONCE_EXPIRED|invalid nonce; got/i,
    'nonceTooLow',
  ],
  [
    /underpriced|fee too low|less than (the )?block base fee|max fee per gas|REPLACEMENT|gas price.{0,20}too low|FEE_TOO_LOW/i,
    'underpriced',
  ],
  [/insufficient (funds|balance)|INSUFFICIENT_FUNDS/i, 'insufficientFunds'],
];

export function refusalOf(error: unknown): Refusal {
  if (error instanceof RpcError) return 'unreachable';
  const said = wordsOf(error);
  return words.find(([pattern]) => pattern.test(said))?.[1] ?? 'other';
}

/** Whether a failed estimate means that the call itself would fail, not that the node could not say. */
export function isRevert(error: unknown): boolean {
  if (error instanceof RpcError) return false;
  const { info } = (error ?? {}) as { info?: { error?: { code?: unknown; message?: unknown; data?: unknown } } };
  if (info?.error?.code === 3) return true;
  const said = String(info?.error?.message ?? '');
  return /revert|invalid opcode|out of gas|bad jump|stack (over|under)flow|gas required exceeds|always failing|EVM error/i.test(
    said,
  );
}

function wordsOf(error: unknown): string {
  const {
    code,
    error: inner,
    info,
  } = (error ?? {}) as {
    code?: unknown;
    error?: { message?: unknown };
    info?: { error?: { message?: unknown } };
  };
  return `${String(inner?.message ?? info?.error?.message ?? '')} ${String(code ?? '')}`;
}
