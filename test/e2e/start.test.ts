import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { processEnv } from '../processEnv.ts';

const folder = mkdtempSync(join(tmpdir(), 'start-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Started = { child: ChildProcess; said: () => string; ended: Promise<number | null> };

function start(settings: Record<string, string>): Started {
  const child = spawn(process.execPath, ['start/main.ts'], {
    env: { ...processEnv, HOST_PROVIDER: 'guide', CHAIN_PORT: '0', BOT_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, said: () => said, ended };
}

const processesOf = (said: string) => [...said.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url);
const answers = async (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  );

const ready = { timeout: 60_000 };
const marketOf = (said: string) => /Market\s+(0x\w+)/.exec(said)?.[1];

test('prints a status, names a setting that looks like a misspelling, stops in order at Ctrl-C, leaves nothing running', async () => {
  const { child, said, ended } = start({ DATA_DIR: join(folder, 'a'), OPENAI_API_KY: 'sk-not-a-key' });
  await expect.poll(said, ready).toContain('Ctrl-C');
  const urls = processesOf(said());
  expect(said()).toMatch(/Answers by\s+guide/);
  expect(said()).toMatch(/Discord\s+off \(set DISCORD_TOKEN\)/);
  expect(said()).toContain('did you mean OPENAI_API_KEY?');
  expect(said()).not.toContain('sk-not-a-key');
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(await Promise.all(urls.map(answers))).toEqual(urls.map(() => false));
}, 120_000);

test('killed, or robbed of its chain, all of it ends, and the next start continues', async () => {
  const first = start({ DATA_DIR: join(folder, 'a') });
  await expect.poll(first.said, ready).toContain('Ctrl-C');
  const market = marketOf(first.said());
  expect(market).toBeDefined();
  first.child.kill('SIGKILL');
  await first.ended;
  const urls = processesOf(first.said());
  await expect.poll(() => Promise.all(urls.map(answers)), { timeout: 15_000 }).toEqual(urls.map(() => false));

  const second = start({ DATA_DIR: join(folder, 'a') });
  await expect.poll(second.said, ready).toContain('Ctrl-C');
  expect(marketOf(second.said())).toBe(market);
  const anvil = execFileSync('pgrep', ['-P', String(second.child.pid), 'anvil'], { encoding: 'utf8' });
  process.kill(Number(anvil.trim()), 'SIGKILL');
  expect(await second.ended).toBe(1);
  expect(second.said()).toContain('chain has ended by itself');

  const third = start({ DATA_DIR: join(folder, 'a') });
  await expect.poll(third.said, ready).toContain('Ctrl-C');
  expect(marketOf(third.said())).toBe(market);
  third.child.kill('SIGINT');
  expect(await third.ended).toBe(0);
}, 240_000);

test.each(['BOT_PORT', 'CHAIN_PORT'])(
  'a port in use is said with the setting that changes it: %s',
  async (setting) => {
    const blocker = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void blocker.close());
    await new Promise((resolve) => blocker.once('listening', resolve));
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { said, ended } = start({ DATA_DIR: join(folder, 'a'), [setting]: String(port) });
    expect(await ended).toBe(1);
    expect(said()).toContain(setting);
    expect(said()).toContain(String(port));
  },
  60_000,
);

test('a wrong setting ends the start with the rule and an example, in one line', async () => {
  const { said, ended } = start({ DATA_DIR: join(folder, 'b'), BOT_PORT: 'eighty' });
  expect(await ended).toBe(1);
  expect(said()).toMatchInlineSnapshot(`
    "BOT_PORT is wrong: must be a whole number.
    Every setting is explained in .env.example.
    "
  `);
});
