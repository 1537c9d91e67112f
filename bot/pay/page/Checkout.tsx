import { useMemo, useState } from 'preact/hooks';
import { isLocal } from '../../core/Links.ts';
import type { ChainInfo, PayView } from '../server/wire.ts';
import { ApiError } from './api.ts';
import { MoneyRules } from './MoneyRules.tsx';
import { Progress } from './Progress.tsx';
import { connect, type Phase, pay } from './payment.ts';
import { refusedText } from './refusedText.ts';
import { Hash, useNow } from './shared.tsx';
import { TransferPay } from './TransferPay.tsx';
import { type Connected, useAccountChanges, useWallets } from './useWallets.ts';
import { WalletList } from './WalletList.tsx';
import { Account, Problem } from './WalletParts.tsx';
import { PaymentError, type WalletProblem } from './walletError.ts';
import { createTestWallet, type Wallet } from './wallets.ts';
import { say, sayRich } from './words.tsx';

type Place = { root: URL; token: string; window: string; walletWindow: string };

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
  const payLabel = isFree ? say('page.pay.free') : say('page.pay.pay', { price: view.page.priceText });
  const press = () => (elsewhere || earlier ? setMustConfirm(true) : void submit(false));

  if (isExpired && !phase) {
    return (
      <section class="card checkout" aria-label={say('page.pay.section')} aria-live="polite">
        {view.page.payment?.stage === 'sent' ? (
          <p>{sayRich('page.pay.sentBefore', { hash: <PaymentHash payment={view.page.payment} chain={chain} /> })}</p>
        ) : (
          <p>{say('page.pay.expired')}</p>
        )}
      </section>
    );
  }
  return (
    <section class="card checkout" aria-label={say('page.pay.section')}>
      {elsewhere && !phase ? (
        <p class="note warn" role="status">
          {say(elsewhere.stage === 'sent' ? 'page.pay.elsewhereSent' : 'page.pay.elsewhere')}
        </p>
      ) : null}
      {earlier && !problem ? (
        <p class="note now" role="status">
          {sayRich('page.pay.earlier', { hash: <PaymentHash payment={earlier} chain={chain} /> })}
        </p>
      ) : null}
      {problem ? <Problem problem={problem} chain={chain} onSwitch={() => submit(mustConfirm)} /> : null}
      {phase ? (
        <Progress phase={phase} chain={chain} walletName={connected?.wallet.name ?? say('page.wallet')} />
      ) : mustConfirm ? (
        <div class="note warn" role="alert">
          <p>
            <b>{say('page.pay.twiceTitle')}</b> {say('page.pay.twice')}
          </p>
          <div class="row">
            <button type="button" class="button" ref={takeFocus} onClick={() => setMustConfirm(false)}>
              {say('page.pay.dont')}
            </button>
            <button type="button" class="button danger" onClick={() => submit(true)}>
              {say('page.pay.anyway')}
            </button>
          </div>
        </div>
      ) : connected ? (
        <>
          <Account connected={connected} onChange={() => setConnected(undefined)} />
          <button type="button" class="button primary big" ref={takeFocus} onClick={press}>
            {payLabel}
          </button>
        </>
      ) : (
        <>
          <WalletList wallets={wallets} title={say('page.pay.with')} onChoose={choose} />
          {isLocal(location.href) ? null : <p class="muted">{say('page.pay.anyone')}</p>}
        </>
      )}
      {phase || isFree ? null : <TransferPay place={place} view={view} chain={chain} account={connected?.account} />}
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

function problemOf(error: unknown): WalletProblem {
  if (error instanceof PaymentError) return error.problem;
  if (error instanceof ApiError) return { kind: 'refused', message: refusedText(error) };
  return {
    kind: 'other',
    message: say('page.pay.unexpected'),
  };
}
