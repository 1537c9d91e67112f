import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { workloadHash } from '../../contracts/client/Query.ts';
import { createLog } from '../../contracts/client/support/Log.ts';
import { parseSettings } from '../../contracts/client/support/Settings.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { openParts, type Parts } from '../../host/Parts.ts';
import { answerGas } from '../../host/reporter/Gas.ts';
import { hostSettings } from '../../host/settings.ts';
import { hostFiles } from '../../host/setup.ts';
import { decide } from '../../host/store/OfferBook.ts';
import { sendAll } from '../../host/transactions.ts';
import { type ModelApis, startModelApis } from '../fakes/modelApis.ts';
import { type HostProcess, type Stand, startHostProcess, startStand } from './support.ts';

let stand: Stand;
let apis: ModelApis;
let host: HostProcess;
let env: Record<string, string>;
const keys = { ANTHROPIC_API_KEY: 'anthropic-key-of-this-test', VLLM_API_KEY: 'vllm-key-of-this-test' };

beforeAll(async () => {
  [stand, apis] = await Promise.all([startStand(), startModelApis()]);
  const limits = { maxInputTokens: 8_000, maxOutputTokens: 500 };
  const cheap = { inputPerMillion: '0.1', outputPerMillion: '0.2', ...limits };
  const file = join(stand.dataDir, 'models.json');
  writeFileSync(
    file,
    JSON.stringify({
      currency: 'USD',
      // HOST_PRICE_COIN and HOST_PRICE_TOKEN below are both worth 1 USD; gas is about 5 cents.
      tokens: { coin: { worth: '100' }, LANG: { worth: '2' } },
      providers: {
        vllm: { type: 'compatible', baseUrl: `${apis.url}/v1`, apiKeyEnv: 'VLLM_API_KEY', retries: 0 },
        claude: { type: 'anthropic', baseUrl: apis.url, retries: 0 },
        ours: { type: 'ollama', baseUrl: apis.url, retries: 0 },
      },
      default: 'fast',
      models: {
        fast: { provider: 'vllm', model: 'gpt-4o-mini', ...cheap, offer: { LANG: '0.9' } },
        dear: { provider: 'claude', model: 'claude-haiku', ...cheap, outputPerMillion: '4000' },
        llama: { provider: 'ours', model: 'llama3.2', ...cheap },
      },
    }),
  );
  env = {
    ...stand.env,
    ...keys,
    HOST_MODELS_FILE: file,
    HOST_FREE: 'false',
    HOST_PRICE_COIN: '0.01',
    HOST_PRICE_TOKEN: '0.5',
  };
}, 60_000);
afterAll(async () => {
  await host?.kill();
  await apis?.stop();
  await stand?.stop();
});

const script = (model: string, more = '') => `prompt = "Be terse."\ninput = "x"\nmodel = "${model}"\n${more}`;

describe('offers', () => {
  test('stand for the models that can be answered; those of a provider that is down are withdrawn, the others stay', async () => {
    const { registry, chain, owner, deployment, hostContract } = stand;
    const first = (await registry.modelCount()) + 1n;
    const names = ['fast', 'llama', 'unheard-of', 'dear'];
    await sendAll(
      chain.rpc,
      owner,
      names.flatMap((name) => [
        registry.calls.publish(script(name)),
        registry.calls.list({
          workload: workloadHash(script(name)),
          token: deployment.token,
          royalty: 1n,
          listedHostsOnly: false,
          name,
          metadata: '{}',
        }),
      ]),
    );
    const database = open(hostFiles(stand.dataDir).journal);
    const parts: Parts = await openParts(parseSettings(hostSettings, env), {
      log: createLog({ name: 'test', level: 'error' }),
      env,
      database,
    });
    const prices = async (): Promise<Record<string, bigint | undefined>> =>
      Object.fromEntries(
        await Promise.all(
          names.map(async (name, index) => {
            const offer = await registry.offerOf(hostContract, first + BigInt(index), deployment.token);
            return [name, offer?.price] as const;
          }),
        ),
      );
    const update = async (): Promise<readonly string[]> => {
      const state = await parts.checkFitness();
      expect(state.fit).toBe(true);
      await parts.offers.all(state);
      return [...state.down].map(([model, why]) => `${model}: ${why}`);
    };
    try {
      await parts.sender.resume();
      const own = { fast: 900_000_000_000_000_000n, llama: 500_000_000_000_000_000n };
      // `dear` would be answered at a loss at HOST_PRICE_TOKEN.
      const none = { 'unheard-of': undefined, dear: undefined };
      expect(await update()).toEqual([]);
      expect(await prices()).toEqual({ ...own, ...none });
      // What the operator gives away is no loss; a price of his own is weighed like any other.
      decide(database, first + 3n, deployment.token, { price: 0n });
      await update();
      expect(await prices()).toEqual({ ...own, ...none, dear: 0n });
      decide(database, first + 3n, deployment.token, { price: 1n });
      await update();
      expect(await prices()).toEqual({ ...own, ...none });
      // One that can't be read for now holds up no other, and is taken up again.
      const [dearer, dearest] = [950_000_000_000_000_000n, 990_000_000_000_000_000n];
      decide(database, first, deployment.token, { price: dearer });
      decide(database, first + 1n, deployment.token, { price: dearest });
      const send = parts.rpc.send.bind(parts.rpc);
      const about = (first + 1n).toString(16).padStart(64, '0');
      const node = vi
        .spyOn(parts.rpc, 'send')
        .mockImplementation((method, params) =>
          method === 'eth_call' && JSON.stringify(params).includes(about)
            ? Promise.reject(new Error('no answer'))
            : send(method, params),
        );
      await expect(update()).rejects.toThrow();
      node.mockRestore();
      expect(await prices()).toEqual({ ...own, ...none, fast: dearer });
      await parts.offers.again(await parts.checkFitness());
      expect(await prices()).toEqual({ ...none, fast: dearer, llama: dearest });
      decide(database, first, deployment.token, { price: own.fast });
      decide(database, first + 1n, deployment.token, { price: own.llama });
      await update();
      expect(await prices()).toEqual({ ...own, ...none });
      apis.listed.ollama = [];
      expect(await update()).toEqual(['llama: ours: llama3.2 is not there. Pull it: ollama pull llama3.2']);
      expect(await prices()).toEqual({ ...own, ...none, llama: undefined });
      apis.listed.ollama = ['llama3.2:latest'];
      expect(await update()).toEqual([]);
      expect(await prices()).toEqual({ ...own, ...none });
    } finally {
      await parts.close();
      database.close();
    }
  }, 60_000);
});

