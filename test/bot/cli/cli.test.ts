import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { openContext } from '../../../bot/cli/Context.ts';
import { examine } from '../../../bot/cli/doctor.ts';
import type { Finding } from '../../../bot/cli/Finding.ts';
import { neededPermissions, permissionsInteger } from '../../../bot/cli/invite.ts';
import { startDiscordFake } from '../../fakes/discord.ts';
import { startTelegramFake } from '../../fakes/telegram.ts';

/** Both platforms, and settings that lead to them; the chain is not there. */
async function setUp(more: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bot-cli-'));
  const [telegram, discord] = await Promise.all([startTelegramFake(), startDiscordFake()]);
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await telegram.stop();
    await discord.stop();
  });
  const env = {
    RPC_URLS: 'http://127.0.0.1:9',
    DEPLOYMENT_FILE: join(folder, 'deployment.json'),
    BOT_DATA_DIR: join(folder, 'bot'),
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_ROOT: discord.url,
    ...more,
  };
  return { telegram, discord, env, folder };
}

async function findingsOf(env: Record<string, string>): Promise<Map<string, Finding>> {
  const findings = new Map<string, Finding>();
  for await (const finding of examine(openContext(env))) findings.set(finding.name, finding);
  return findings;
}

const onPlatforms = (findings: Map<string, Finding>) =>
  [...findings.values()].filter(({ name }) => /^(telegram|discord)/.test(name));

test('doctor finds two platforms as they should be', async () => {
  const { discord, env } = await setUp();
  discord.setUp({ servers: [{ name: 'Builders', permissions: String(permissionsInteger) }] });
  expect(onPlatforms(await findingsOf(env))).toMatchSnapshot();
});

test('doctor says the cure for everything that is not', async () => {
  const { discord, telegram, env } = await setUp({
    TELEGRAM_WEBHOOK: 'https://ask.example.org/telegram',
    PUBLIC_URL: 'http://127.0.0.1:8080',
  });
  discord.setUp({ contentIntent: true, installs: ['0'], servers: [{ name: 'Builders', permissions: '1024' }] });
  const findings = await findingsOf(env);
  expect(onPlatforms(findings).filter(({ ok }) => !ok)).toMatchSnapshot();
  expect(['chain', 'market', 'gas', 'pay page'].map((name) => findings.get(name)?.ok)).toEqual(Array(4).fill(false));
  for (const { ok, cure, name } of findings.values()) expect([name, ok, (cure ?? '') !== '']).toEqual([name, ok, !ok]);
  expect(JSON.stringify([...findings])).not.toContain(telegram.token);
});

test('doctor says when a token is wrong, and asks nothing more with it', async () => {
  const { env } = await setUp({ TELEGRAM_TOKEN: '1:wrong-token-of-nobody', DISCORD_TOKEN: 'wrong.token.of-nobody' });
  const findings = onPlatforms(await findingsOf(env));
  expect(findings).toMatchSnapshot();
  expect(JSON.stringify(findings)).not.toMatch(/of-nobody/);
});

test('the permissions that are asked for are the fewest', () => {
  expect(permissionsInteger).toBe(274_878_008_320n);
  expect(neededPermissions).not.toContain('Administrator');
});

test('as a command: invite prints the links, doctor exits with 1 and lines of JSON; neither prints a token', async () => {
  const { env, folder } = await setUp();
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(process.cwd(), 'bot/cli.ts'), ...args], { cwd: folder, env }).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  const invited = await run('invite');
  expect(invited.stdout).toMatchInlineSnapshot(`
    "telegram, for writing to it alone:
      https://t.me/market_bot
    telegram, for a group:
      https://t.me/market_bot?startgroup=ask
    discord, for a server that you manage (View Channel, Send Messages, Send Messages In Threads, Read Message History, Attach Files):
      https://discord.com/oauth2/authorize?client_id=123456789012345678&integration_type=0&scope=bot+applications.commands&permissions=274878008320
    discord, for yourself alone, wherever you write:
      https://discord.com/oauth2/authorize?client_id=123456789012345678&integration_type=1&scope=applications.commands
    "
  `);
  const examined = await run('doctor', '--json');
  expect(examined).toMatchObject({ code: 1 });
  expect(
    examined.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).name),
  ).toContain('discord permissions');
  expect(invited.stdout + examined.stdout + examined.stderr).not.toMatch(/AAtest|fake-token/);
  writeFileSync(join(folder, '.env'), 'DISCORD_TOKEN=\n');
  expect(await run('invite', '--json')).toMatchObject({ stdout: expect.stringContaining('startgroup') });
});
