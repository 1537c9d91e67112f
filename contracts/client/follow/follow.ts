import { setTimeout as wait } from 'node:timers/promises';
import type { Deployment } from '../Deployment.ts';
import { zeroHash } from '../Hex.ts';
import type { Rpc } from '../Rpc.ts';
import type { Log } from '../support/Log.ts';
import { type Header, headerAt, InconsistentError, readBlock, readRange, type Stretch } from './Blocks.ts';
import { advance, type BlockRef, type Cursor, exactBlocks, retreat } from './Cursor.ts';
import { watchHeads } from './heads.ts';
import { RetryableError, type Update } from './Update.ts';

export type { BlockRef, Cursor } from './Cursor.ts';
export { cursorSchema } from './Cursor.ts';
export type { Forward, Undo, Update } from './Update.ts';
export { RetryableError } from './Update.ts';

export type FollowOptions = {
  rpc: Rpc;
  deployment: Deployment;
  /** Where an earlier run stopped, or the first block to handle. */
  start: Cursor | { fromBlock: number };
  /** So many blocks must lie above one before it is handled; 0: at once. */
  confirmations: number;
  pollMs: number;
  /** A ws: or wss: URL of a node that announces new blocks: each makes a look at once, and `pollMs` can be long. */
  announcements?: string;
  /** Most blocks asked for at once while catching up. Default 10,000; halved when the node can't. */
  maxRange?: number;
  /** A block whose time is further ahead of this machine's clock is not believed, seconds. Default: any is. */
  mostAhead?: number;
  signal: AbortSignal;
  log: Log;
  /**
   * Handles one update and keeps its cursor. When it throws RetryableError the same update comes again; any other error ends
   * `follow`. A kill between two calls repeats or loses nothing when the cursor is kept together with what was done.
   */
  onUpdate(update: Update): Promise<void>;
};

const longestPauseMs = 5_000;
/** Blocks with a header each, in one stretch. */
const detailBlocks = 64;

