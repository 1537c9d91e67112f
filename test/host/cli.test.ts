import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { address, zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import { createOracle } from '../../contracts/client/Oracle.ts';
import { connect } from '../../contracts/client/Rpc.ts';
import { parseSettings } from '../../contracts/client/support/Settings.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import type { Context } from '../../host/cli/Context.ts';
import { examine, line } from '../../host/cli/doctor.ts';
import { createProgram } from '../../host/cli/program.ts';
import { readAsks } from '../../host/cli/Records.ts';
import { hostSettings } from '../../host/settings.ts';
import { hostFiles } from '../../host/setup.ts';
import { createJournal } from '../../host/store/Journal.ts';
import { runCli, type Stand, startHostProcess, startStand } from './support.ts';

let stand: Stand;
let folder: string;
beforeAll(async () => {
  stand = await startStand();
  stand.mock.onMessage(/./s, { content: 'An oracle.' });
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
}, 120_000);
afterAll(async () => {
  await stand.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function contextOf(change: Record<string, string>, hostContract: Context['hostContract']): Promise<Context> {
  const settings = parseSettings(hostSettings, { ...stand.env, HOST_CONTRACT: undefined, ...change });
  const { chainId } = stand.deployment;
  return {
    settings,
    files: hostFiles(settings.HOST_DATA_DIR),
    deployment: { ...stand.deployment, embedded: false },
    hostContract,
    rpc: await connect(settings.RPC_URLS, { chainId }),
    envFile: join(folder, '.env'),
  };
}
/** What differs between two runs goes. */
const steady = (text: string): string =>
  text
    .replaceAll(folder, '<folder>')
    .replaceAll(/0x[0-9a-fA-F]{40}/g, '<address>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<node>')
    .replaceAll(/\(gpt-[\w.-]+\)/g, '(<model>)')
    .replaceAll(/\d+(\.\d+)?(?= (?:s\b|GB|of the chain))/g, 'N')
    .replaceAll(/(block|cost) \d[\d.]*/g, '$1 N');
async function doctorOf(context: Context): Promise<string> {
  const lines: string[] = [];
  for await (const finding of examine(context)) lines.push(steady(line(finding)));
  return lines.join('\n');
}

describe('doctor', () => {
  test('says the cure of everything that is wrong on a machine where nothing is ready, and makes nothing', async () => {
    const dataDir = join(folder, 'none');
    const context = await contextOf(
      {
        HOST_DATA_DIR: dataDir,
        RPC_URLS: `${stand.env.RPC_URLS},http://127.0.0.1:1`,
        OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
        HOST_METRICS_PORT: String(new URL(stand.env.RPC_URLS).port),
      },
      undefined,
    );
    expect(await doctorOf(context)).toMatchSnapshot();
    expect(existsSync(dataDir)).toBe(false);
  }, 60_000);

  test('a strange contract, a key that is not allowed, no stake', async () => {
    const context = await contextOf({ OPENAI_API_KEY: 'sk-not-shown-anywhere' }, stand.deployment.market);
    const text = await doctorOf(context);
    expect(text).toMatch(
      /BAD {2}host contract +the contract at <address> is not the Host that this version was built with\n +→ Do not stake into it/,
    );
    expect(text).toMatch(/BAD {2}stake +0\.0 staked; one stake is 2\.0/);
    expect(text).not.toContain('sk-not-shown');
  }, 60_000);

  test('all is well with a host that is ready; exit status and JSON', async () => {
    const { code, out } = await runCli(stand.env, 'doctor', '--json');
    const findings = out
      .split('\n')
      .filter((text) => text.startsWith('{'))
      .map((text) => JSON.parse(text));
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'stake', 'model', 'sandbox', 'disk']),
    );
    expect(code).toBe(0);
  }, 60_000);
});

