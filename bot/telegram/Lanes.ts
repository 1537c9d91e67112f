import { DeliveryError } from '../core/types.ts';
import { retryAfter } from './failure.ts';

/** How much may be sent. Telegram's own advice: 1 a second in a chat with short bursts, 20 a minute in a group, 30 a second over all. */
export type Pace = {
  /** Sends to one chat in any `burst` seconds. */
  burst: number;
  groupPerMinute: number;
  /** Of those, kept free of edits so that an answer finds room. */
  keptForMessages: number;
  perSecond: number;
};

export const telegramPace: Pace = { burst: 3, groupPerMinute: 20, keptForMessages: 4, perSecond: 30 };

type Job = {
  key: string | undefined;
  call: () => Promise<unknown>;
  done: (value: unknown) => void;
  failed: (error: unknown) => void;
};
type Lane = { jobs: Job[]; sentAt: number[]; pausedUntil: number; running: boolean };

export type Lanes = {
  /**
   * Runs `call` when the chat's pace allows it; a 429 makes the whole chat wait as long as Telegram says, then it runs again.
   * Of calls with the same `edits` that wait, only the latest is made; all of them get its outcome.
   * @param edits the message that the call edits; absent for a new message, which goes first
   * @throws what `call` throws, or DeliveryError when stopped before
   */
  run<T>(chat: number, edits: string | undefined, call: () => Promise<T>): Promise<T>;
  stop(): void;
};

/** One queue a chat. */
export function createLanes(pace: Pace = telegramPace): Lanes {
  const lanes = new Map<number, Lane>();
  const stopping = new AbortController();
  const sentAt: number[] = [];

  async function drive(chat: number, lane: Lane): Promise<void> {
    for (;;) {
      const job = lane.jobs.find(({ key }) => key === undefined) ?? lane.jobs[0];
      if (!job || stopping.signal.aborted) return;
      const wait = Math.max(lane.pausedUntil, nextAllowed(chat, lane, job)) - Date.now();
      if (wait > 0) {
        await pause(wait, stopping.signal);
        continue;
      }
      lane.jobs.splice(lane.jobs.indexOf(job), 1);
      remember(sentAt, pace.perSecond);
      await make(lane, job);
      // Counted from its end: Telegram can't have seen it later than that.
      remember(lane.sentAt, pace.groupPerMinute);
    }
  }

  async function make(lane: Lane, job: Job): Promise<void> {
    try {
      job.done(await job.call());
    } catch (error) {
      const seconds = retryAfter(error);
      if (seconds === undefined || stopping.signal.aborted) return job.failed(error);
      lane.pausedUntil = Date.now() + seconds * 1_000;
      const newer = lane.jobs.find(({ key }) => key !== undefined && key === job.key);
      if (newer) merge(newer, job);
      else lane.jobs.unshift(job);
    }
  }

  function nextAllowed(chat: number, lane: Lane, job: Job): number {
    const inGroup = job.key === undefined ? pace.groupPerMinute : pace.groupPerMinute - pace.keptForMessages;
    return Math.max(
      (lane.sentAt.at(-pace.burst) ?? 0) + pace.burst * 1_000,
      chat < 0 ? (lane.sentAt.at(-inGroup) ?? 0) + 60_000 : 0,
      (sentAt.at(-pace.perSecond) ?? 0) + 1_000,
    );
  }

  function laneOf(chat: number): Lane {
    for (const [id, { running, sentAt, pausedUntil }] of lanes.size > 1_000 ? lanes : []) {
      if (!running && (sentAt.at(-1) ?? 0) < Date.now() - 60_000 && pausedUntil < Date.now()) lanes.delete(id);
    }
    const lane = lanes.get(chat) ?? { jobs: [], sentAt: [], pausedUntil: 0, running: false };
    lanes.set(chat, lane);
    return lane;
  }

  return {
    run<T>(chat: number, edits: string | undefined, call: () => Promise<T>): Promise<T> {
      if (stopping.signal.aborted) return Promise.reject(stopped());
      const lane = laneOf(chat);
      return new Promise<T>((resolve, reject) => {
        const job: Job = { key: edits, call, done: (value) => resolve(value as T), failed: reject };
        const waiting = edits === undefined ? undefined : lane.jobs.find(({ key }) => key === edits);
        if (waiting) {
          merge(waiting, job);
          waiting.call = call;
        } else lane.jobs.push(job);
        if (lane.running) return;
        lane.running = true;
        void drive(chat, lane).finally(() => {
          lane.running = false;
        });
      });
    },
    stop() {
      stopping.abort();
      for (const { jobs } of lanes.values()) for (const job of jobs.splice(0)) job.failed(stopped());
    },
  };
}

/** `kept` also settles whoever waits for `other`. */
function merge(kept: Job, other: Job): void {
  const { done, failed } = kept;
  kept.done = (value) => {
    done(value);
    other.done(value);
  };
  kept.failed = (error) => {
    failed(error);
    other.failed(error);
  };
}

function remember(times: number[], most: number): void {
  times.push(Date.now());
  if (times.length > most) times.shift();
}

const stopped = () => new DeliveryError('later', 'The Telegram adapter is stopping');

/** Resolves after `ms`, at once when aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
