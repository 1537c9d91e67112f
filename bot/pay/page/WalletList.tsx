import { QrCode } from './QrCode.tsx';
import { Icon } from './shared.tsx';
import type { Wallet } from './wallets.ts';

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
      <h2>{wallets.length > 0 ? title : 'No wallet found'}</h2>
      <ul class="wallets">
        {wallets.map((wallet) => (
          <li key={wallet.id}>
            <button type="button" class="wallet" onClick={() => onChoose(wallet)}>
              <WalletIcon wallet={wallet} />
              <span>
                {wallet.name}
                {wallet.isTest ? <small>Play money of the local chain. No real value.</small> : null}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {hasOwn ? null : (
        <>
          <p class="muted">
            {wallets.length > 0 ? 'To use your own wallet, open' : 'Open'} this page in a browser that has one (such as
            MetaMask, Rabby or Brave), or in a phone wallet’s own browser.
          </p>
          <OnPhone />
        </>
      )}
    </>
  );
}

/** This very page for a phone wallet’s own browser. Drawn here: what follows the # reaches no server, and the picture doesn’t either. */
function OnPhone() {
  return (
    <details class="on-phone">
      <summary>Use the wallet on your phone</summary>
      <p class="muted">Scan this with the wallet’s own scanner: the page opens in its browser.</p>
      <QrCode text={location.href} label="QR code of this page’s address" />
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
