import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { fileLimits } from '../../core/Files.ts';
import { api } from '../../pay/page/api.ts';
import { randomId } from '../../pay/page/shared.tsx';
import type { Suggestion } from '../adapter.ts';
import type { Line, People, Session } from '../wire.ts';
import { problemOf } from './problemOf.ts';
import { claimWindowId } from './windowId.ts';

const root = new URL('./', location.href);

/** A hidden window keeps its connection for this long. */
const awayMs = 60_000;

export type ChannelState = {
  session: Session | undefined;
  lines: readonly Line[];
  people: People;
  isLive: boolean;
  /** The last thing that went wrong with one of this window's own requests. */
  problem: string | undefined;
};

export type ChannelActions = {
  say(text: string, files: readonly File[], replyTo?: number): Promise<boolean>;
  press(message: number, data: string): Promise<void>;
  rename(name: string): Promise<boolean>;
  skip(): Promise<void>;
  suggest(command: string, typed: string): Promise<readonly Suggestion[]>;
  forget(): void;
};

/** The channel as this window sees it: lines come as events and are resumed where the connection broke. */
export function useChannel(): ChannelState & ChannelActions {
  const [session, setSession] = useState<Session>();
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [people, setPeople] = useState<People>({ here: [], botIsBusy: false });
  const [isLive, setIsLive] = useState(true);
  const [problem, setProblem] = useState<string>();
  const window = useRef('');

  useEffect(() => {
    let events: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let isDone = false;
    const pending = new Map<number, Line>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const batch = new Map(pending);
      pending.clear();
      setLines((before) => {
        const all = new Map(before.map((line) => [line.id, line]));
        for (const [id, line] of batch) all.set(id, line);
        return [...all.values()].sort((a, b) => a.id - b.id);
      });
    };
    let last = 0;
    const open = async () => {
      const again = () => {
        setIsLive(false);
        if (!isDone) retry = setTimeout(() => void open(), 2_000);
      };
      try {
        window.current ||= await claimWindowId();
        setSession(await api<Session>(root, 'api/chat/session', { window: window.current }));
      } catch {
        again();
        return;
      }
      if (isDone) return;
      clearTimeout(retry);
      events?.close();
      const source = new EventSource(new URL(`api/chat/events?window=${window.current}&after=${last}`, root));
      events = source;
      source.addEventListener('hello', () => setIsLive(true));
      source.addEventListener('line', (event) => {
        const { data, lastEventId } = event as MessageEvent<string>;
        const line = JSON.parse(data) as Line;
        last = Number(lastEventId);
        pending.set(line.id, line);
        // Not an animation frame: a window in the background gets none.
        if (timer === undefined) timer = setTimeout(flush, 16);
      });
      source.addEventListener('people', (event) =>
        setPeople(JSON.parse((event as MessageEvent<string>).data) as People),
      );
      source.onerror = () => {
        source.close();
        again();
      };
    };
    // Browsers allow six connections to one server; a window that nobody looks at gives its own back after a while.
    let away: ReturnType<typeof setTimeout> | undefined;
    const onVisibility = () => {
      clearTimeout(away);
      if (document.hidden) away = setTimeout(() => events?.close(), awayMs);
      else if (events?.readyState === EventSource.CLOSED) void open();
    };
    document.addEventListener('visibilitychange', onVisibility);
    void open();
    return () => {
      isDone = true;
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(away);
      clearTimeout(retry);
      events?.close();
    };
  }, []);

  const attempt = useCallback(async (work: () => Promise<void>): Promise<boolean> => {
    try {
      setProblem(undefined);
      await work();
      return true;
    } catch (error) {
      setProblem(problemOf(error));
      return false;
    }
  }, []);
  const post = <Result>(path: string, body: object) => api<Result>(root, path, { window: window.current, ...body });

  return {
    session,
    lines,
    people,
    isLive,
    problem,
    say: (text, files, replyTo) =>
      attempt(async () => {
        const nonce = randomId();
        const sent = await Promise.all(files.map(sentFile));
        await post('api/chat/say', { text, nonce, files: sent, ...(replyTo !== undefined && { replyTo }) });
      }),
    press: async (message, data) =>
      void (await attempt(() => post('api/chat/press', { message, data, nonce: randomId() }))),
    rename: (name) =>
      attempt(async () => {
        const { me } = await post<{ me: Session['me'] }>('api/chat/name', { name });
        setSession((before) => before && { ...before, me });
      }),
    skip: async () => void (await attempt(() => post('api/embedded/skip', {}))),
    suggest: async (command, typed) => {
      const found = await post<{ suggestions: Suggestion[] }>('api/chat/suggest', { command, typed }).catch(
        () => undefined,
      );
      return found?.suggestions ?? [];
    },
    forget: () => setProblem(undefined),
  };
}

/** A file as the bot takes it; of one that is too large only its name and size. */
async function sentFile(file: File): Promise<{ name: string; type: string; bytes: number; content?: string }> {
  const shared = { name: file.name, type: file.type, bytes: file.size };
  if (file.size > fileLimits.bytes) return shared;
  return { ...shared, content: btoa(String.fromCharCode(...new Uint8Array(await file.arrayBuffer()))) };
}
