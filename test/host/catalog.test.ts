import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HumanMessage, type UsageMetadata } from '@langchain/core/messages';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { redact } from '../../contracts/client/support/Log.ts';
import { complete } from '../../host/runtime/complete.ts';
import { ModelFailure } from '../../host/runtime/ModelFailure.ts';
import { type Catalog, catalogOf } from '../../host/runtime/models/Catalog.ts';
import { createMeter } from '../../host/runtime/models/Meter.ts';
import { type ModelsFile, readModelsFile } from '../../host/runtime/models/ModelsFile.ts';
import { optionalPackages } from '../../host/runtime/provider/optionalPackage.ts';
import { type ModelApis, type Reply, startModelApis } from '../fakes/modelApis.ts';
import { processEnv } from '../processEnv.ts';

const root = join(import.meta.dirname, '../..');
const env = {
  ANTHROPIC_API_KEY: 'own-key-of-anthropic',
  GOOGLE_API_KEY: 'own-key-of-google',
  VLLM_API_KEY: 'own-key-of-vllm',
};
let apis: ModelApis;
let url: string;
let folder: string;

beforeAll(async () => {
  apis = await startModelApis();
  url = apis.url;
  folder = mkdtempSync(join(tmpdir(), 'models-'));
});
afterAll(async () => {
  await apis.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  apis.reply(() => ({ type: 'answer', text: 'Hello' }));
  apis.requests.length = 0;
});

const price = { inputPerMillion: '1', outputPerMillion: '2', maxInputTokens: 10_000, maxOutputTokens: 300 };
const whole = () => ({
  currency: 'USD',
  tokens: { coin: { worth: '1' } },
  providers: {
    vllm: { type: 'compatible', baseUrl: `${url}/v1`, apiKeyEnv: 'VLLM_API_KEY', retries: 0 },
    claude: { type: 'anthropic', baseUrl: url, retries: 0 },
    gemini: { type: 'google', baseUrl: url, retries: 0 },
    ours: { type: 'ollama', baseUrl: url, retries: 0 },
  },
  default: 'fast',
  models: {
    fast: { provider: 'vllm', model: 'gpt-4o-mini', ...price },
    haiku: { provider: 'claude', model: 'claude-haiku', ...price },
    flash: { provider: 'gemini', model: 'gemini-flash', ...price },
    llama: { provider: 'ours', model: 'llama3.2', ...price },
  },
});

