import { describe, expect, vi } from 'vitest';
import { cure, findChromium } from './chromium.ts';

// A page on a busy machine may take ten times as long; a single wait ends first and says what it waited for.
vi.setConfig({ testTimeout: 120_000 });

/** `expect.poll` with the patience that Playwright has by default. */
export const eventually = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 30_000 });

/** A describe that needs a browser: skipped where there is none, unless `REQUIRE_BROWSER=1` makes that a failure. */
export const describeInBrowser: typeof describe.skip = (() => {
  if (findChromium() !== undefined) return describe as unknown as typeof describe.skip;
  if (process.env['REQUIRE_BROWSER'] === '1') throw new Error(cure);
  console.warn(cure);
  return describe.skip;
})();
