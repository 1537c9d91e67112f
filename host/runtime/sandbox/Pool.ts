import PQueue from 'p-queue';
import { sandboxImage } from './Image.ts';
import type { Limits } from './Messages.ts';
import { type Python, startPython } from './Python.ts';

/** Processes with Python loaded. Each runs one script and is thrown away. */
export type Pool = {
  /**
   * Lends a process, those of a higher priority first; it is killed when `use` is over, whatever came of it.
   * @throws SandboxFailure, and what `use` throws
   */
  with<T>(
    use: (one: Python) => Promise<T>,
    options?: { signal?: AbortSignal | undefined; priority?: number },
  ): Promise<T>;
  /** Processes that are alive, warm ones included. */
  size(): number;
  /** Resolves when nothing runs and those that wait are ready. */
  settled(): Promise<void>;
  /** Kills all of them. */
  close(): Promise<void>;
};

export type PoolOptions = Pick<Limits, 'memoryMiB'> & {
  /** Processes kept ready once the first script has come; until then none is started. */
  warm: number;
  /** Scripts that run at a time. */
  atOnce: number;
};

export function createPool({ warm, atOnce, memoryMiB }: PoolOptions): Pool {
  const queue = new PQueue({ concurrency: atOnce });
  const ready: Python[] = [];
  const alive = new Set<Python>();
  let closed = false;

  function start(image: string): Python {
    const one = startPython(image, { memoryMiB });
    alive.add(one);
    void one.gone.then(() => {
      alive.delete(one);
      const index = ready.indexOf(one);
      if (index >= 0) ready.splice(index, 1);
    });
    // Whoever takes it hears of it.
    one.ready.catch(() => undefined);
    return one;
  }
  function refill(image: string): void {
    // Not while scripts run: loading Python takes a processor for half a second.
    while (!closed && queue.pending <= 1 && ready.length < warm) ready.push(start(image));
  }

  return {
    with: (use, { signal, priority = 0 } = {}) =>
      queue.add(
        async () => {
          const image = await sandboxImage();
          const one = ready.shift() ?? start(image);
          one.hold();
          try {
            await one.ready;
            return await use(one);
          } finally {
            one.kill();
            refill(image);
          }
        },
        { priority, ...(signal && { signal }) },
      ),
    size: () => alive.size,
    settled: async () => {
      await queue.onIdle();
      await Promise.all(ready.map((one) => one.ready));
    },
    close: async () => {
      closed = true;
      queue.clear();
      const all = [...alive];
      for (const one of all) one.kill();
      await Promise.all(all.map(({ gone }) => gone));
    },
  };
}
