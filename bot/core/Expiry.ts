import { asksExpired, nextExpiry } from '../store/asks.ts';
import { readCursor } from '../store/events.ts';
import type { Context } from './Context.ts';
import { coalesce } from './coalesce.ts';
import { refresh } from './Refresh.ts';

export type Expiry = { start(): void; stop(): void };

/** Says on the card when a pay link has run out, by the wall clock. A payment that still comes is taken all the same. */
export function createExpiry(context: Context): Expiry {
  const { store, log, now } = context;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;
  let stopped = false;

  async function run(): Promise<void> {
    const at = now();
    if ((await asksExpired(store.db, at)).length > 0) {
      await store.commit(async (db, changes) => {
        const clock = (await readCursor(db))?.clock ?? 0;
        for (const record of await asksExpired(db, at)) await refresh(context, db, changes, record, clock);
      });
    }
    const next = await nextExpiry(store.db);
    clearTimeout(timer);
    if (next === undefined || stopped) return;
    timer = setTimeout(kick, Math.min(Math.max(next - now(), 0) * 1000 + 500, 3_600_000));
    timer.unref();
  }

  const kick = coalesce(run, (error) => log.error({ err: error }, 'expiring pay links failed'));

  return {
    start() {
      unsubscribe ??= store.onCommit(({ asks }) => {
        if (asks.size > 0) kick();
      });
      kick();
    },
    stop() {
      stopped = true;
      unsubscribe?.();
      clearTimeout(timer);
    },
  };
}
