import { useEffect, useMemo, useState } from 'preact/hooks';
import { Logo, storedId } from '../shared.tsx';
import type { Connected } from '../useWallets.ts';
import { say } from '../words.tsx';
import { Agreement } from './Agreement.tsx';
import type { Done } from './runSteps.ts';
import { useRequest } from './useRequest.ts';

/** What a person was given a link for: link a wallet, put money in, set a limit, and the like. */
export function RequestPage() {
  const root = useMemo(() => new URL('./', location.href), []);
  const token = useToken();
  const [connected, setConnected] = useState<Connected>();
  const [fields, setFields] = useState<Readonly<Record<string, string>>>({});
  const [done, setDone] = useState<Done>();
  const loaded = useRequest(root, { token, wallet: connected?.account, fields });
  const walletWindow = useMemo(() => sessionStorage.getItem('window') ?? storedId('pay-window'), []);
  const open = (next: string) => {
    setDone(undefined);
    setFields({});
    location.hash = next;
  };
  return (
    <>
      <header class="top">
        <Logo />
        <strong>AI Marketplace</strong>
        {loaded.type === 'loaded' ? <span class="network">{loaded.chain.name}</span> : null}
      </header>
      <main>
        {done ? (
          <Finished done={done} onNext={open} />
        ) : loaded.type === 'loading' ? (
          <p class="card empty" aria-busy="true">
            {say('page.loading')}
          </p>
        ) : loaded.type === 'failed' ? (
          <Message
            title={say(loaded.code === 'unknown' ? 'page.unknownTitle' : 'page.awayTitle')}
            text={loaded.code === 'unknown' ? say('page.unknown') : `${loaded.message} ${say('page.retrying')}`}
          />
        ) : loaded.request.state === 'done' ? (
          <Message title={say('page.done')} text={loaded.request.outcome} />
        ) : loaded.request.state === 'expired' ? (
          <Message title={say('page.expiredTitle')} text={say('page.expired')} />
        ) : (
          <Agreement
            key={token}
            place={{ root, token, walletWindow }}
            request={loaded.request}
            chain={loaded.chain}
            testWallet={loaded.testWallet}
            connected={connected}
            onConnected={setConnected}
            fields={fields}
            onFields={setFields}
            onDone={setDone}
          />
        )}
      </main>
      <footer class="foot">{say('page.foot')}</footer>
    </>
  );
}

/** The token stands in the fragment, and another one can follow it. */
function useToken(): string {
  const [token, setToken] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const onChange = () => setToken(location.hash.slice(1));
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return token;
}

function Message({ title, text }: { title: string; text: string }) {
  return (
    <section class="card empty" aria-live="polite">
      <h1>{title}</h1>
      <p>{text}</p>
    </section>
  );
}

function Finished({ done, onNext }: { done: Done; onNext: (token: string) => void }) {
  return (
    <section class="card empty finished" aria-live="polite">
      <h1>{say('page.done')}</h1>
      <p>{done.message}</p>
      {done.next.map(({ label, token }, index) => (
        <button
          type="button"
          key={token}
          class={index === 0 ? 'button primary big' : 'button big'}
          onClick={() => onNext(token)}
        >
          {label}
        </button>
      ))}
      <p class="muted">{say('page.close')}</p>
    </section>
  );
}
