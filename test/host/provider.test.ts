import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { ModelFailure, type ModelFailureCode } from '../../host/runtime/ModelFailure.ts';
import { chooseProvider, providerSettings } from '../../host/runtime/provider/choose.ts';
import { openAiProvider } from '../../host/runtime/provider/OpenAi.ts';
import { type Provider, parseAliases, pickModel } from '../../host/runtime/provider/Provider.ts';
import { type RunOptions, run } from '../../host/runtime/run.ts';
import { runtime } from './runtime.ts';

const script = `prompt = 'Answer as JSON: {"a": 1} {{x}}'
examples = [("q", "a")]
input = "x"
model = "gpt-4o-mini"
temperature = 0.5
top_p = 0.9
max_tokens = 77
stop = ["END"]
seed = 5
`;

let mock: LLMock;
let baseUrl: string;
const provider = (retries = 0): Promise<Provider> =>
  openAiProvider({ baseUrl: `${baseUrl}/v1`, apiKey: 'key', aliases: new Map(), retries });

async function answer(input: string, more: Partial<RunOptions> = {}): Promise<string> {
  const values = readPlainWorkload(script).valuesFor(input);
  return run({
    provider: await provider(),
    model: 'gpt-4o-mini',
    values,
    runtime,
    timeoutMs: 5_000,
    maxBytes: 10_000,
    ...more,
  });
}
async function failure(promise: Promise<unknown>): Promise<ModelFailureCode> {
  const error = await promise.then(
    () => new Error('It answered.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ModelFailure) return error.code;
  throw error;
}

beforeAll(async () => {
  mock = new LLMock({ port: 0, chunkSize: 5 });
  baseUrl = await mock.start();
});
afterAll(() => mock.stop());
afterEach(() => {
  mock.clearFixtures();
  mock.clearRequests();
});

describe('an OpenAI-compatible server', () => {
  test('gets prompt, examples, turns and input as messages of their own, and the settings', async () => {
    mock.onMessage(/.*/s, { content: '  Hello, **world** 🎉\n' });
    const input = '{"a": {}} {input} $\' 🎉\n```';
    expect(await answer(input, { turns: [{ input: 'before', answer: 'that' }] })).toBe('Hello, **world** 🎉');
    const body = mock.getLastRequest()?.body;
    expect(body).toMatchObject({
      model: 'gpt-4o-mini',
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 77,
      stop: ['END'],
      seed: 5,
      stream: true,
      messages: [
        { role: 'system', content: 'Answer as JSON: {"a": 1} {{x}}' },
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'a' },
        { role: 'user', content: 'before' },
        { role: 'assistant', content: 'that' },
        { role: 'user', content: input },
      ],
    });
  });

  test('a failure is a failure, never an answer', async () => {
    mock.onMessage('rate', { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429 });
    mock.onMessage('broken', { error: { message: 'secret detail sk-12345678', type: 'server_error' }, status: 500 });
    mock.onMessage('key', { error: { message: 'bad key', type: 'auth' }, status: 401 });
    mock.onMessage('gone', { error: { message: 'no model', type: 'x' }, status: 404 });
    mock.onMessage('large', { error: { message: 'context', type: 'x' }, status: 400 });
    mock.onMessage('nothing', { content: '' });
    mock.onMessage('blank', { content: ' \n\t ' });
    mock.onMessage('endless', { content: 'é'.repeat(6_000) });
    expect(await failure(answer('rate'))).toBe('busy');
    expect(await failure(answer('broken'))).toBe('failed');
    expect(await failure(answer('key'))).toBe('refused');
    expect(await failure(answer('gone'))).toBe('unknownModel');
    expect(await failure(answer('large'))).toBe('badRequest');
    expect(await failure(answer('nothing'))).toBe('empty');
    expect(await failure(answer('blank'))).toBe('empty');
    expect(await failure(answer('endless'))).toBe('tooLong');
    await expect(answer('broken')).rejects.toThrow(/^The model failed\.$/);
  }, 30_000);

  test('an error that passes is tried again, so often and no more', async () => {
    let calls = 0;
    mock.onMessage('twice', () =>
      ++calls === 1 ? { error: { message: 'later', type: 'x' }, status: 503 } : { content: 'now' },
    );
    expect(await answer('twice', { provider: await provider(1) })).toBe('now');
    mock.clearFixtures();
    calls = 0;
    mock.onMessage('never', () => {
      calls++;
      return { error: { message: 'later', type: 'x' }, status: 503 };
    });
    expect(await failure(answer('never', { provider: await provider(1) }))).toBe('failed');
    expect(calls).toBe(2);
  }, 30_000);

  test('a stream that stalls ends with the time, and so does a host that stops', async () => {
    mock.onMessage('slow', { content: 'a b c d e f g h i j k l m n o p' }, { latency: 600_000 });
    expect(await failure(answer('slow', { timeoutMs: 300 }))).toBe('timeout');
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    expect(await failure(answer('slow', { signal: abort.signal }))).toBe('timeout');
  });

  test('nobody there', async () => {
    const gone = await openAiProvider({ baseUrl: 'http://127.0.0.1:1/v1', aliases: new Map(), retries: 0 });
    expect(await failure(answer('x', { provider: gone }))).toBe('unreachable');
    expect(await gone.healthy(AbortSignal.timeout(1_000))).toBe(false);
    expect(await (await provider()).healthy(AbortSignal.timeout(1_000))).toBe(true);
  });
});

describe('Ollama', () => {
  let server: Server;
  let requests: unknown[];
  let url: string;
  beforeAll(async () => {
    requests = [];
    server = createServer(async (request, response) => {
      if (request.url === '/api/tags') {
        response.end(JSON.stringify({ models: [{ name: 'llama3.2:latest' }, { name: 'qwen3:8b' }] }));
        return;
      }
      let body = '';
      for await (const chunk of request) body += String(chunk);
      requests.push(JSON.parse(body));
      const line = (content: string, done: boolean) =>
        response.write(
          `${JSON.stringify({ model: 'm', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content }, done, ...(done && { done_reason: 'stop' }) })}\n`,
        );
      line('Hel', false);
      line('lo', false);
      line('', true);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test('is found by itself and serves what was pulled', async () => {
    const settings = z
      .object(providerSettings)
      .parse({ OLLAMA_BASE_URL: url, HOST_MODEL_ALIASES: 'gpt-4o-mini=qwen3:8b' });
    const found = await chooseProvider(settings);
    expect(found.label).toBe('Ollama (llama3.2:latest)');
    expect(found.serves(undefined)).toEqual({ ok: true, model: 'llama3.2:latest' });
    expect(found.serves('llama3.2')).toEqual({ ok: true, model: 'llama3.2:latest' });
    expect(found.serves('gpt-4o-mini')).toEqual({ ok: true, model: 'qwen3:8b' });
    expect(found.serves('claude')).toEqual({ ok: false, reason: 'This host does not serve the model claude.' });
    const values = readPlainWorkload(script).valuesFor('hi');
    expect(
      await run({ provider: found, model: 'llama3.2:latest', values, runtime, timeoutMs: 5_000, maxBytes: 100 }),
    ).toBe('Hello');
    expect(requests[0]).toMatchObject({
      model: 'llama3.2:latest',
      options: { temperature: 0.5, num_predict: 77, top_p: 0.9, stop: ['END'], seed: 5 },
      messages: [{ role: 'system' }, { role: 'user' }, { role: 'assistant' }, { role: 'user', content: 'hi' }],
    });
  });
});

describe('which model answers', () => {
  const listed = new Set(['a', 'b:latest']);
  test.each([
    [undefined, '', { ok: true, model: 'std' }],
    ['a', '', { ok: true, model: 'a' }],
    ['a', 'a=z', { ok: true, model: 'z' }],
    ['b', '', { ok: true, model: 'b:latest' }],
    ['std', '', { ok: true, model: 'std' }],
    ['c', '', { ok: false, reason: 'This host does not serve the model c.' }],
  ])('%s with aliases %j', (model, aliases, served) => {
    expect(pickModel(model, 'std', parseAliases(aliases), listed)).toEqual(served);
  });
  test('of a provider that tells no list only what the operator mapped', () => {
    expect(pickModel('c', 'std', new Map(), undefined)).toEqual({
      ok: false,
      reason: 'This host does not serve the model c.',
    });
    expect(pickModel('c', 'std', new Map([['c', 'own']]), undefined)).toEqual({ ok: true, model: 'own' });
  });
  test('a wrong pair is refused, and so is a name for all', () => {
    expect(() => parseAliases('a=b,c')).toThrow('c is no pair');
    expect(() => parseAliases('a=b,*=c')).toThrow('* maps every name');
  });
  test('without any, the guide answers', async () => {
    const settings = z.object(providerSettings).parse({ OLLAMA_BASE_URL: 'http://127.0.0.1:1' });
    expect((await chooseProvider(settings)).name).toBe('guide');
    await expect(chooseProvider({ ...settings, HOST_PROVIDER: 'ollama' })).rejects.toThrow('ollama pull');
  });
});
