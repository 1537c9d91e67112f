import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { address } from '../../contracts/client/Hex.ts';
import { createToken } from '../../contracts/client/Token.ts';
import { sendAll } from '../../host/transactions.ts';
import { type ModelApis, startModelApis } from '../fakes/modelApis.ts';
import { type HostProcess, type Stand, startHostProcess, startStand } from '../host/support.ts';
import { processEnv } from '../processEnv.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/sell.md'), 'utf8');
const haiku = 'Salt remembers rain;\nrivers carry mountains down,\nthe sea keeps the taste.';

let folder: string;
let stand: Stand;
let apis: ModelApis;
let host: HostProcess;
let env: Record<string, string>;

/** The page's blocks of one kind; the word after the kind is the file that it says to save. */
const blocks = (kind: string) =>
  [...page.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)]
    .filter(([, of]) => of === kind)
    .map(([, , file = '', content = '']) => ({ file, content }));
const commands = blocks('sh').flatMap(({ content }) => content.trim().split('\n'));
const command = (holds: string): string => commands.find((line) => line.includes(holds)) ?? `the page lacks ${holds}`;

/** Runs a line of the page as npm would, but in a folder of this test. Nothing orders what is read from two pipes: each stands alone. */
async function run(line: string): Promise<{ code: number | null; out: string; err: string }> {
  const match = /^(?:(\w+)=(\S+) )?npm run (\w+) -- (.*)$/.exec(line);
  const [, name, value, script = '', rest = ''] = match ?? [];
  const file = { workload: 'host/workload.ts', market: 'contracts/client/cli.ts', host: 'host/cli.ts' }[script];
  if (file === undefined) throw new Error(`Not a command that is known here: ${line}`);
  const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const child = spawn(process.execPath, [join(root, file), ...words], {
    cwd: folder,
    env: { ...processEnv, ...env, ...(name !== undefined && value !== undefined && { [name]: value }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, out, err };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sell-'));
  [stand, apis] = await Promise.all([startStand(), startModelApis()]);
  apis.listed.ollama = ['haiku-tune:latest'];
  apis.reply(() => ({ type: 'answer', text: haiku }));
  for (const { file, content } of [...blocks('python'), ...blocks('json')])
    writeFileSync(join(folder, file), content.replace('http://127.0.0.1:11434', apis.url));
  const { OPENAI_BASE_URL: _, OPENAI_API_KEY: __, ...rest } = stand.env;
  env = { ...rest, HOST_MODELS_FILE: join(folder, 'models.json') };
}, 120_000);
afterAll(async () => {
  await host?.kill();
  await apis?.stop();
  await stand?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('docs/sell.md, line by line: from a model on Ollama to royalties in the seller’s wallet', async () => {
  const checked = await run(command('workload -- check'));
  expect(checked.out).toContain('haiku.py is a valid workload');
  const tried = await run(command('workload -- run'));
  expect(tried.out).toContain(haiku);
  expect(apis.requests.at(-1)).toMatchObject({
    api: 'ollama',
    body: {
      model: 'haiku-tune',
      options: { num_predict: 60 },
      messages: [{ role: 'system' }, { content: 'What is TellorFlex?' }],
    },
  });

  host = await startHostProcess(env);
  const listed = await run(command('market -- sell'));
  expect(listed.out.replace(/0x[0-9a-fA-F]+/g, '0x…')).toMatchInlineSnapshot(`
    "A new model “haiku”: royalty 0.2 LANG for each ask, paid to 0x…; workload 0x….
    Listed. See it: npm run market -- show "haiku". A host that likes it makes an offer.
    "
  `);
  expect(listed.code).toBe(0);
  const id = await stand.registry.modelCount();
  await vi.waitUntil(async () => stand.registry.offerOf(stand.hostContract, id, stand.deployment.token), {
    timeout: 120_000,
    interval: 100,
  });
  expect((await run(command('market -- list'))).out).toMatch(/haiku +0\.5 LANG +1/);
  expect((await run(command('market -- show'))).out).toContain('royalty   0.2 LANG an ask');

  const { owner, asker, chain, deployment } = stand;
  const { calls } = createToken(chain.rpc, deployment.token);
  await sendAll(chain.rpc, owner, [calls.transfer(address(asker.address), 10n ** 18n)]);
  await sendAll(chain.rpc, asker, [calls.approve(deployment.market, 10n ** 18n)]);
  const queryId = await stand.ask('Why is the sea salt?', { model: id, token: deployment.token });
  await stand.reaches(queryId, 'sealed', 120_000);
  expect(await stand.answerOf(queryId)).toEqual([haiku]);
  await chain.increaseTime(43_205);
  await stand.reaches(queryId, 'settled', 120_000);

  const paid = await run(command('market -- withdraw'));
  expect(paid.out).toMatch(/^0\.2 LANG went to 0x/);
  const status = await run(command('host -- status'));
  expect(status.out).toContain('0.3');
  expect(await run(command('market -- withdraw'))).toMatchObject({
    code: 1,
    out: expect.stringContaining('nothing to withdraw'),
    err: '',
  });

  // Again is a new version of the same model.
  writeFileSync(join(folder, 'haiku.py'), `${readFileSync(join(folder, 'haiku.py'), 'utf8')}temperature = 0.9\n`);
  expect((await run(command('market -- sell'))).out).toMatch(new RegExp(`Version 2 of #${id} “haiku”`));
  expect(await stand.registry.modelCount()).toBe(id);
});

test('a seller’s mistakes are said before anything is sent', async () => {
  const before = await stand.registry.modelCount();
  const sell = (more: string, file = 'haiku.py') =>
    run(`npm run market -- sell ${file} --key other.key --name other ${more}`);
  writeFileSync(join(folder, 'broken.py'), 'prompt = "x"\n');
  const said = [
    await sell('--royalty -1 --yes'),
    await sell('--royalty 1 --token DOGE --yes'),
    await sell('--royalty 1 --yes', 'broken.py'),
    await sell('--royalty 1'),
  ].map(({ code, out, err }) => [code, out.replace(/0x[0-9a-fA-F]+/g, '0x…').trim(), err.trim()]);
  expect(said).toMatchInlineSnapshot(`
    [
      [
        1,
        "",
        "--royalty: “-1” is negative. Write an amount of 0 or more, like 0.25.",
      ],
      [
        1,
        "",
        "--token: “DOGE” is not coin, LANG or a token's address.",
      ],
      [
        1,
        "",
        "The script never assigns input, where the asker's text goes. Add input = "an example".",
      ],
      [
        1,
        "A new model “other”: royalty 1 LANG for each ask, paid to 0x…; workload 0x….
    Nothing was sent.",
        "Nobody is there to ask. Add --yes to go on.",
      ],
    ]
  `);
  expect(await stand.registry.modelCount()).toBe(before);
});
