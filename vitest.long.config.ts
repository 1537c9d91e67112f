import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The quick tests and those of test/long: chaos and load. (Merging would add up the lists of what is left out.) */
export default defineConfig({
  test: { ...base.test, exclude: ['node_modules/**'], env: { LONG_TESTS: 'true' }, testTimeout: 600_000 },
});
