import type { SSEStreamingApi } from 'hono/streaming';
import type { AskView } from '../../core/types.ts';

const heartbeatMs = 20_000;

/** Holds the newest view only: a slow reader misses states in between, never the last. */
export function createMailbox(first: AskView) {
  let view = first;
  let isNew = true;
  let wake = () => {};
  const touch = () => {
    isNew = true;
    wake();
  };
  return {
    touch,
    put(next: AskView): void {
      view = next;
      touch();
    },
    /** The newest view, or undefined after `ms` without news. */
    async next(ms: number): Promise<AskView | undefined> {
      if (!isNew) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (!isNew) return undefined;
      isNew = false;
      return view;
    },
  };
}

/** Sends each new view until the reader or the server is gone. */
export async function pump(
  stream: SSEStreamingApi,
  mailbox: ReturnType<typeof createMailbox>,
  signal: AbortSignal,
  encode: (view: AskView) => Promise<string>,
): Promise<void> {
  const isOver = () => stream.aborted || stream.closed || signal.aborted;
  stream.onAbort(mailbox.touch);
  signal.addEventListener('abort', mailbox.touch);
  try {
    while (!isOver()) {
      const view = await mailbox.next(heartbeatMs);
      if (isOver()) return;
      if (view) await stream.writeSSE({ event: 'view', data: await encode(view) });
      else await stream.write(': still here\n\n');
    }
  } finally {
    signal.removeEventListener('abort', mailbox.touch);
  }
}
