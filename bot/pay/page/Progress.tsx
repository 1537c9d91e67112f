import { useEffect, useState } from 'preact/hooks';
import type { ChainInfo } from '../server/wire.ts';
import type { WalletPurpose } from '../types.ts';
import type { Phase } from './payment.ts';
import { Hash } from './shared.tsx';
import { say } from './words.tsx';

/** After this long a wallet's window has probably been overlooked. */
const hintAfterMs = 10_000;

/** What is going on, and a hint when it takes long. */
export function Progress({
  phase,
  chain,
  walletName,
}: {
  phase: Phase | { type: 'connecting' };
  chain: ChainInfo;
  walletName: string;
}) {
  return (
    <Working
      text={phaseText(phase, chain, walletName)}
      waitsForWallet={phase.type === 'connecting' || phase.type === 'switching' || phase.type === 'signing'}
      chain={chain}
      {...('hash' in phase && { hash: phase.hash })}
    />
  );
}

export function Working({
  text,
  hash,
  waitsForWallet,
  chain,
}: {
  text: string;
  hash?: string;
  waitsForWallet: boolean;
  chain: ChainInfo;
}) {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    setIsLong(false);
    const timer = setTimeout(() => setIsLong(true), hintAfterMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="progress" role="status">
      <span class="spinner" aria-hidden="true" />
      <div>
        <p>
          {text} {hash === undefined ? null : <Hash value={hash} kind="tx" chain={chain} />}
        </p>
        {isLong && waitsForWallet ? <p class="muted">{say('page.stillWaiting')}</p> : null}
      </div>
    </div>
  );
}

function phaseText(phase: Phase | { type: 'connecting' }, chain: ChainInfo, walletName: string): string {
  switch (phase.type) {
    case 'connecting':
      return 'Choose an account in your wallet…';
    case 'switching':
      return `Checking that the wallet is on ${chain.name}…`;
    case 'checking':
      return 'Checking the offer and your balance…';
    case 'signing':
      return signingText(phase.purpose, walletName);
    case 'confirming':
      return phase.purpose !== 'ask' ? 'Approved; waiting for the block…' : 'Payment sent; waiting for the block…';
    case 'sent':
      return 'Paid. Handing your question over…';
  }
}

function signingText(purpose: WalletPurpose | 'permit', walletName: string): string {
  switch (purpose) {
    case 'clear':
      return `In ${walletName}, take back an old approval first: this token wants it so…`;
    case 'approve':
      return `Step 1 of 2: in ${walletName}, let the market take exactly the price…`;
    case 'permit':
      return `Step 1 of 2: in ${walletName}, sign that the market may take exactly the price (no network fee)…`;
    case 'ask':
      return `Confirm the payment in ${walletName}…`;
  }
}
