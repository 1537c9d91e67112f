import { useEffect, useState } from 'preact/hooks';
import type { ChainInfo, PayView } from '../server/wire.ts';
import { api } from './api.ts';
import { isOver } from './isOver.ts';
import { refusalOf } from './refusedText.ts';

/** What the page needs to draw, and how fresh it is. */
export type Loaded =
  | { type: 'loading' }
  | { type: 'failed'; code: string; message: string }
  | {
      type: 'loaded';
      view: PayView;
      chain: ChainInfo | undefined;
      testWallet: boolean;
      isLive: boolean;
      skewSeconds: number;
    };

/** The ask behind a pay link, kept up to date by the server's events until nothing more can happen to it. */
export function usePayView(root: URL, token: string, window: string): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({ type: 'loading' });
  useEffect(() => {
    let events: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const show = (view: PayView, isLive: boolean) =>
      setLoaded((before) => (before.type === 'loaded' ? { ...before, view, isLive } : before));
    const listen = () => {
      events?.close();
      if (document.hidden) return;
      const source = new EventSource(new URL(`api/pay/${token}/events?window=${window}`, root));
      events = source;
      source.addEventListener('view', (event) => {
        const view = JSON.parse((event as MessageEvent<string>).data) as PayView;
        show(view, true);
        if (isOver(view.status)) source.close();
      });
      source.onerror = () => {
        setLoaded((before) => (before.type === 'loaded' ? { ...before, isLive: false } : before));
        if (source.readyState === EventSource.CLOSED) retry = setTimeout(listen, 3_000);
      };
    };
    const load = async () => {
      try {
        const first = await api<PayView & { chain?: ChainInfo; testWallet: boolean }>(
          root,
          `api/pay/${token}?window=${window}`,
        );
        const skewSeconds = first.page.now - Math.floor(Date.now() / 1000);
        setLoaded({
          type: 'loaded',
          view: first,
          chain: first.chain,
          testWallet: first.testWallet,
          isLive: true,
          skewSeconds,
        });
        if (!isOver(first.status)) listen();
      } catch (error) {
        const { code, message } = refusalOf(error);
        setLoaded({ type: 'failed', code, message });
        if (code !== 'unknown') retry = setTimeout(load, 3_000);
      }
    };
    // Browsers allow six connections to one server: a page that nobody looks at gives its own back.
    const onVisibility = () => (document.hidden ? events?.close() : void load());
    document.addEventListener('visibilitychange', onVisibility);
    void load();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(retry);
      events?.close();
    };
  }, [root, token, window]);
  return loaded;
}
