import type { ChainInfo } from '../server/wire.ts';
import { short } from './shared.tsx';
import type { Connected } from './useWallets.ts';
import { WalletIcon } from './WalletList.tsx';
import type { WalletProblem } from './walletError.ts';
import { say } from './words.tsx';

/** What went wrong with the wallet, in words, and the way to the right network where that is all. */
export function Problem({
  problem,
  chain,
  onSwitch,
}: {
  problem: WalletProblem;
  chain: ChainInfo;
  onSwitch: () => void;
}) {
  return (
    <div class="note bad" role="alert">
      <p>{problem.message}</p>
      {problem.kind === 'wrongNetwork' ? (
        <button type="button" class="button" onClick={onSwitch}>
          {say('page.switch', { chain: chain.name })}
        </button>
      ) : null}
    </div>
  );
}

/** The wallet that is used, and the way to another. */
export function Account({ connected, onChange }: { connected: Connected; onChange: () => void }) {
  return (
    <div class="account">
      <WalletIcon wallet={connected.wallet} />
      <span>
        {connected.wallet.name}
        <small>{short(connected.account)}</small>
      </span>
      <button type="button" class="link" onClick={onChange}>
        {say('page.change')}
      </button>
    </div>
  );
}
