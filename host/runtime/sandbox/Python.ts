import {
  type CallReply,
  type GuestMessage,
  guestMessage,
  type Limits,
  type RunRequest,
  type WorkRequest,
} from './Messages.ts';
import { type Guest, startGuest } from './Process.ts';
import { SandboxFailure } from './SandboxFailure.ts';

/** What a process is told. */
type ToGuest = RunRequest | WorkRequest | CallReply;

/** A process that has Python loaded, for one script. */
export type Python = Guest<ToGuest, GuestMessage> & {
  /** Resolves when it can take its script. @throws SandboxFailure `start` */
  ready: Promise<void>;
};

/** What a process takes beside Python's own memory. MiB; measured 200 while it waits, and JavaScript's heap. */
const besideMiB = 384;
/** Loading Python takes half a second; on a machine with a hundred other things to do, longer. */
const startMs = 60_000;

/** Starts a process; it loads Python meanwhile. `image` is from `sandboxImage`. */
export function startPython(image: string, { memoryMiB }: Pick<Limits, 'memoryMiB'>): Python {
  const guest = startGuest<ToGuest, GuestMessage>({
    image,
    entry: 'supervisor.mjs',
    flags: [
      '--allow-worker',
      '--disallow-code-generation-from-strings',
      `--wasm-max-mem-pages=${memoryMiB * 16}`,
      '--max-old-space-size=128',
    ],
    args: [String(memoryMiB + besideMiB)],
    message: guestMessage,
  });
  const ready = withTimeout(guest.next(), startMs).then(
    (first) => {
      if (first.type !== 'ready') throw new SandboxFailure('start', 'A sandbox did not get ready.');
    },
    (error: unknown) => {
      guest.kill();
      throw new SandboxFailure('start', 'A sandbox did not get ready.', { cause: error });
    },
  );
  return { ...guest, ready };
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It was not ready within ${ms / 1_000} s.`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
