import type { SSEStreamingApi } from 'hono/streaming';
import type { Channel } from './channel.ts';
import type { Entry, Member } from './store.ts';
import { lineOf, type People, type Standing } from './wire.ts';

const heartbeatMs = 20_000;

export type LineStreamOptions = {
  channel: Channel;
  member: Member;
  /** What the window has seen; each line goes out under its own revision, by which the next connection resumes. */
  revision: number;
  standingOf: (entry: Entry) => Promise<Standing | undefined>;
  signal: AbortSignal;
};

/** Sends a window the lines it may see, who is here, and every change, until it or the server is gone. */
export async function streamLines(
  stream: SSEStreamingApi,
  { channel, member, revision: seen, standingOf, signal }: LineStreamOptions,
): Promise<void> {
  let revision = seen;
  let hasNews = true;
  let peopleChanged = true;
  let wake = () => {};
  const touch = () => {
    hasNews = true;
    wake();
  };
  const stop = channel.subscribe((change) => {
    if (change === 'people') peopleChanged = true;
    touch();
  });
  const leave = channel.enter(member);
  stream.onAbort(touch);
  signal.addEventListener('abort', touch);
  const isOver = () => stream.aborted || stream.closed || signal.aborted;
  try {
    await stream.writeSSE({ event: 'hello', data: '{}' });
    while (!isOver()) {
      hasNews = false;
      for (const entry of channel.since(revision, member)) {
        const data = JSON.stringify(await lineOf(entry, member, await standingOf(entry)));
        await stream.writeSSE({ event: 'line', id: String(entry.revision), data });
        revision = entry.revision;
      }
      if (peopleChanged) {
        peopleChanged = false;
        const people: People = { here: channel.people(), botIsBusy: channel.isBusy() };
        await stream.writeSSE({ event: 'people', data: JSON.stringify(people) });
      }
      if (hasNews || isOver()) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, heartbeatMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!hasNews && !isOver()) await stream.write(': still here\n\n');
    }
  } finally {
    signal.removeEventListener('abort', touch);
    stop();
    leave();
  }
}
