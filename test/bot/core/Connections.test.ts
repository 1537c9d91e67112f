import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { connectPlatform } from '../../../bot/Connections.ts';
import { FakePlatform } from './FakePlatform.ts';

const log = pino({ level: 'silent' });
const receive = async () => {};
const moved = async () => {};

it('goes on trying, says why meanwhile, and lets what waited be sent once connected', async () => {
  let attempts = 0;
  const onConnected = vi.fn(async () => {});
  const connection = connectPlatform({
    platform: 'telegram',
    load: async () => {
      attempts += 1;
      const platform = new FakePlatform();
      if (attempts < 3) platform.start = () => Promise.reject(new TypeError('the token was refused'));
      return platform;
    },
    receive,
    moved,
    onConnected,
    log,
    retryAfterMs: 20,
  });
  await connection.tried;
  expect(connection.status().line).toBe('not connected: the token was refused; trying again');
  await expect.poll(() => connection.status().line).toBe('connected');
  await expect.poll(() => onConnected.mock.calls.length).toBe(1);
  await connection.stop();
});

it('stops while it is still connecting', async () => {
  const platform = new FakePlatform();
  const { promise, reject } = Promise.withResolvers<void>();
  platform.start = () => promise;
  platform.stop = async () => reject(new Error('stopped'));
  platform.status = () => ({ isConnected: false, line: 'reaching for it' });
  const connection = connectPlatform({
    platform: 'telegram',
    load: async () => platform,
    receive,
    moved,
    onConnected: async () => {},
    log,
  });
  await expect.poll(() => connection.status().line).toBe('reaching for it');
  await connection.stop();
});
