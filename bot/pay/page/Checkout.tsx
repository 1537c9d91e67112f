import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ChainInfo, PayView } from '../server/wire.ts';
import { ApiError } from './api.ts';
import { connect, type Phase, pay } from './payment.ts';
import { Hash, Icon, short, useNow } from './shared.tsx';
import { PaymentError, type WalletProblem } from './walletError.ts';
import { createTestWallet, type Wallet, watchWallets } from './wallets.ts';

type Place = { root: URL; token: string; window: string; walletWindow: string };
type Connected = { wallet: Wallet; account: string };

/** After this long a wallet's window has probably been overlooked. */
const hintAfterMs = 10_000;

/** Choosing a wallet and paying with it. */
export function Checkout({
  place,
  view,
  chain,
  testWallet,
  skewSeconds,
}: {
  place: Place;
  view: PayView;
  chain: ChainInfo;
  testWallet: boolean;
  skewSeconds: number;
}) {
  const found = useWallets();
  const wallets = useMemo(
    () => (testWallet ? [...found, createTestWallet(place.root, place.walletWindow)] : found),
    [found, testWallet, place],
  );
  const [connected, setConnected] = useState<Connected>();
  const [phase, setPhase] = useState<Phase | { type: 'connecting' }>();
  const [problem, setProblem] = useState<WalletProblem>();
  const [mustConfirm, setMustConfirm] = useState(false);
  useAccountChanges(connected, setConnected);

  const attempt = async (work: () => Promise<void>) => {
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setPhase(undefined);
      if (error instanceof ApiError && error.code === 'payingElsewhere') setMustConfirm(true);
      else setProblem(problemOf(error));
    }
  };
  const choose = (wallet: Wallet) =>
    attempt(async () => {
      setPhase({ type: 'connecting' });
      setConnected({ wallet, account: await connect(wallet.provider, chain.coin.symbol) });
      setPhase(undefined);
    });
  const submit = (again: boolean) =>
    attempt(async () => {
      if (!connected) return;
      setMustConfirm(false);
      const { wallet, account } = connected;
      await pay({ ...place, chain, provider: wallet.provider, account, again, onPhase: setPhase });
    });

  const now = useNow() + skewSeconds;
  const isExpired = view.status.state !== 'awaiting' || view.status.expiresAt <= now;
  const elsewhere = view.page.payment && !view.page.payment.here ? view.page.payment : undefined;
  const earlier =
    !phase && view.page.payment?.here && view.page.payment.stage === 'sent' ? view.page.payment : undefined;
  const isFree = view.price.amount === '0';
  const payLabel = isFree ? 'Send it (free)' : `Pay ${view.page.priceText}`;
  const press = () => (elsewhere || earlier ? setMustConfirm(true) : void submit(false));

  if (isExpired && !phase) {
    return (
      <section class="card checkout" aria-label="Payment" aria-live="polite">
        {view.page.payment?.stage === 'sent' ? (
          <p>
            A payment was sent before this link expired. <PaymentHash payment={view.page.payment} chain={chain} /> If
            the chain takes it, it counts, and this page shows it.
          </p>
        ) : (
          <p>This link has expired. Nothing was taken; ask again in the chat for a new one.</p>
        )}
      </section>
    );
  }
  return (
    <section class="card checkout" aria-label="Payment">
      {elsewhere && !phase ? (
        <p class="note warn" role="status">
          This is being paid in another window{elsewhere.stage === 'sent' ? '; its transaction is on the way' : ''}. You
          don’t need to do anything here.
        </p>
      ) : null}
      {earlier && !problem ? (
        <p class="note now" role="status">
          {earlier.stage === 'sent' ? (
            <>
              The payment was sent <PaymentHash payment={earlier} chain={chain} /> and waits for its block.
            </>
          ) : (
            'A payment was started here before. Look into your wallet first: it may still wait there.'
          )}
        </p>
      ) : null}
      {problem ? (
        <div class="note bad" role="alert">
          <p>{problem.message}</p>
          {problem.kind === 'wrongNetwork' ? (
            <button type="button" class="button" onClick={() => submit(mustConfirm)}>
              Switch to {chain.name}
            </button>
          ) : null}
        </div>
      ) : null}
      {phase ? (
        <Progress phase={phase} chain={chain} walletName={connected?.wallet.name ?? 'your wallet'} />
      ) : mustConfirm ? (
        <div class="note warn" role="alert">
          <p>
            <b>It is already being paid.</b> Paying again may take the money twice, for two answers.
          </p>
          <div class="row">
            <button type="button" class="button" ref={takeFocus} onClick={() => setMustConfirm(false)}>
              Don’t pay
            </button>
            <button type="button" class="button danger" onClick={() => submit(true)}>
              Pay anyway
            </button>
          </div>
        </div>
      ) : connected ? (
        <>
          <div class="account">
            <WalletIcon wallet={connected.wallet} />
            <span>
              {connected.wallet.name}
              <small>{short(connected.account)}</small>
            </span>
            <button type="button" class="link" onClick={() => setConnected(undefined)}>
              Change
            </button>
          </div>
          <button type="button" class="button primary big" ref={takeFocus} onClick={press}>
            {payLabel}
          </button>
        </>
      ) : (
        <WalletList wallets={wallets} onChoose={choose} />
      )}
      <MoneyRules isFree={isFree} chain={chain} />
    </section>
  );
}

