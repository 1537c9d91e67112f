/** What a process that a test starts gets of this one's environment. Kept compiled code halves the time until it is ready. */
export const processEnv = {
  PATH: process.env['PATH'],
  ...(process.env['NODE_COMPILE_CACHE'] !== undefined && { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }),
};

/** `npm run test:long`: every case of a sweep, not a sample. */
export const isLong = process.env['LONG_TESTS'] === 'true';
