import { useEffect, useState } from 'preact/hooks';
import type { OpenedRequest } from '../../request/desk.ts';
import type { ChainInfo, Wire } from '../../server/wire.ts';
import { api } from '../api.ts';
import { refusalOf } from '../refusedText.ts';
import { say, setWords } from '../words.tsx';

export type Opened = Wire<OpenedRequest>;

export type Loaded =
  | { type: 'loading' }
  | { type: 'failed'; code: string; message: string }
  | { type: 'loaded'; request: Opened; chain: ChainInfo; testWallet: boolean };

type View = { request: Opened; chain: ChainInfo; testWallet: boolean; words: Record<string, string> };

const retryMs = 3_000;
/** So long after the last key the server is asked what it makes of the fields. */
const typingMs = 250;
/** How often what a transfer changes is looked for. */
const transferMs = 4_000;

/** The request behind the link, as it is for this wallet and what was filled in. The token stays in the fragment: no log sees it. */
export function useRequest(
  root: URL,
  of: { token: string; wallet: string | undefined; fields: Readonly<Record<string, string>> },
): Loaded {
  const { token, wallet, fields } = of;
  const [loaded, setLoaded] = useState<Loaded>({ type: 'loading' });
  useEffect(() => {
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      try {
        const body = { token, fields, ...(wallet !== undefined && { wallet }) };
        const { request, chain, testWallet, words } = await api<View>(root, 'api/do/view', body);
        if (isGone) return;
        // What the person chose in the chat, which the page's address does not tell.
        setWords(words);
        document.documentElement.lang = request.language;
        document.title = say('page.title.do');
        setLoaded({ type: 'loaded', request, chain, testWallet });
        if (request.state === 'open' && request.view.transfer) timer = setTimeout(load, transferMs);
      } catch (error) {
        if (isGone) return;
        const { code, message } = refusalOf(error);
        setLoaded((before) =>
          before.type === 'loaded' && code !== 'unknown' ? before : { type: 'failed', code, message },
        );
        if (code !== 'unknown') timer = setTimeout(load, retryMs);
      }
    };
    timer = setTimeout(load, Object.keys(fields).length > 0 ? typingMs : 0);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [root, token, wallet, fields]);
  return loaded;
}
