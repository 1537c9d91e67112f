import type { Rpc } from '../Rpc.ts';
import type { Log } from '../support/Log.ts';
import { writeState } from './StateFile.ts';

export type SaverOptions = { rpc: Rpc; stateFile: string | undefined; log: Log };

/** Saves soon after each block with transactions, and now and then when idle; at most a fifth of the time is spent on it. */
export function createSaver({ rpc, stateFile, log }: SaverOptions): {
  note(busy: boolean): void;
  save(): Promise<void>;
} {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let tookMs = 0;

  async function write(): Promise<void> {
    if (stateFile === undefined) return;
    const begun = Date.now();
    await writeState(stateFile, String(await rpc.send('anvil_dumpState', [])));
    tookMs = Date.now() - begun;
  }
  function save(): Promise<void> {
    clearTimeout(timer);
    dueAt = Number.POSITIVE_INFINITY;
    running = running.catch(() => {}).then(write);
    return running;
  }
  return {
    save,
    note(busy) {
      if (stateFile === undefined) return;
      const at = Date.now() + (busy ? Math.max(300, tookMs * 4) : 30_000);
      if (at >= dueAt) return;
      clearTimeout(timer);
      dueAt = at;
      timer = setTimeout(
        () => {
          save().catch((error) => log.warn({ err: error }, 'the embedded chain’s state could not be saved'));
        },
        Math.max(0, at - Date.now()),
      );
    },
  };
}
