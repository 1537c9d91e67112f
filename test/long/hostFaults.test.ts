import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Provider } from '../../host/runtime/provider/Provider.ts';
import { expectOnce, type Fault, faultsAt, liveThrough, prepare } from '../host/faults.ts';
import { type Stand, startStand } from '../host/support.ts';

let stand: Stand;
let provider: Provider;
beforeAll(async () => {
  stand = await startStand({ blockTime: 0.05 });
  provider = await prepare(stand);
}, 60_000);
afterAll(() => stand?.stop());

test.each([
  ['request', 30],
  ['write', 40],
] as const)(
  'struck at every %s: one answer, one report, one claim, and no second model call for a known answer',
  async (of: Fault['of'], least: number) => {
    let nth = 1;
    for (let missed = 0; missed < 2; nth++) {
      const struck: (string | undefined)[] = [];
      for (const fault of faultsAt(of, nth)) {
        const outcome = await liveThrough(stand, provider, fault);
        expectOnce(outcome, fault);
        struck.push(outcome.struck);
      }
      missed = struck.some((step) => step !== undefined) ? 0 : missed + 1;
    }
    expect(nth).toBeGreaterThan(least);
  },
);
