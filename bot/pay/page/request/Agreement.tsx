import { useMemo, useState } from 'preact/hooks';
import type { ChainInfo } from '../../server/wire.ts';
import { ApiError } from '../api.ts';
import { Working } from '../Progress.tsx';
import { connect } from '../payment.ts';
import { refusedText } from '../refusedText.ts';
import { type Connected, useAccountChanges, useWallets } from '../useWallets.ts';
import { WalletList } from '../WalletList.tsx';
import { Account, Problem } from '../WalletParts.tsx';
import { PaymentError, type WalletProblem } from '../walletError.ts';
import { createTestWallet, type Wallet } from '../wallets.ts';
import { say, sayRich } from '../words.tsx';
import { Fields } from './Fields.tsx';
import { type Done, runSteps, type Work } from './runSteps.ts';
import { Transfer } from './Transfer.tsx';
import type { Opened } from './useRequest.ts';

type Place = { root: URL; token: string; walletWindow: string };
type OpenRequest = Extract<Opened, { state: 'open' }>;

/** What is agreed to, in plain words, and the wallet that does it. */
export function Agreement({
  place,
  request,
  chain,
  testWallet,
  connected,
  onConnected,
  fields,
  onFields,
  onDone,
}: {
  place: Place;
  request: OpenRequest;
  chain: ChainInfo;
  testWallet: boolean;
  connected: Connected | undefined;
  onConnected: (next: Connected | undefined) => void;
  fields: Readonly<Record<string, string>>;
  onFields: (next: Readonly<Record<string, string>>) => void;
  onDone: (done: Done) => void;
}) {
  const { view } = request;
  const found = useWallets();
  const wallets = useMemo(
    () => (testWallet ? [...found, createTestWallet(place.root, place.walletWindow)] : found),
    [found, testWallet, place.root, place.walletWindow],
  );
  const [work, setWork] = useState<Work>();
  const [problem, setProblem] = useState<WalletProblem>();
  useAccountChanges(connected, onConnected);

  const attempt = async (job: () => Promise<void>) => {
    setProblem(undefined);
    try {
      await job();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setWork(undefined);
  };
  const choose = (wallet: Wallet) =>
    attempt(async () => {
      setWork({ text: say('page.choose'), waitsForWallet: true });
      onConnected({ wallet, account: await connect(wallet.provider, chain.coin.symbol) });
    });
  const submit = () =>
    attempt(async () => {
      if (!connected) return;
      const { wallet, account } = connected;
      const values = Object.fromEntries(view.fields.map(({ name, value }) => [name, fields[name] ?? value]));
      const { root, token } = place;
      onDone(
        await runSteps({ root, token, chain, provider: wallet.provider, account, fields: values, onWork: setWork }),
      );
    });

  return (
    <>
      <section class="card ask">
        <h1>{view.title}</h1>
        <p class="who">{sayRich('page.for', { person: <b>{request.person}</b>, place: request.place })}</p>
        <p class="code-check">{sayRich('page.code', { code: <b>{request.code}</b> })}</p>
        {view.text.map((text) => (
          <p key={text}>{text}</p>
        ))}
        {view.facts.length > 0 ? (
          <dl class="facts">
            {view.facts.map(({ label, value }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        ) : null}
      </section>
      <section class="card checkout" aria-label={say('page.wallet')}>
        {view.warning ? <p class="note warn">{view.warning}</p> : null}
        {problem ? <Problem problem={problem} chain={chain} onSwitch={submit} /> : null}
        {work ? (
          <Working {...work} chain={chain} />
        ) : connected ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void submit();
            }}
          >
            <Account connected={connected} onChange={() => onConnected(undefined)} />
            <Fields
              fields={view.fields}
              values={fields}
              onChange={(name, value) => onFields({ ...fields, [name]: value })}
            />
            <p class="worst">
              <b>{say('page.worst')}</b> {view.worst}
            </p>
            <button type="submit" class="button primary big">
              {view.action}
            </button>
          </form>
        ) : (
          <WalletList wallets={wallets} title={say('page.use')} onChoose={choose} />
        )}
      </section>
      {view.transfer && !work ? <Transfer to={view.transfer} chain={chain} /> : null}
    </>
  );
}

function problemOf(error: unknown): WalletProblem {
  if (error instanceof PaymentError) return error.problem;
  if (error instanceof ApiError) return { kind: 'refused', message: refusedText(error) };
  return {
    kind: 'other',
    message: say('page.unexpected'),
  };
}
