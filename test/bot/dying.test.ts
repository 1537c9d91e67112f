import { expect, test } from 'vitest';
import { live, onDiscord, onTelegram } from './dying.ts';

/** A few of the steps; test/long/dying.test.ts takes every one. */
test.each([
  ['telegram', onTelegram, [2, 7, 13]],
  ['discord', onDiscord, [2, 7, 13]],
] as const)(
  'on %s a bot that dies shows the answer once, or admits a repetition it can’t find out',
  async (_, on, steps) => {
    const total = await live(await on(), undefined);
    expect(total).toBeGreaterThan(20);
    for (const step of steps) await live(await on(), step);
  },
);
