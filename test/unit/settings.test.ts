import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { botSettings } from '../../bot/settings.ts';
import { documentedNames, environment, misspellings, parseSettings } from '../../contracts/client/support/Settings.ts';
import { hostSettings } from '../../host/settings.ts';
import { launchSettings } from '../../start/settings.ts';

const schema = z.object({
  BOT_PORT: z.coerce.number('must be a port number').int().min(1).max(65535).default(8080).describe('8080'),
  RPC_URL: z.url('must be an http(s) or ws(s) address').describe('http://127.0.0.1:8545'),
});

test('a wrong and a missing setting are named with the rule and an example, the values are not', () => {
  expect(() => parseSettings(schema, { BOT_PORT: 'hunter2' })).toThrowErrorMatchingInlineSnapshot(`
    [SettingsError: BOT_PORT is wrong: must be a port number. Example: BOT_PORT=8080
    RPC_URL is not set: must be an http(s) or ws(s) address. Example: RPC_URL=http://127.0.0.1:8545]
  `);
});

test('an empty value counts as not set', () => {
  expect(environment('/nonexistent', { BOT_PORT: '', RPC_URL: 'x' })).toEqual({ RPC_URL: 'x' });
});

test('a name that looks like a misspelling is named', () => {
  const known = documentedNames(readFileSync('.env.example', 'utf8'));
  expect(misspellings({ OPENAI_API_KY: 'x', TELEGRAM_TOKN: 'x', HOME: 'x', PATH: 'x' }, known)).toMatchInlineSnapshot(`
    [
      "OPENAI_API_KY is not a setting; did you mean OPENAI_API_KEY?",
      "TELEGRAM_TOKN is not a setting; did you mean TELEGRAM_TOKEN?",
    ]
  `);
});

test('.env.example explains every setting there is, and no other', () => {
  const settings = [launchSettings, botSettings, hostSettings].flatMap((one) => Object.keys(one.shape));
  const known = [...new Set([...settings, 'ANVIL_PATH', 'DEPLOYER_KEY_FILE', 'DEPLOYER_PASSWORD'])].sort();
  expect(documentedNames(readFileSync('.env.example', 'utf8')).sort()).toEqual(known);
});
