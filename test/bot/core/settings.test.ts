import { expect, it } from 'vitest';
import { readBotSettings } from '../../../bot/settings.ts';

const least = { RPC_URLS: 'http://127.0.0.1:8545, https://rpc.example/v1', DEPLOYMENT_FILE: 'deployment.json' };

it('needs the chain and where the contracts are', () => {
  expect(readBotSettings(least)).toMatchObject({
    RPC_URLS: ['http://127.0.0.1:8545', 'https://rpc.example/v1'],
    BOT_PORT: 8080,
    PAY_LINK_MINUTES: 30,
  });
  expect(() => readBotSettings({})).toThrowErrorMatchingInlineSnapshot(`
    [SettingsError: RPC_URLS is not set: give the addresses of nodes of one chain, separated by commas. Example: RPC_URLS=http://127.0.0.1:8545
    DEPLOYMENT_FILE is not set: give the file with the contracts’ addresses. Example: DEPLOYMENT_FILE=.data/deployment.json]
  `);
});

it('takes only https links for the world', () => {
  expect(readBotSettings({ ...least, PUBLIC_URL: 'https://ask.example/' }).PUBLIC_URL).toBe('https://ask.example');
  expect(readBotSettings({ ...least, PUBLIC_URL: 'http://localhost:8080' }).PUBLIC_URL).toBe('http://localhost:8080');
  expect(() => readBotSettings({ ...least, PUBLIC_URL: 'http://ask.example' })).toThrowErrorMatchingInlineSnapshot(
    `[SettingsError: PUBLIC_URL is wrong: must begin with https://: wallets refuse other pages, and links could be changed on the way. Example: PUBLIC_URL=https://ask.example.org]`,
  );
});