function read(content: unknown): ModelsFile {
  const path = join(folder, 'models.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readModelsFile(path);
}
function wrong(content: unknown): string {
  try {
    read(content);
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(folder, '…') : String(error);
  }
  throw new Error('It was taken.');
}
const ask = (catalog: Catalog, model: string, text = 'hello', timeoutMs = 5_000) =>
  complete({
    provider: catalog.provider,
    model,
    settings: { temperature: 0.5, max_tokens: 77, top_p: 0.9, stop: ['END'] },
    messages: [new HumanMessage(text)],
    signal: AbortSignal.timeout(timeoutMs),
    maxBytes: 10_000,
  });

const usageOf = ({ usage_metadata: usage }: { usage_metadata?: UsageMetadata | undefined }) =>
  usage && [usage.input_tokens, usage.output_tokens];

describe('the models file', () => {
  test('the example of the project is one', () => {
    const file = readModelsFile(join(root, 'host/models.example.json'));
    expect(Object.keys(file.models)).toEqual(['gpt-4o-mini', 'claude-haiku', 'gemini-flash', 'llama3.2', 'our-tune']);
    expect(file.models['gpt-4o-mini']?.inputPerMillion).toBe(150_000_000_000_000_000n);
  });

  test('what is wrong is named, with the rule; a key in it is refused and not shown', () => {
    expect(wrong('{')).toMatchInlineSnapshot(
      `"HOST_MODELS_FILE: …/models.json is not JSON. host/models.example.json shows the form."`,
    );
    expect(wrong({ ...whole(), tokens: {}, default: 'gone', models: {} })).toMatchInlineSnapshot(`
      "HOST_MODELS_FILE: …/models.json is wrong. host/models.example.json shows the form.
      models: names no model.
      tokens.coin: is missing: gas is paid in coin; say what one coin is worth in USD.
      default: names no model of this file: gone."
    `);
    const { fast } = whole().models;
    expect(
      wrong({
        ...whole(),
        providers: {
          vllm: { type: 'compatible', baseUrl: 'http://u:sk-secretsecret@x/v1', apiKey: 'sk-secretsecret' },
        },
        models: {
          fast: { ...fast, inputPerMillion: 0.15, maxOutputTokens: 0, offer: { LANG: '1' } },
          other: { ...fast, provider: 'vlm' },
        },
      }),
    ).toMatchInlineSnapshot(`
      "HOST_MODELS_FILE: …/models.json is wrong. host/models.example.json shows the form.
      providers.vllm.baseUrl: must hold no password; keys go into the environment, named by apiKeyEnv.
      providers.vllm: Unrecognized key: "apiKey".
      models.fast.inputPerMillion: must be an amount in quotes, like "0.15".
      models.fast.maxOutputTokens: must be a whole number."
    `);
    expect(() => readModelsFile(join(folder, 'none.json'))).toThrow("can't be read");
  });

  test('a key that is not set is said, by its name', async () => {
    await expect(catalogOf(read(whole()), {})).rejects.toThrow(/^VLLM_API_KEY is not set: the models file says/);
  });
});

describe('a catalog', () => {
  test('serves the names that the operator mapped and no other, and `default` where a workload names none', async () => {
    const { provider, names, entryOf } = await catalogOf(read(whole()), env);
    expect(names).toEqual(['fast', 'haiku', 'flash', 'llama']);
    expect(provider.serves('haiku')).toEqual({ ok: true, model: 'haiku' });
    expect(provider.serves(undefined)).toEqual({ ok: true, model: 'fast' });
    for (const model of ['gpt-4o-mini', 'llama3.2', 'FAST', 'toString', '*'])
      expect(provider.serves(model)).toEqual({ ok: false, reason: `This host does not serve the model ${model}.` });
    expect(entryOf('toString')).toBeUndefined();
    const { default: _, ...none } = whole();
    expect((await catalogOf(read(none), env)).provider.serves(undefined)).toEqual({
      ok: false,
      reason: 'The workload names no model, and this host serves only models by name.',
    });
    await expect(provider.guard('gpt-4o-mini', async () => 1)).rejects.toThrow(ModelFailure);
  });

  test('speaks with every kind of provider: own names, settings, keys in headers, usage', async () => {
    const catalog = await catalogOf(read(whole()), env);
    apis.reply(() => ({ type: 'answer', text: 'Bonjour 🎉 à tous', input: 13, output: 9 }));
    const seen: unknown[] = [];
    for (const model of catalog.names) {
      const message = await ask(catalog, model);
      seen.push({ model, text: message.text, usage: usageOf(message), ...apis.requests.at(-1) });
    }
    expect(seen).toMatchSnapshot();
  });

  test('a failure of any provider is sorted alike, and no key is in what it says', async () => {
    const catalog = await catalogOf(read(whole()), env);
    const statuses: Record<string, number> = { busy: 429, denied: 401, gone: 404 };
    apis.reply((question) => ({
      type: 'error',
      status: statuses[question] ?? 500,
      message: `${Object.values(env).join()} is wrong`,
    }));
    const codes: Record<string, string[]> = {};
    for (const model of catalog.names)
      for (const text of ['busy', 'denied', 'gone']) {
        const failure = await ask(catalog, model, text).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(ModelFailure);
        if (!(failure instanceof ModelFailure)) continue;
        codes[model] = [...(codes[model] ?? []), failure.code];
        expect(failure.message).not.toMatch(/own-key/);
        expect(redact(String(failure.cause))).not.toMatch(/own-key/);
      }
    const all = ['busy', 'refused', 'unknownModel'];
    expect(codes).toEqual({ fast: all, haiku: all, flash: all, llama: all });
  });

  test('a 401 is asked once, a 429 again as often as the file says and no more', async () => {
    const more = whole();
    for (const provider of Object.values(more.providers)) provider.retries = 1;
    const catalog = await catalogOf(read(more), env);
    const denied: Reply = { type: 'error', status: 401, message: 'bad key' };
    const busy: Reply = { type: 'error', status: 429, message: 'slow down', headers: { 'retry-after': '0' } };
    apis.reply((question) => (question === 'denied' ? denied : busy));
    for (const model of catalog.names) {
      apis.requests.length = 0;
      await expect(ask(catalog, model, 'denied')).rejects.toMatchObject({ code: 'refused' });
      expect(apis.requests).toHaveLength(1);
    }
    apis.requests.length = 0;
    await expect(ask(catalog, 'fast', 'busy')).rejects.toMatchObject({ code: 'busy' });
    expect(apis.requests).toHaveLength(2);
  }, 30_000);

  test('a stream that stalls ends with the time, with every provider', async () => {
    const catalog = await catalogOf(read(whole()), env);
    apis.reply(() => ({ type: 'stall' }));
    await Promise.all(
      catalog.names.map((model) => expect(ask(catalog, model, 'slow', 300)).rejects.toMatchObject({ code: 'timeout' })),
    );
  });

  test('an answer that a filter cut is no answer, whatever the provider calls it', async () => {
    const catalog = await catalogOf(read(whole()), env);
    const words = { openai: 'content_filter', anthropic: 'refusal', google: 'SAFETY' };
    apis.reply((_, api) => ({ type: 'answer', text: 'Half of', finish: api === 'ollama' ? 'stop' : words[api] }));
    for (const model of ['fast', 'haiku', 'flash'])
      await expect(ask(catalog, model)).rejects.toMatchObject({ code: 'filtered' });
    expect((await ask(catalog, 'llama')).text).toBe('Half of');
  });

  test('a workload that calls again and again is stopped before a call could cost more than its budget', async () => {
    const catalog = await catalogOf(read(whole()), env);
    // A call of `hello`: 37 tokens in at 1, and 300 out at 2: 637 millionths at most; it uses 13 + 2 · 100.
    const meter = createMeter((model) => catalog.entryOf(model)?.terms, 1_100n * 10n ** 12n);
    apis.reply(() => ({ type: 'answer', text: 'again', input: 13, output: 100 }));
    const call = () =>
      complete({
        provider: catalog.provider,
        model: 'haiku',
        settings: {},
        messages: [new HumanMessage('hello')],
        signal: AbortSignal.timeout(5_000),
        maxBytes: 10_000,
        meter,
      });
    for (let i = 0; i < 3; i++) await call();
    await expect(call()).rejects.toMatchObject({ code: 'overBudget' });
    expect(apis.requests).toHaveLength(3);
    expect(apis.requests[0]?.body).toMatchObject({ max_tokens: 300 });
    expect(meter.spent()).toBe(639n * 10n ** 12n);
    expect([meter.calls(), meter.tokens()]).toEqual([3, { input: 39, output: 300 }]);
    // A failed call may have been billed: it stays at its bound.
    const other = createMeter((model) => catalog.entryOf(model)?.terms, undefined);
    apis.reply(() => ({ type: 'error', status: 500, message: 'broken' }));
    await expect(
      complete({
        provider: catalog.provider,
        model: 'haiku',
        settings: {},
        messages: [new HumanMessage('hello')],
        signal: AbortSignal.timeout(5_000),
        maxBytes: 10_000,
        meter: other,
      }),
    ).rejects.toMatchObject({ code: 'failed' });
    expect(other.spent()).toBe(637n * 10n ** 12n);
  });

  test('says which models are down, and why; the others stay', async () => {
    const half = whole();
    half.providers.claude.baseUrl = 'http://127.0.0.1:1';
    half.models.llama.model = 'not-pulled';
    const { down, provider } = await catalogOf(read(half), env);
    const found = await down(AbortSignal.timeout(5_000));
    expect([...found]).toMatchInlineSnapshot(`
      [
        [
          "haiku",
          "claude: 127.0.0.1:1 can not be reached.",
        ],
        [
          "llama",
          "ours: not-pulled is not there. Pull it: ollama pull not-pulled",
        ],
      ]
    `);
    expect(await provider.healthy(AbortSignal.timeout(5_000))).toBe(true);
  });
});

describe('a package that is not installed', () => {
  test('is the one command away, and the version is the tested one', async () => {
    const path = join(folder, 'claude.json');
    const { providers, models, ...rest } = whole();
    writeFileSync(
      path,
      JSON.stringify({
        ...rest,
        providers: { claude: providers.claude },
        default: 'haiku',
        models: { haiku: models.haiku },
      }),
    );
    const hidden = join(folder, 'hide.mjs');
    // As Node's own resolver says it of a package that is not there.
    writeFileSync(
      hidden,
      `import { registerHooks } from 'node:module';
registerHooks({
  resolve(name, context, next) {
    if (name !== '@langchain/anthropic') return next(name, context);
    const error = new Error("Cannot find package '@langchain/anthropic' imported from " + context.parentURL);
    throw Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });
  },
});`,
    );
    const run = promisify(execFile)(
      process.execPath,
      ['--import', hidden, 'host/workload.ts', 'run', 'models/terse.py', '--input', 'hi'],
      { cwd: root, env: { ...processEnv, ...env, HOST_MODELS_FILE: path } },
    );
    const { stderr } = await run.then(
      () => ({ stderr: 'It answered.' }),
      (error: unknown) => error as { stderr: string },
    );
    expect(stderr).toMatchInlineSnapshot(`
      "Anthropic needs the package @langchain/anthropic, which is not installed. The host's operator installs it once, in the project's folder: npm install --no-save --save-prod --omit=dev @langchain/anthropic@1.5.11
      "
    `);
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const [name, version] of Object.entries(optionalPackages)) expect(devDependencies[name]).toBe(version);
  });
});