describe('beside a running host', () => {
  test('a price is put on chain by the running process, withdrawn, and the rule holds again', async () => {
    const host = await startHostProcess(stand.env);
    const { registry, hostContract } = stand;
    const priceOf = async () => (await registry.offerOf(hostContract, 0n, zeroAddress))?.price;
    const before = await priceOf();
    try {
      const set = await runCli(stand.env, 'offer', '0', '--price', '0.25');
      expect(set).toMatchObject({ code: 0, out: expect.stringContaining('on offer at that price') });
      expect(await priceOf()).toBe(10n ** 18n / 4n);
      const [gone, wrong] = await Promise.all([
        runCli(stand.env, 'offer', '0', '--withdraw'),
        runCli(stand.env, 'offer', '99', '--price', '1'),
      ]);
      expect(gone).toMatchObject({ code: 0, out: expect.stringContaining('offered no more') });
      expect(await priceOf()).toBeUndefined();
      expect(wrong).toEqual({ code: 1, out: 'There is no model 99.\n' });
      const [rule, status, lines] = await Promise.all([
        runCli(stand.env, 'offer', '0', '--rule'),
        runCli(stand.env, 'status', '--json'),
        runCli(stand.env, 'offer'),
      ]);
      expect(rule.code).toBe(0);
      expect(JSON.parse(status.out)).toMatchObject({ running: true, stakes: 50_000, reportsAtRisk: 0, disputes: {} });
      expect(lines.out).toMatch(/^model {2}price/);
      await expect.poll(priceOf, { timeout: 30_000 }).toBe(before);
      const queryId = await stand.ask('What is it?');
      await stand.reaches(queryId, 'sealed');
      await stand.chain.increaseTime(43_205);
      await stand.reaches(queryId, 'settled');
      // What the next test reads is written when the host has followed to that block.
      const settled = () => readAsks(join(stand.dataDir, 'host.sqlite'), { state: 'settled' }).length;
      await expect.poll(settled, { timeout: 30_000 }).toBe(1);
    } finally {
      await host.stop();
    }
  }, 120_000);

  test('earnings, asks and export say the same', async () => {
    const copy = join(folder, 'copy.sqlite');
    const [earnings, csv, list, exported, copied] = await Promise.all([
      runCli(stand.env, 'earnings', '--by', 'model'),
      runCli(stand.env, 'earnings', '--csv'),
      runCli(stand.env, 'asks', '--state', 'settled'),
      runCli(stand.env, 'export'),
      runCli(stand.env, 'backup', copy),
    ]);
    expect(earnings.out).toMatch(
      /^model {2}asks {6}earned\n0 +1 {2}0\.0001 ETH\n\nExpected: {4}nothing \(delivered, not settled\)\nTo withdraw: 0\.0001 ETH\nGas spent: {3}0\.\d+ ETH\n$/,
    );
    expect(csv.out).toMatch(
      /^day,model,name,token,symbol,asks,amount\r\n\d{4}-\d\d-\d\d,0,,0x0{40},ETH,1,0\.0001\r\n$/,
    );
    expect(list.out).toMatch(/settled {2}0 +0x[0-9a-f]{64}/);
    expect(exported.out.split('\r\n')).toHaveLength(3);
    expect(copied).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+ pages are in /) });
    expect(readAsks(copy)).toEqual(readAsks(join(stand.dataDir, 'host.sqlite')));
    expect(statSync(copy).mode & 0o777).toBe(0o600);
  }, 60_000);

  test('status: disputes by state and alerts by kind, kept over a restart', async () => {
    const { hostContract, env, dataDir } = stand;
    const database = open(join(dataDir, 'host.sqlite'));
    const journal = createJournal(database, hostContract);
    const dispute = { report_query_id: zeroHash, reported_at: 1, block: 1, stands: 1 } as const;
    journal.noteDispute({ ...dispute, dispute_id: '1', state: 'failed' });
    journal.noteDispute({ ...dispute, dispute_id: '2', state: 'open' });
    for (const kind of ['disputed', 'disputed', 'verdict']) journal.countAlert(kind);
    database.close();
    const { out } = await runCli(env, 'status');
    expect(out).toMatch(/^disputes {9}failed 1, open 1$/m);
    expect(out).toMatch(/^alerts {11}disputed 2, verdict 1$/m);
  }, 60_000);
});

test("the owner's commands: begun again they go on, and they never show a key", async () => {
  const dataDir = mkdtempSync(join(folder, 'owner-'));
  const { HOST_CONTRACT: _, ...rest } = stand.env;
  const env = { ...rest, HOST_DATA_DIR: dataDir };
  const key = join(folder, 'owner.key');
  writeFileSync(key, stand.owner.privateKey);
  const to = address('0x00000000000000000000000000000000000000cc');
  const deploy = ['deploy', '--owner-key', key, '--operator', to, '--stake', '4', '--reports-per-day', '4'];
  const first = await runCli(env, ...deploy);
  expect(first).toMatchObject({ code: 0, out: expect.stringContaining(`Staked 4; ${to} may make 4 reports a day.`) });
  const again = await runCli(env, ...deploy);
  expect(again).toEqual(first);
  const contract = address(/HOST_CONTRACT=(0x\w+)/.exec(first.out)?.[1] ?? '');
  const { staked } = await createOracle(stand.chain.rpc, stand.deployment).stakerInfo(contract);
  expect(staked).toBe(4n * 10n ** 18n);

  const bad = join(folder, 'bad.key');
  writeFileSync(bad, '0xnot-a-key-but-a-secret');
  const [wrong, nothing, nobody] = await Promise.all([
    runCli(env, 'stake', '--owner-key', bad, '--amount', '1'),
    runCli(env, 'withdraw', '--owner-key', key, '--token', 'coin', '--to', to),
    runCli(env, 'set-operator', '--owner-key', key, '--operator', '0x12', '--reports-per-day', '1'),
  ]);
  expect(wrong).toEqual({
    code: 1,
    out: `--owner-key: ${bad} holds neither a key (0x and 64 hexadecimal digits) nor a keystore.\n`,
  });
  expect(nothing).toEqual({ code: 1, out: 'There is nothing to withdraw.\n' });
  expect(nobody).toEqual({
    code: 1,
    out: '--operator: “0x12” is no address: 0x and 40 hexadecimal digits, all lower-case or with the right capitals (EIP-55).\n',
  });
}, 120_000);

test('every command says how it is used, with examples', () => {
  const program = createProgram(() => {});
  const [all = '', ...each] = [program, ...program.commands].map((command) => {
    let written = '';
    command.configureOutput({ writeOut: (text) => (written += text) });
    command.outputHelp();
    return written;
  });
  for (const name of ['init', 'run', 'doctor', 'status', 'asks', 'offer', 'stake', 'earnings', 'withdraw', 'export'])
    expect(all).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  expect(each).toHaveLength(program.commands.length);
  for (const text of each) expect(text).toMatch(/Examples?:\n +npm run host/);
});
