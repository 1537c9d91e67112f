/** What a process that a test starts gets of this one's environment. */
export const processEnv = {
  PATH: process.env['PATH'],
};

/** `npm run test:long`: every case of a sweep, not a sample. */
export const isLong = process.env['LONG_TESTS'] === 'true';
