import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { Wallet } from 'ethers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { address } from '../../contracts/client/Hex.ts';
import { createHost } from '../../contracts/client/HostContract.ts';
import { createToken } from '../../contracts/client/Token.ts';
import { createAsk, type Given, type Prompts } from '../../host/cli/init/Ask.ts';
import { init } from '../../host/cli/init/dialogue.ts';
import { setInEnv } from '../../host/cli/init/EnvFile.ts';
import { addressOfKey } from '../../host/operatorKey.ts';
import { deployHost } from '../../host/setup.ts';
import { sendAll } from '../../host/transactions.ts';
import { processEnv } from '../processEnv.ts';
import { runCli, type Stand, startStand } from './support.ts';

let stand: Stand;
let folder: string;
let owner: Wallet;
const oneStake = 2n * 10n ** 18n;
beforeAll(async () => {
  stand = await startStand();
  stand.mock.onMessage(/./s, { content: 'An oracle.' });
  folder = mkdtempSync(join(tmpdir(), 'init-'));
  owner = new Wallet(Wallet.createRandom().privateKey, stand.chain.rpc);
  await sendAll(stand.chain.rpc, stand.owner, [
    createToken(stand.chain.rpc, stand.deployment.token).calls.transfer(address(owner.address), oneStake * 100n),
  ]);
  await stand.chain.rpc.send('anvil_setBalance', [owner.address, '0x56BC75E2D63100000']);
}, 120_000);
afterAll(async () => {
  await stand.stop();
  rmSync(folder, { recursive: true, force: true });
});

class ExitPromptError extends Error {
  override name = 'ExitPromptError';
}

/** A person who has these answers, by the names of the questions, and leaves (Ctrl-C) after so many of them. */
function person(answers: Readonly<Record<string, string>>, leavesAfter = Number.POSITIVE_INFINITY) {
  const transcript: string[] = [];
  let asked = 0;
  const answer = async (
    name: string,
    message: string,
    standard: string | undefined,
    check?: (text: string) => unknown,
  ) => {
    if (asked++ >= leavesAfter) throw new ExitPromptError('User force closed the prompt');
    const text = answers[name] ?? standard;
    if (text === undefined) throw new Error(`Nothing to say to ${name}.`);
    const verdict = (await check?.(text)) ?? true;
    transcript.push(`? ${message}${standard === undefined ? '' : ` (${standard})`} ${text}`);
    if (verdict !== true) throw new Error(`${name}: ${String(verdict)}`);
    return text;
  };
  const prompts: Prompts = {
    text: ({ name, message, default: standard, check }) => answer(name, message, standard, check),
    secret: async ({ name, message, check }) => {
      const text = await answer(`secret ${name}`, message, '', check);
      transcript[transcript.length - 1] = `? ${message} ****`;
      return text;
    },
    choose: async ({ name, message, choices, default: standard }) => {
      const text = await answer(name, message, standard);
      const found = choices.find(({ value }) => value === text);
      if (!found) throw new Error(`${name} can't be ${text}.`);
      return found.value;
    },
    confirm: async ({ name, message }) => (await answer(name, message, 'true')) === 'true',
  };
  const say = (text: string) => void transcript.push(text);
  return {
    transcript,
    prompts,
    ask: (given: Given = {}) => createAsk({ given, prompts, yes: false, say, progress: say }),
  };
}

function answersFor(name: string) {
  const dataDir = join(folder, name, 'data');
  mkdirSync(join(folder, name), { recursive: true });
  const envFile = join(folder, name, '.env');
  writeFileSync(envFile, `# mine\nHOST_DATA_DIR=${dataDir}\nLOG_LEVEL=debug # loud\n`);
  const answers = {
    rpcUrls: stand.chain.url,
    deployment: stand.env.DEPLOYMENT_FILE,
    provider: 'compatible',
    baseUrl: stand.env.OPENAI_BASE_URL,
    password: 'file',
    'secret password': '',
    owner: owner.address,
    stake: '4',
  };
  return { dataDir, envFile, answers };
}
const steady = (text: string): string =>
  text
    .replaceAll(folder, '<folder>')
    .replaceAll(stand.env.DEPLOYMENT_FILE, '<addresses>')
    .replaceAll(/0x[0-9a-fA-F]{40}/g, '<address>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<server>')
    .replaceAll(/\d+\.\d+ s$/gm, 'N s')
    .replaceAll(/value=\d+/g, 'value=N')
    .replaceAll(/(Send|gas) [\d.]+(?: of [\d.]+)?/g, '$1 N');

