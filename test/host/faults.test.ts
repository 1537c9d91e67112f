import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectOnce, type Fault, faultsAt, type Lives, startLives } from './faults.ts';

let lives: Lives;
beforeAll(async () => {
  lives = await startLives();
}, 60_000);
afterAll(() => lives?.stop());

/** test/long strikes at every step; here each kind of fault falls on other steps. */
function sample(steps: Record<Fault['of'], number>, most: number): Fault[] {
  const all = (['request', 'write'] as const).flatMap((of) =>
    Array.from({ length: steps[of] }, (_, index) => faultsAt(of, index + 1)).flat(),
  );
  // Far from a divisor of their number, so that the faults come in all kinds.
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length * 0.618) % all.length)]).filter(
    (fault) => fault !== undefined,
  );
}

test('whatever a request to the chain or a write to the journal does: one answer, one report, one claim', async () => {
  const calm = await lives.live();
  expectOnce(calm, undefined);
  let struck = 0;
  for (const fault of sample(calm.steps, 16)) {
    const outcome = await lives.live(fault);
    expectOnce(outcome, fault);
    if (outcome.struck.length > 0) struck += 1;
  }
  // The last steps of a life fall away when it is short.
  expect(struck).toBeGreaterThan(12);
}, 120_000);
