import type { ChainInfo } from '../server/wire.ts';
import { Hash } from './shared.tsx';

/** Where the money goes and when it comes back. */
export function MoneyRules({ isFree, chain }: { isFree: boolean; chain: ChainInfo }) {
  return (
    <details class="rules" open>
      <summary>{isFree ? 'What happens next' : 'What happens to the money'}</summary>
      <ul>
        {isFree ? (
          <li>The answer costs nothing; your wallet only pays the network fee in {chain.coin.symbol}.</li>
        ) : null}
        <li>
          {isFree ? 'The question' : 'The money'} goes to the market’s contract{' '}
          <Hash value={chain.market} kind="address" chain={chain} />, not to us.
        </li>
        {isFree ? null : (
          <li>
            The host is paid only 12 hours after its answer was reported to Tellor, and only if no dispute went against
            it.
          </li>
        )}
        {isFree ? null : (
          <li>
            No answer in time, and the money comes back by itself: to the wallet that paid here, or, when it was paid by
            transfer, to the account of the owner named for it.
          </li>
        )}
        <li>Question and answer are public on the chain for ever.</li>
      </ul>
    </details>
  );
}
