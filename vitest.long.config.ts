import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The quick tests and those of test/long: chaos, load, long runs. */
export default mergeConfig(base, { test: { exclude: ['node_modules/**'], testTimeout: 600_000 } });
