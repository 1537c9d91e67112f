import type { ChainInfo } from '../server/wire.ts';
import { Hash } from './shared.tsx';
import { say, sayRich } from './words.tsx';

/** Where the money goes and when it comes back. */
export function MoneyRules({ isFree, chain }: { isFree: boolean; chain: ChainInfo }) {
  const contract = <Hash value={chain.market} kind="address" chain={chain} />;
  return (
    <details class="rules" open>
      <summary>{say(isFree ? 'page.rules.next' : 'page.rules.money')}</summary>
      <ul>
        {isFree ? <li>{say('page.rules.free', { coin: chain.coin.symbol })}</li> : null}
        <li>{sayRich(isFree ? 'page.rules.questionGoes' : 'page.rules.moneyGoes', { contract })}</li>
        {isFree ? null : <li>{say('page.rules.host')}</li>}
        {isFree ? null : <li>{say('page.rules.back')}</li>}
        <li>{say('page.rules.public')}</li>
      </ul>
    </details>
  );
}
