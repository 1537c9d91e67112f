import { beforeAll, expect, test } from 'vitest';
import { measure, steps } from '../../bench/gas.ts';
import snapshot from './gas.snapshot.json' with { type: 'json' };

// Salts and addresses differ in their zero bytes from run to run, which moves calldata by a few hundred gas.
const TOLERANCE = 0.01;

let measured: Awaited<ReturnType<typeof measure>>;
beforeAll(async () => {
  measured = await measure();
}, 120_000);

test('no step costs more than the snapshot (npm run bench:gas -- --write takes a new one)', () => {
  const { costs } = measured;
  for (const step of steps) {
    expect(costs[step], step).toBeLessThan(snapshot[step] * (1 + TOLERANCE));
    expect(costs[step], `${step} became cheaper: take a new snapshot`).toBeGreaterThan(
      snapshot[step] * (1 - TOLERANCE),
    );
  }
});

test('what the host sends with a long answer is at least 1.15 times what it takes, and fits into a transaction', () => {
  expect(measured.long.length).toBeGreaterThan(8);
  for (const { says, bytes, measured: gas, limit } of measured.long) {
    expect(Number(limit) / gas, `${says}, ${bytes} bytes`).toBeGreaterThan(1.15);
    expect(limit, says).toBeLessThan(2n ** 24n);
  }
});
