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
      return say('page.choose');
    case 'switching':
      return say('page.checkingChain', { chain: chain.name });
    case 'checking':
      return say('page.pay.checking');
    case 'signing':
      return signingText(phase.purpose, walletName);
    case 'confirming':
      return say(phase.purpose === 'ask' ? 'page.pay.sent' : 'page.pay.approved');
    case 'sent':
      return say('page.pay.handing');
  }
}

function signingText(purpose: WalletPurpose | 'permit', wallet: string): string {
  switch (purpose) {
    case 'clear':
      return say('page.pay.clear', { wallet });
    case 'approve':
      return say('page.pay.approve', { wallet });
    case 'permit':
      return say('page.pay.permit', { wallet });
    case 'ask':
      return say('page.pay.confirm', { wallet });
  }
}
