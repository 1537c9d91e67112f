import { vi } from 'vitest';

/** Waits until `check` throws no more; as long as a slow, busy machine may need. */
export function eventually<T>(check: () => T | Promise<T>, timeout = 15_000): Promise<T> {
  return vi.waitFor(check, { timeout, interval: 20 });
}
