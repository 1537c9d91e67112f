import type { Call } from '../Call.ts';
import { ContractError, explainData } from '../ContractError.ts';
import type { Hex } from '../Hex.ts';

/**
 * What became of an intent. `mined`: it is on chain and did what it says; `timestamp` of its block, unix seconds.
 * `reverted` with a hash: it is on chain and did nothing; without: it would have reverted and was not sent.
 * `refused`: it was not sent, for a reason of ours or the node's.
 */
export type Outcome =
  | { type: 'mined'; hash: Hex; block: number; timestamp: number; gasUsed: bigint }
  | { type: 'reverted'; hash?: Hex; error: ContractError }
  | { type: 'refused'; reason: string };

/**
 * `key`: equal for equal intents, for ever. `gasLimit`: in place of the estimate, where the call may take a dearer way than
 * when it is estimated. `note`: for the log, as are `queryIds`, the asks that it is about.
 */
export type Intent = { key: string; call: Call; gasLimit?: bigint; note?: string; queryIds?: readonly Hex[] };

/** A mined transaction that failed although its estimate passed. */
export function failedOnChain(data: Hex | undefined, outOfGas: boolean): ContractError {
  if (outOfGas) {
    return new ContractError('outOfGas', { say: 'The transaction ran out of gas.', actor: 'platform', retry: true });
  }
  if (data && data !== '0x') return explainData(data);
  return new ContractError('Unknown', {
    say: 'The transaction failed on chain, though it had passed its check: something changed in between.',
    actor: 'chain',
    retry: true,
  });
}
