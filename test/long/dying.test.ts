import { test } from 'vitest';
import { live, onDiscord, onTelegram } from '../bot/dying.ts';

test.each([
  ['telegram', onTelegram],
  ['discord', onDiscord],
] as const)('on %s a bot may die at every store write and every platform call', async (_, on) => {
  const total = await live(await on(), undefined);
  for (let step = 1; step <= total; step++) await live(await on(), step);
});
