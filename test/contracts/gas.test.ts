import { expect, test } from 'vitest';
import { measure, steps } from '../../bench/gas.ts';
import snapshot from './gas.snapshot.json' with { type: 'json' };

// Salts and addresses differ in their zero bytes from run to run, which moves calldata by a few hundred gas.
const TOLERANCE = 0.01;

test('no step costs more than the snapshot (npm run bench:gas -- --write takes a new one)', async () => {
  const costs = await measure();
  for (const step of steps) {
    expect(costs[step], step).toBeLessThan(snapshot[step] * (1 + TOLERANCE));
    expect(costs[step], `${step} became cheaper: take a new snapshot`).toBeGreaterThan(
      snapshot[step] * (1 - TOLERANCE),
    );
  }
}, 120_000);
