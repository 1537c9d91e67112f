import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModelFailure, type ModelFailureCode } from '../../host/runtime/ModelFailure.ts';
import { type Breaker, createBreaker, failuresToOpen, restsMs } from '../../host/runtime/provider/Breaker.ts';

let breaker: Breaker;
let calls: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  breaker = createBreaker();
  calls = 0;
});
afterEach(() => vi.useRealTimers());

async function call(code?: ModelFailureCode, cause?: unknown): Promise<string> {
  try {
    await breaker.guard(async () => {
      calls++;
      if (code !== undefined) throw new ModelFailure(code, { cause });
    });
    return 'ok';
  } catch (error) {
    return error instanceof ModelFailure ? error.code : String(error);
  }
}
async function fail(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await call('unreachable');
}

test('opens after so many failures in a row, and then asks nobody', async () => {
  await fail(failuresToOpen - 1);
  await call();
  await fail(failuresToOpen - 1);
  expect(breaker.resting()).toBe(false);
  await fail(1);
  expect(breaker.resting()).toBe(true);
  const before = calls;
  expect(await call()).toBe('resting');
  expect(calls).toBe(before);
});

test('after a rest one call decides: it closes, or rests for longer, up to five minutes', async () => {
  await fail(failuresToOpen);
  for (const rest of [...restsMs, restsMs.at(-1) ?? 0]) {
    vi.setSystemTime(Date.now() + rest - 1);
    expect(await call()).toBe('resting');
    expect(breaker.resting()).toBe(true);
    vi.setSystemTime(Date.now() + 1);
    expect(breaker.resting()).toBe(false);
    expect(await call('timeout', new DOMException('late', 'TimeoutError'))).toBe('timeout');
    expect(breaker.resting()).toBe(true);
  }
  vi.setSystemTime(Date.now() + (restsMs.at(-1) ?? 0));
  expect(await call()).toBe('ok');
  expect(breaker.resting()).toBe(false);
  await fail(failuresToOpen);
  vi.setSystemTime(Date.now() + restsMs[0]);
  expect(await call()).toBe('ok');
});

test('half open, calls that come meanwhile wait for the one that decides', async () => {
  await fail(failuresToOpen);
  vi.setSystemTime(Date.now() + restsMs[0]);
  const { promise, resolve } = Promise.withResolvers<void>();
  const probe = breaker.guard(() => promise);
  const other = call();
  expect(calls).toBe(failuresToOpen);
  resolve();
  await probe;
  expect(await other).toBe('ok');
});

test.each<ModelFailureCode>(['empty', 'tooLong', 'filtered', 'badRequest', 'unknownModel', 'overBudget'])(
  '%s is not the provider’s fault',
  async (code) => {
    for (let i = 0; i < failuresToOpen * 2; i++) expect(await call(code)).toBe(code);
    expect(breaker.resting()).toBe(false);
  },
);

test('a host that stops blames nobody', async () => {
  const cause = new DOMException('stopped', 'AbortError');
  for (let i = 0; i < failuresToOpen * 2; i++) expect(await call('timeout', cause)).toBe('timeout');
  expect(breaker.resting()).toBe(false);
});