/** What comes next takes the focus from what it replaced, for those who use the keyboard. */
function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}

function PaymentHash({ payment, chain }: { payment: NonNullable<PayView['page']['payment']>; chain: ChainInfo }) {
  return payment.hash ? <Hash value={payment.hash} kind="tx" chain={chain} /> : null;
}

function WalletList({ wallets, onChoose }: { wallets: readonly Wallet[]; onChoose: (wallet: Wallet) => void }) {
  const hasOwn = wallets.some(({ isTest }) => !isTest);
  return (
    <>
      <h2>{wallets.length > 0 ? 'Pay with' : 'No wallet found'}</h2>
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
        <p class="muted">
          {wallets.length > 0 ? 'To use your own wallet, open' : 'Open'} this page in a browser that has one (such as
          MetaMask, Rabby or Brave), or in a phone wallet’s own browser. Anyone may pay: you can also hand the link on.
        </p>
      )}
    </>
  );
}

function WalletIcon({ wallet }: { wallet: Wallet }) {
  if (wallet.icon) return <img class="wallet-icon" src={wallet.icon} alt="" />;
  return (
    <span class="wallet-icon letter" aria-hidden="true">
      {wallet.isTest ? <Icon name="flask" /> : wallet.name.slice(0, 1).toUpperCase()}
    </span>
  );
}

function Progress({
  phase,
  chain,
  walletName,
}: {
  phase: Phase | { type: 'connecting' };
  chain: ChainInfo;
  walletName: string;
}) {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    setIsLong(false);
    const timer = setTimeout(() => setIsLong(true), hintAfterMs);
    return () => clearTimeout(timer);
  }, [phase]);
  const waitsForWallet = phase.type === 'connecting' || phase.type === 'switching' || phase.type === 'signing';
  return (
    <div class="progress" role="status">
      <span class="spinner" aria-hidden="true" />
      <div>
        <p>
          {phaseText(phase, chain, walletName)}{' '}
          {'hash' in phase ? <Hash value={phase.hash} kind="tx" chain={chain} /> : null}
        </p>
        {isLong && waitsForWallet ? (
          <p class="muted">
            Still waiting for the wallet: look for its window, or confirm on the hardware wallet’s own screen.
          </p>
        ) : null}
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
      return phase.purpose === 'approve'
        ? `Step 1 of 2: in ${walletName}, let the market take exactly the price…`
        : `Confirm the payment in ${walletName}…`;
    case 'confirming':
      return phase.purpose === 'approve' ? 'Approved; waiting for the block…' : 'Payment sent; waiting for the block…';
    case 'sent':
      return 'Paid. Handing your question over…';
  }
}

function MoneyRules({ isFree, chain }: { isFree: boolean; chain: ChainInfo }) {
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
        {isFree ? null : <li>No answer in time, and the money comes back to the wallet that paid, by itself.</li>}
        <li>Question and answer are public on the chain for ever.</li>
      </ul>
    </details>
  );
}

function useWallets(): Wallet[] {
  const [wallets, setWallets] = useState<Wallet[]>([]);
  useEffect(() => watchWallets(setWallets), []);
  return wallets;
}

/** The wallet decides which account is used; the page follows. */
function useAccountChanges(
  connected: Connected | undefined,
  setConnected: (next: Connected | undefined) => void,
): void {
  useEffect(() => {
    const provider = connected?.wallet.provider;
    if (!connected || !provider?.on) return;
    const onAccounts = (accounts: readonly string[]) => {
      const account = accounts[0];
      setConnected(account ? { ...connected, account } : undefined);
    };
    provider.on('accountsChanged', onAccounts);
    return () => void provider.removeListener?.('accountsChanged', onAccounts);
  }, [connected, setConnected]);
}

function problemOf(error: unknown): WalletProblem {
  if (error instanceof PaymentError) return error.problem;
  if (error instanceof ApiError) return { kind: 'refused', message: error.message };
  return {
    kind: 'other',
    message: 'Something unexpected happened on this page. Nothing more was sent; reload it and look at its state.',
  };
}
