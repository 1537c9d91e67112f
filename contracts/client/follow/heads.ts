import type { Log } from '../support/Log.ts';

const longestPauseMs = 30_000;

/**
 * Calls `onHead` for each new block that a node announces over a WebSocket, and after each (re)connection. Only a hint that it is
 * worth looking: what an announcement misses, the next look finds. Reconnects until the signal aborts.
 * @param url ws: or wss:, never logged (keys are kept in paths)
 */
export function watchHeads(url: string, onHead: () => void, signal: AbortSignal, log: Log): void {
  let pauseMs = 500;
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;

  function open(): void {
    if (signal.aborted) return;
    socket = new WebSocket(url);
    socket.addEventListener('open', () => {
      pauseMs = 500;
      socket?.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
      onHead();
    });
    socket.addEventListener('message', () => onHead());
    socket.addEventListener('close', () => {
      if (signal.aborted) return;
      log.debug({ node: new URL(url).host, pauseMs }, 'block announcements ended; connecting again');
      timer = setTimeout(open, pauseMs);
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    });
    // A close always follows, and says it all.
    socket.addEventListener('error', () => {});
  }

  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    socket?.close();
  });
  open();
}