/** Hands over every event of the deployment, in order, undoing what a reorganisation removed, until the signal aborts. */
export async function follow(options: FollowOptions): Promise<void> {
  const { rpc, deployment, confirmations, pollMs, maxRange = 10_000, signal, log } = options;
  let cursor = 'fromBlock' in options.start ? undefined : options.start;
  const first = 'fromBlock' in options.start ? options.start.fromBlock : deployment.fromBlock;
  let range = Math.min(maxRange, 2_000);
  /** Slowly rises again: a limit that a node once named by failing is not run into at every other question. */
  let ceiling = maxRange;
  /** A reorganisation is believed at the second look: behind a load balancer one node may be on a branch that dies. */
  let doubts = 0;

  /** One look at the chain. True when there may be more to do at once. */
  async function look(): Promise<boolean> {
    const head = await headerAt(rpc, 'latest');
    if (!head) return false;
    cursor ??= await begin(first);
    if (!cursor) return false;
    const target = head.number - confirmations;
    if (target <= cursor.number) {
      const replaced = await isReplaced(cursor, head);
      return replaced ? undo(cursor) : sure();
    }
    const stretch = await read(cursor, head, target);
    const [next] = stretch.headers;
    const last = stretch.headers.at(-1);
    if (!next || !last) return false;
    if (options.mostAhead !== undefined && last.timestamp > Date.now() / 1_000 + options.mostAhead)
      throw new InconsistentError(
        `Block ${last.number} is of the future: ${new Date(last.timestamp * 1_000).toISOString()}`,
      );
    if (cursor.number >= 0 && next.parentHash !== cursor.hash) return undo(cursor);
    doubts = 0;
    const advanced = advance(
      cursor,
      stretch.headers.map(({ number, hash }) => ({ number, hash })),
    );
    const { timestamp, number: to } = last;
    await hand({ type: 'forward', from: next.number, to, timestamp, events: stretch.events, cursor: advanced });
    return to < target;
  }

  function sure(): boolean {
    doubts = 0;
    return false;
  }

  /** The cursor just below block `from`; undefined when the chain is not that long yet. */
  async function begin(from: number): Promise<Cursor | undefined> {
    if (from <= 0) return { number: -1, hash: zeroHash, recent: [] };
    const below = await headerAt(rpc, from - 1);
    return below && advance(undefined, [{ number: below.number, hash: below.hash }]);
  }

  /** Whether the chain holds another block at a height that we know. A head that only is lower proves nothing. */
  async function isReplaced(at: Cursor, head: Header): Promise<boolean> {
    const known = head.number >= at.number ? at : at.recent.find(({ number }) => number === head.number);
    if (!known || known.number < 0) return false;
    const now = known.number === head.number ? head : await headerAt(rpc, known.number);
    return now !== undefined && now.hash !== known.hash;
  }

  async function read(at: Cursor, head: Header, target: number): Promise<Stretch> {
    const from = at.number + 1;
    if (target === from) {
      const header = head.number === from ? head : await headerAt(rpc, from);
      if (!header) throw new InconsistentError(`The node lacks block ${from}`);
      return readBlock(rpc, deployment, header);
    }
    const detail = target - at.number <= exactBlocks;
    const to = detail ? Math.min(target, at.number + detailBlocks) : Math.min(target - exactBlocks, at.number + range);
    try {
      const stretch = await readRange(rpc, deployment, { from, to, detail });
      if (!detail && stretch.events.length < 2_000) {
        ceiling = Math.min(maxRange, Math.ceil(ceiling * 1.05));
        range = Math.min(ceiling, range * 2);
      }
      return stretch;
    } catch (error) {
      // Nodes limit blocks, logs, bytes or time, each with words of its own: any failure asks for less.
      range = Math.max(1, Math.floor((to - from + 1) / 2));
      ceiling = range;
      throw error;
    }
  }

  async function undo(at: Cursor): Promise<boolean> {
    doubts += 1;
    if (doubts < 2) return false;
    const ancestor = (await commonAncestor(at)) ?? (await begin(first));
    if (!ancestor) return false;
    doubts = 0;
    log.warn({ from: at.number, toBlock: ancestor.number }, 'the chain was reorganised');
    await hand({ type: 'undo', toBlock: ancestor.number, cursor: retreat(at, ancestor) });
    return true;
  }

  /** The newest block known to us that the chain still holds: where one matches, all older ones do. */
  async function commonAncestor(at: Cursor): Promise<BlockRef | undefined> {
    let low = 0;
    let high = at.recent.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const known = at.recent[middle];
      const now = known && (await headerAt(rpc, known.number));
      if (known && now?.hash === known.hash) high = middle;
      else low = middle + 1;
    }
    const found = at.recent[low];
    return found && { number: found.number, hash: found.hash };
  }

  async function hand(update: Update): Promise<void> {
    for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        await options.onUpdate(update);
        cursor = update.cursor;
        return;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw new HandlerError(error);
        log.warn({ err: error }, 'blocks could not be handled; trying again');
        await pause(pauseMs, signal);
      }
    }
  }

  let announced = Promise.withResolvers<void>();
  if (options.announcements !== undefined) watchHeads(options.announcements, () => announced.resolve(), signal, log);
  let failures = 0;
  while (!signal.aborted) {
    announced = Promise.withResolvers<void>();
    try {
      const more = await look();
      if (failures > 0) log.info('the chain answers again');
      failures = 0;
      if (more) continue;
    } catch (error) {
      if (error instanceof HandlerError) throw error.cause;
      if (signal.aborted) return;
      failures += 1;
      const level = error instanceof InconsistentError ? 'debug' : failures === 3 ? 'warn' : 'debug';
      log[level]({ err: error }, 'the chain could not be read; trying again');
      await pause(Math.min(longestPauseMs, pollMs * 2 ** Math.min(failures - 1, 8)), signal);
      continue;
    }
    // A doubt is cleared up soon, whatever the pace.
    await pause(doubts > 0 ? Math.min(pollMs, 500) : pollMs, signal, announced.promise);
  }
}

/** Carries what `onUpdate` threw past the handling of the chain's own failures. */
class HandlerError extends Error {
  constructor(cause: unknown) {
    super('onUpdate failed', { cause });
  }
}

async function pause(ms: number, signal: AbortSignal, sooner?: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const over = wait(ms, undefined, { signal: AbortSignal.any([signal, timer.signal]) }).catch(() => {});
  await (sooner ? Promise.race([over, sooner]) : over);
  timer.abort();
}
