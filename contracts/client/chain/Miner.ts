import type { Rpc } from '../Rpc.ts';
import type { Log } from '../support/Log.ts';

/** After a block with transactions this many more follow at full pace, for those who wait for confirmations. */
const busyBlocks = 5;

export type MinerOptions = { rpc: Rpc; blockMs: number; idleMs: number; log: Log; onBlock: (busy: boolean) => void };

export type Miner = {
  /** At once: the next block comes so long after now. */
  setPace(blockMs: number): void;
  /** Does something to the chain while no block is being made: anvil loses blocks when one comes in the middle of a change. */
  between<Result>(work: () => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
};

/** Blocks at a steady pace while there is something to put into them, and a few empty ones when not. */
export function startMiner({ rpc, idleMs, log, onBlock, ...options }: MinerOptions): Miner {
  let { blockMs } = options;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let stopped = false;
  let due = Date.now() + blockMs;
  let lastBlockAt = 0;
  let busy = 0;
  let waiting = false;

  async function tick(): Promise<void> {
    if (stopped) return;
    const { pending } = await rpc.send('txpool_status', []);
    const transactions = Number(pending);
    if (transactions > 0) busy = busyBlocks;
    else if (busy > 0) busy -= 1;
    else if (Date.now() - lastBlockAt < idleMs) return;
    await rpc.send('evm_mine', []);
    lastBlockAt = Date.now();
    onBlock(transactions > 0);
  }

  function between<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  }

  function schedule(): void {
    if (stopped) return;
    due = Math.max(due + blockMs, Date.now());
    waiting = true;
    timer = setTimeout(
      () => {
        waiting = false;
        void between(tick)
          .catch((error) => {
            if (!stopped) log.warn({ err: error }, 'the embedded chain made no block');
          })
          .then(schedule);
      },
      Math.max(0, due - Date.now()),
    );
  }
  due -= blockMs;
  schedule();
  return {
    setPace(ms) {
      blockMs = ms;
      if (!waiting) return;
      clearTimeout(timer);
      due = Date.now();
      schedule();
    },
    between,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}
