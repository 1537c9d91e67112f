import { isLocal } from '../../core/Links.ts';
import { QrCode } from './QrCode.tsx';
import { Icon } from './shared.tsx';
import type { Wallet } from './wallets.ts';
import { say } from './words.tsx';

/** The wallets that were found, and what to do when there is none. */
export function WalletList({
  wallets,
  title,
  onChoose,
}: {
  wallets: readonly Wallet[];
  title: string;
  onChoose: (wallet: Wallet) => void;
}) {
  const hasOwn = wallets.some(({ isTest }) => !isTest);
  return (
    <>
      <h2>{wallets.length > 0 ? title : say('page.noWallet')}</h2>
      <ul class="wallets">
        {wallets.map((wallet) => (
          <li key={wallet.id}>
            <button type="button" class="wallet" onClick={() => onChoose(wallet)}>
              <WalletIcon wallet={wallet} />
              <span>
                {wallet.name}
                {wallet.isTest ? <small>{say('page.playMoney')}</small> : null}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {hasOwn ? null : <OtherPlaces hasTest={wallets.length > 0} />}
    </>
  );
}

/** Where there may be a wallet of one’s own. A phone is offered only a page that it can open. */
function OtherPlaces({ hasTest }: { hasTest: boolean }) {
  if (isLocal(location.href)) return <p class="muted">{say(hasTest ? 'page.openOwnLocal' : 'page.openLocal')}</p>;
  return (
    <>
      <p class="muted">{say(hasTest ? 'page.openOwn' : 'page.open')}</p>
      <OnPhone />
    </>
  );
}

/** This very page for a phone wallet’s own browser. Drawn here: what follows the # reaches no server, and the picture doesn’t either. */
function OnPhone() {
  return (
    <details class="on-phone">
      <summary>{say('page.onPhone')}</summary>
      <p class="muted">{say('page.scan')}</p>
      <QrCode text={location.href} label={say('page.qrPage')} />
    </details>
  );
}

export function WalletIcon({ wallet }: { wallet: Wallet }) {
  if (wallet.icon) return <img class="wallet-icon" src={wallet.icon} alt="" />;
  return (
    <span class="wallet-icon letter" aria-hidden="true">
      {wallet.isTest ? <Icon name="flask" /> : wallet.name.slice(0, 1).toUpperCase()}
    </span>
  );
}