describe('a host with a price list', () => {
  beforeAll(async () => {
    host = await startHostProcess(env);
  }, 30_000);

  const reasonOf = async (queryId: string): Promise<string | undefined> => {
    const line = await host.line(({ queryId: of, msg }) => of === queryId && msg === 'chain: Declined');
    return typeof line['reason'] === 'string' ? line['reason'] : undefined;
  };
  const sumOf = async (queryId: string): Promise<string> => {
    const line = await host.line(({ queryId: of, arithmetic }) => of === queryId && arithmetic !== undefined);
    return `${line.msg}: ${String(line['arithmetic'])}`.replace(/gas at most .*? USD;/, 'gas at most …;');
  };

  test('answers what pays, with the model that was asked for, and says the sum', async () => {
    const ask = await stand.ask('What pays?', { script: script('llama', 'max_tokens = 100') });
    await stand.reaches(ask, 'sealed');
    expect(apis.requests.at(-1)).toMatchObject({
      api: 'ollama',
      body: { model: 'llama3.2', options: { num_predict: 100 } },
    });
    expect(await sumOf(ask)).toMatch(
      /^the ask pays: pays 0\.01 coin × 100 USD = 1 USD; gas at most …; llama at most 67 tokens in × 0\.1 USD\/M \+ 100 tokens out × 0\.2 USD\/M = 0\.0000267 USD; cost [\d.]+ USD, with 10 % margin [\d.]+ USD; taken, [\d.]+ USD more than that$/,
    );
    const answered = await host.line(({ queryId, msg }) => queryId === ask && msg === 'answered');
    expect(answered).toMatchObject({ by: 'ours/llama3.2', model: 'llama', calls: 1, tokens: { input: 11, output: 7 } });
  }, 30_000);

  test('declines at a loss, another model and a setting that the provider lacks, before any model is asked', async () => {
    apis.requests.length = 0;
    const questions: [input: string, script: string][] = [
      ['Too dear?', script('dear')],
      ['Who?', script('gpt-4o-mini')],
      ['Seed?', script('dear', 'seed = 1\nmax_tokens = 1')],
      ['Long?', script('fast', 'max_tokens = 501')],
      ['x'.repeat(9_000), script('fast')],
    ];
    const asks: string[] = [];
    for (const [input, workload] of questions) asks.push(await stand.ask(input, { script: workload }));
    expect(await Promise.all(asks.map(reasonOf))).toMatchInlineSnapshot(`
      [
        "This ask pays less than its answer can cost this host at this length. Ask something shorter, or choose another offer.",
        "This host does not serve the model gpt-4o-mini.",
        "The model of this host has no seed, which the workload sets.",
        "The workload wants answers of up to 501 tokens; this host gives at most 500.",
        "The question, with the workload and the conversation before it, has up to 9057 tokens; this host takes at most 8000.",
      ]
    `);
    expect(apis.requests).toEqual([]);
    const [dear] = asks;
    expect(await sumOf(dear ?? '')).toMatch(
      /^the ask does not pay: pays .*; dear at most \d+ tokens in .*; not taken, [\d.]+ USD short$/,
    );
  }, 30_000);

  test('earlier turns count, and an answer costs no more gas than was counted', async () => {
    const long = 'y'.repeat(3_900);
    apis.reply(() => ({ type: 'answer', text: long }));
    const first = await stand.ask('First?', { script: script('fast') });
    await stand.reaches(first, 'sealed');
    const second = await stand.ask('Second?', { script: script('fast'), parent: first });
    await stand.reaches(second, 'sealed');
    const bytes = Buffer.byteLength(`Be terse.First?${long}Second?`);
    expect(await sumOf(second)).toContain(`fast at most ${bytes + 16 * 5} tokens in`);
    const mined = await host.line(
      ({ queryId, msg, action }) => queryId === second && msg === 'transaction mined' && action === 'deliver',
    );
    const counted = answerGas({ answerBytes: long.length, inputBytes: 7, byReport: false, takeOver: false });
    // Settling is in the sum and comes later.
    expect(BigInt(String(mined['gasUsed']))).toBeLessThan(counted - 80_000n);
  }, 30_000);

  test('no key of any provider is in its log', async () => {
    apis.reply(() => ({ type: 'error', status: 401, message: `bad ${Object.values(keys).join()}` }));
    const ask = await stand.ask('Denied?', { script: script('fast') });
    expect(await reasonOf(ask)).toBe("The host's model provider refused the host's access.");
    const whole = JSON.stringify(host.lines);
    expect(whole).toContain('the model gave no answer');
    for (const key of Object.values(keys)) expect(whole).not.toContain(key);
  }, 30_000);
});
