import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests and the processes that they start load the same libraries again and again: their compiled code is kept.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.build/compiled');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', 'node_modules/**'],
    pool: 'forks',
    // Much of a test is waiting for blocks and for other processes.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 90_000,
    // On a busy machine a second is short for anything that crosses a process.
    expect: { poll: { timeout: 20_000, interval: 50 } },
    reporters: ['default', ['json', { outputFile: '.build/vitest.json' }]],
  },
});