/** What the owner does elsewhere, with this program. */
async function ownerActs(operator: string): Promise<string> {
  const { chain, deployment } = stand;
  const contract = await deployHost(chain.rpc, owner, deployment);
  const host = createHost(chain.rpc, contract, deployment);
  await sendAll(chain.rpc, owner, [
    createToken(chain.rpc, deployment.token).calls.approve(contract, oneStake * 2n),
    host.calls.stake(oneStake * 2n),
    host.calls.setOperator(address(operator), 4),
  ]);
  await chain.rpc.send('anvil_setBalance', [operator, '0xDE0B6B3A7640000']);
  return contract;
}

describe('init', () => {
  test('asks, says what the owner does elsewhere, waits until the chain shows it, and keeps what it settled', async () => {
    const { dataDir, envFile, answers } = answersFor('first');
    const { ask, transcript } = person(answers);
    const ended = init({ ask: ask(), envFile, waits: true, pollMs: 50 });
    await expect.poll(() => transcript.some((text) => text.startsWith('… coin')), { timeout: 30_000 }).toBe(true);
    const operator = addressOfKey(join(dataDir, 'operator.key')) ?? '';
    // A stranger's contract that names the same operator is not taken for the owner's.
    const strange = await deployHost(stand.chain.rpc, stand.asker, stand.deployment);
    await sendAll(stand.chain.rpc, stand.asker, [
      createHost(stand.chain.rpc, strange).calls.setOperator(address(operator), 1),
    ]);
    const contract = await ownerActs(operator);
    expect(await ended).toBe('ready');

    const waiting = transcript.findIndex((text) => text.startsWith('… coin'));
    expect(steady(transcript.slice(0, waiting).join('\n'))).toMatchSnapshot();
    expect(steady(transcript.at(-2) ?? '')).toBe(
      '✓ coin for gas N  ✓ contract <address>  ✓ operator named, 4 reports a day  ✓ stake 4.0 of 2.0',
    );
    const text = readFileSync(envFile, 'utf8');
    expect(text).toMatch(/^# mine\n/);
    expect(text).toContain('LOG_LEVEL=debug # loud\n');
    expect(parse(text)).toMatchObject({
      RPC_URLS: stand.chain.url,
      DEPLOYMENT_FILE: stand.env.DEPLOYMENT_FILE,
      HOST_CONTRACT: contract,
      HOST_PRICE_COIN: '0.0001',
      OPENAI_BASE_URL: stand.env.OPENAI_BASE_URL,
      HOST_KEY_PASSWORD_FILE: join(dataDir, 'operator.password'),
    });
    for (const file of [
      envFile,
      ...['operator.key', 'operator.password', 'init.json'].map((name) => join(dataDir, name)),
    ])
      expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dataDir, 'operator.key'), 'utf8')).toMatch(/^\{/);
    const password = readFileSync(join(dataDir, 'operator.password'), 'utf8').trim();
    expect(password.length).toBeGreaterThan(20);
    expect(transcript.join('\n')).not.toContain(password);

    // Begun again, it asks nothing.
    const again = person({}, 0);
    expect(await init({ ask: again.ask(), envFile, waits: true, pollMs: 50 })).toBe('ready');
    expect(steady(again.transcript.join('\n'))).toMatchSnapshot();
  }, 90_000);

  test('left with Ctrl-C at any question it goes on where it was, with the same key', async () => {
    const { dataDir, envFile, answers } = answersFor('left');
    const keys = new Set<string>();
    let runs = 0;
    for (; runs < 30; runs++) {
      const { ask } = person(answers, runs);
      const ended = await init({ ask: ask(), envFile, waits: false, pollMs: 50 }).catch((error: unknown) => {
        if (error instanceof ExitPromptError) return 'left' as const;
        throw error;
      });
      expect(() => parse(readFileSync(envFile))).not.toThrow();
      const key = addressOfKey(join(dataDir, 'operator.key'));
      if (key) keys.add(key);
      const leftovers = readdirSync(join(folder, 'left'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.tmp'),
      );
      expect(leftovers).toEqual([]);
      if (ended === 'waiting') break;
    }
    expect(runs).toBeLessThan(30);
    expect(keys.size).toBe(1);
  }, 90_000);

  test('the transactions for any wallet do the same as the command', async () => {
    const { dataDir, envFile, answers } = answersFor('wallet');
    const { ask } = person(answers);
    expect(await init({ ask: ask(), envFile, waits: false, pollMs: 50 })).toBe('waiting');
    const file = z
      .object({
        contract: z.string(),
        transactions: z.array(
          z.object({ to: z.string().nullable(), data: z.string(), value: z.string(), link: z.string().optional() }),
        ),
      })
      .parse(JSON.parse(readFileSync(join(dataDir, 'owner-transactions.json'), 'utf8')));
    for (const { to, data, value } of file.transactions) {
      const sent = await owner.sendTransaction({ to, data, value: BigInt(value), gasLimit: 5_000_000n });
      await stand.chain.rpc.waitForTransaction(sent.hash);
    }
    expect(
      file.transactions.map(({ link }) => link?.replace(/^ethereum:0x[0-9a-fA-F]{40}@31337\//, '').replace(/\?.*/, '')),
    ).toEqual([undefined, 'approve', 'stake', 'setOperator']);
    await stand.chain.rpc.send('anvil_setBalance', [addressOfKey(join(dataDir, 'operator.key')), '0xDE0B6B3A7640000']);
    expect(await init({ ask: person({}, 0).ask(), envFile, waits: true, pollMs: 50 })).toBe('ready');
    expect(parse(readFileSync(envFile))['HOST_CONTRACT']).toBe(file.contract);
  }, 90_000);

  test('as a process without a terminal: says which option is missing; with all of them it ends with a running host', async () => {
    const cwd = join(folder, 'process');
    mkdirSync(cwd);
    const { OPENAI_BASE_URL, DEPLOYMENT_FILE } = stand.env;
    const env = { HOST_DATA_DIR: cwd, HOST_METRICS_PORT: '0', OPENAI_BASE_URL };
    const bare = await runCli(env, 'init');
    expect(bare.code).toBe(1);
    expect(bare.out).toMatch(/^There is no terminal to ask on, and --rpc-urls is not given/m);
    const given = ['--yes', '--no-wait', '--rpc-urls', stand.chain.url, '--deployment', DEPLOYMENT_FILE];
    const wrong = await runCli(env, 'init', ...given, '--owner', '0x12');
    expect(wrong.out).toMatch(/--owner: It must be an address/);
    const { code, out } = await runCli(env, 'init', ...given, '--owner', owner.address);
    expect(out).toMatch(
      /npm run host -- deploy --owner-key FILE --operator 0x[0-9a-fA-F]{40} --stake 8\.0 --reports-per-day 8/,
    );
    expect(out).toMatch(/When that is done: npm run host -- init\n$/);
    expect(code).toBe(0);

    // The owner acts; begun again it finds that, and ends with a running host.
    await ownerActs(addressOfKey(join(cwd, 'operator.key')) ?? '');
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../host/cli.ts'), 'init', '--yes', '--start'],
      {
        cwd,
        env: { ...processEnv, ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const exited = once(child, 'exit');
    await expect.poll(() => /^\{"ready":true/m.test(said) || child.exitCode !== null, { timeout: 120_000 }).toBe(true);
    expect(said).toMatch(/^ok {3}sandbox/m);
    expect(said).not.toMatch(/^BAD/m);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }, 180_000);
});

test('what is written into .env is what dotenv reads, and other lines stay', () => {
  const folderOf = mkdtempSync(join(tmpdir(), 'env-'));
  const file = join(folderOf, '.env');
  const value = fc.string().filter((text) => !/[\r\n]/.test(text) && !(text.includes("'") && text.includes('`')));
  fc.assert(
    fc.property(value, value, (a, b) => {
      writeFileSync(file, '# a comment\nOTHER="x y"\n\nexport A=old\nB=1\n');
      setInEnv(file, { A: a, NEW: b });
      expect(parse(readFileSync(file))).toEqual({ OTHER: 'x y', A: a, B: '1', NEW: b });
      expect(readFileSync(file, 'utf8')).toMatch(/^# a comment\nOTHER="x y"\n\n/);
      setInEnv(file, { A: b });
      expect(parse(readFileSync(file))).toMatchObject({ A: b, NEW: b });
    }),
    { numRuns: 50 },
  );
  expect(() => setInEnv(file, { A: 'two\nlines' })).toThrow(TypeError);
  rmSync(folderOf, { recursive: true });
});
