import { useMemo } from 'preact/hooks';
import type { ChainInfo, PayView } from '../server/wire.ts';
import { Checkout } from './Checkout.tsx';
import { Answer, Hash, Logo, Steps, storedId, Until } from './shared.tsx';
import { stepsOf } from './steps.ts';
import { usePayView } from './usePayView.ts';
import { say, sayRich } from './words.tsx';

export function PayPage() {
  const place = useMemo(() => {
    // Links may stand below a path: everything else is found from here.
    const root = new URL('../', location.href);
    const token = location.pathname.split('/').pop() ?? '';
    return {
      root,
      token,
      window: storedId('pay-window'),
      walletWindow: sessionStorage.getItem('window') ?? storedId('pay-window'),
    };
  }, []);
  const loaded = usePayView(place.root, place.token, place.window);
  return (
    <>
      <header class="top">
        <Logo />
        <strong>AI Marketplace</strong>
        {loaded.type === 'loaded' && loaded.chain ? <span class="network">{loaded.chain.name}</span> : null}
      </header>
      <main>
        {loaded.type === 'loading' ? (
          <p class="card empty" aria-busy="true">
            {say('page.loading')}
          </p>
        ) : null}
        {loaded.type === 'failed' ? <Failed code={loaded.code} message={loaded.message} /> : null}
        {loaded.type === 'loaded' ? (
          <>
            <Ask view={loaded.view} chain={loaded.chain} skew={loaded.skewSeconds} />
            {isPayable(loaded.view) && loaded.chain ? (
              <Checkout
                place={place}
                view={loaded.view}
                chain={loaded.chain}
                testWallet={loaded.testWallet}
                skewSeconds={loaded.skewSeconds}
              />
            ) : (
              <Outcome view={loaded.view} chain={loaded.chain} />
            )}
            {loaded.isLive ? null : (
              <p class="offline" role="status">
                {say('page.pay.lost')}
              </p>
            )}
          </>
        ) : null}
      </main>
      <footer class="foot">{say('page.pay.foot')}</footer>
    </>
  );
}

/** An expired link stays with the checkout: somebody may be in the middle of paying. */
function isPayable({ status }: PayView): boolean {
  return status.state === 'awaiting' || status.state === 'expired';
}

function Failed({ code, message }: { code: string; message: string }) {
  return (
    <section class="card empty">
      <h1>{say(code === 'unknown' ? 'page.pay.unknownTitle' : 'page.awayTitle')}</h1>
      <p>{code === 'unknown' ? say('page.pay.unknown') : `${message} ${say('page.retrying')}`}</p>
    </section>
  );
}

function Ask({ view, chain, skew }: { view: PayView; chain: ChainInfo | undefined; skew: number }) {
  const { status } = view;
  const isOpen = status.state === 'awaiting';
  return (
    <section class="card ask">
      <h1>{isOpen ? say('page.pay.title', { person: view.person.name }) : titleOf(view)}</h1>
      <p class="who">{sayRich('page.pay.asks', { person: <b>{view.person.name}</b>, place: view.page.place })}</p>
      <blockquote class="question" tabindex={view.question.length > 600 ? 0 : undefined}>
        {view.question}
      </blockquote>
      {view.note ? <p class="who remark">{view.note}</p> : null}
      <dl class="facts">
        <div>
          <dt>{say('page.pay.model')}</dt>
          <dd>{view.model.name || say('page.pay.modelNumber', { id: view.model.id })}</dd>
        </div>
        <div>
          <dt>{say('page.pay.host')}</dt>
          <dd>
            <Hash value={view.host} kind="address" chain={chain} />
          </dd>
        </div>
        <div>
          <dt>{say('page.pay.network')}</dt>
          <dd>{chain?.name ?? '—'}</dd>
        </div>
        <div class="price">
          <dt>{say('page.pay.price')}</dt>
          <dd>{view.page.priceText}</dd>
        </div>
      </dl>
      {isOpen ? (
        <p class="expiry">{sayRich('page.pay.goodFor', { time: <Until at={status.expiresAt} skew={skew} /> })}</p>
      ) : null}
    </section>
  );
}

function titleOf({ status, sibling }: PayView): string {
  switch (status.state) {
    case 'expired':
      return say('page.pay.expiredTitle');
    case 'refunded':
      return say('page.step.moneyBack');
    case 'paid':
    case 'declined':
    case 'awaiting':
    case 'sending':
      return say(sibling ? 'page.pay.secondTime' : 'page.step.paid');
    case 'delivered':
    case 'reported':
    case 'final':
      return say('page.step.answered');
  }
}

function Outcome({ view, chain }: { view: PayView; chain: ChainInfo | undefined }) {
  const { status } = view;
  const skew = useMemo(() => view.page.chainNow - Math.floor(Date.now() / 1000), [view]);
  return (
    <section class="card outcome" aria-live="polite">
      <Steps steps={stepsOf(status)} chain={chain} skew={skew} />
      {stepsOf(status).flatMap((step) =>
        (step.state === 'bad' || step.state === 'now') && step.detail ? (
          <p class={`note ${step.state}`} key={step.label}>
            {step.detail}
          </p>
        ) : (
          []
        ),
      )}
      {view.page.answerHtml === undefined ? null : <Answer html={view.page.answerHtml} />}
      <p class="muted">{say('page.pay.close')}</p>
    </section>
  );
}
