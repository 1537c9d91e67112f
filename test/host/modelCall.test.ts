import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ModelReply, modelReplySchema } from '../../host/runtime/ModelCall.ts';
import { createModelCalls, type ModelCalls, type ModelCallsOptions } from '../../host/runtime/ModelCalls.ts';
import { openAiProvider } from '../../host/runtime/provider/OpenAi.ts';
import { type Provider, parseAliases } from '../../host/runtime/provider/Provider.ts';

let mock: LLMock;
let provider: Provider;
beforeAll(async () => {
  mock = new LLMock({ port: 0, chunkSize: 7 });
  const url = await mock.start();
  provider = await openAiProvider({
    baseUrl: `${url}/v1`,
    apiKey: 'key',
    model: 'gpt-4o-mini',
    aliases: parseAliases('claude-sonnet-4-5=gpt-4o-mini'),
    retries: 0,
  });
});
afterAll(() => mock.stop());
afterEach(() => {
  mock.clearFixtures();
  mock.clearRequests();
});

const calls = (more: Partial<ModelCallsOptions> = {}): ModelCalls =>
  createModelCalls({
    provider,
    model: undefined,
    maxCalls: 10,
    maxBytes: 10_000,
    signal: AbortSignal.timeout(20_000),
    ...more,
  });
const ask = async (one: ModelCalls, request: unknown): Promise<ModelReply> =>
  modelReplySchema.parse(JSON.parse(await one.answer(typeof request === 'string' ? request : JSON.stringify(request))));
const hello = { type: 'model', messages: [{ role: 'human', content: 'hello' }] };

describe('a model call of a script', () => {
  test('reaches the provider with its settings, messages and tools, and comes back with text', async () => {
    mock.onMessage('hello', { content: 'Hello, {you} 🎉' });
    const parameters = {
      type: 'object',
      properties: {
        title: { type: 'string', description: 'A title.' },
        n: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      },
      required: ['title'],
    };
    const reply = await ask(calls(), {
      type: 'model',
      model: 'gpt-4o-mini',
      temperature: 0.5,
      max_tokens: 77,
      top_p: 0.9,
      stop: ['END'],
      seed: 5,
      messages: [
        { role: 'system', content: 's {x}' },
        { role: 'ai', content: '', tool_calls: [{ id: 'c1', name: 'find', args: { title: 'a' } }] },
        { role: 'tool', content: 'found', tool_call_id: 'c1' },
        { role: 'human', content: 'hello' },
      ],
      tools: [{ name: 'find', description: 'Finds.', parameters }],
      tool_choice: 'find',
    });
    expect(reply).toMatchObject({ ok: true, content: 'Hello, {you} 🎉', tool_calls: [], finish: 'stop' });
    expect(mock.getLastRequest()?.body).toMatchObject({
      model: 'gpt-4o-mini',
      temperature: 0.5,
      max_tokens: 77,
      top_p: 0.9,
      stop: ['END'],
      seed: 5,
      messages: [
        { role: 'system', content: 's {x}' },
        {
          role: 'assistant',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{"title":"a"}' } }],
        },
        { role: 'tool', content: 'found', tool_call_id: 'c1' },
        { role: 'user', content: 'hello' },
      ],
      tools: [{ type: 'function', function: { name: 'find', description: 'Finds.', parameters } }],
      tool_choice: { type: 'function', function: { name: 'find' } },
    });
  });

  test('comes back with the tools that the model asks for', async () => {
    mock.onMessage('hello', {
      toolCalls: [
        { name: 'add', arguments: '{"a": 1, "b": [2, {"c": "é"}]}', id: 'call_a' },
        { name: 'add', arguments: 'one and two', id: 'call_b' },
      ],
    });
    const tools = [{ name: 'add', description: '', parameters: { type: 'object', properties: {} } }];
    expect(await ask(calls(), { ...hello, tools, tool_choice: 'any' })).toMatchObject({
      ok: true,
      content: '',
      tool_calls: [{ id: 'call_a', name: 'add', args: { a: 1, b: [2, { c: 'é' }] } }],
      invalid_tool_calls: [{ id: 'call_b', name: 'add', args: 'one and two' }],
      finish: 'tool_calls',
    });
    expect(mock.getLastRequest()?.body).toMatchObject({ tool_choice: 'required' });
  });

  test('is made with the model that the host maps the name to, or the script’s own, or not at all', async () => {
    mock.onMessage('hello', { content: 'hi' });
    const named = calls({ model: 'gpt-4o' });
    await ask(named, hello);
    expect(mock.getLastRequest()?.body).toMatchObject({ model: 'gpt-4o' });
    await ask(named, { ...hello, model: 'claude-sonnet-4-5' });
    expect(mock.getLastRequest()?.body).toMatchObject({ model: 'gpt-4o-mini' });
    mock.clearRequests();
    expect(await ask(named, { ...hello, model: 'no-such-model' })).toEqual({
      ok: false,
      code: 'notServed',
      message: 'This host does not serve the model no-such-model.',
    });
    expect(named.failure()?.code).toBe('notServed');
    expect(mock.getRequests()).toEqual([]);
  });

  test('that fails is known as the last one, until another gives an answer', async () => {
    mock.onMessage('rate', { error: { message: 'secret sk-12345678', type: 'rate_limit_error' }, status: 429 });
    mock.onMessage('hello', { content: 'hi' });
    const one = calls();
    const failed = await ask(one, { ...hello, messages: [{ role: 'human', content: 'rate' }] });
    expect(failed).toEqual({ ok: false, code: 'busy', message: "The host's model provider is over its limit." });
    expect(one.failure()?.code).toBe('busy');
    await ask(one, hello);
    expect(one.failure()).toBeUndefined();
  });

  test('ends with the signal, is bounded in bytes, and there are only so many', async () => {
    mock.onMessage('hello', { content: 'a b c d e f g h i j k l' }, { latency: 2_000 });
    expect(await ask(calls({ signal: AbortSignal.timeout(200) }), hello)).toMatchObject({ ok: false, code: 'timeout' });
    mock.clearFixtures();
    mock.onMessage('hello', { content: 'é'.repeat(6_000) });
    expect(await ask(calls(), hello)).toMatchObject({ ok: false, code: 'tooLong' });
    mock.clearFixtures();
    mock.onMessage('hello', { content: 'hi' });
    const few = calls({ maxCalls: 1 });
    expect(await ask(few, hello)).toMatchObject({ ok: true });
    expect(await ask(few, hello)).toMatchObject({ ok: false, code: 'limit' });
    expect(few.failure()?.code).toBe('limit');
  });

  test.each<[string, unknown]>([
    ['no messages', { type: 'model', messages: [] }],
    ['another type', { ...hello, type: 'fetch' }],
    ['an address', { ...hello, base_url: 'http://127.0.0.1' }],
    ['an unknown role', { type: 'model', messages: [{ role: 'developer', content: 'x' }] }],
    ['a temperature', { ...hello, temperature: 3 }],
    ['a name of a tool', { ...hello, tools: [{ name: 'a b', description: '', parameters: { type: 'object' } }] }],
    ['a schema', { ...hello, tools: [{ name: 'a', description: '', parameters: { type: 'string' } }] }],
    [
      'two tools of one name',
      { ...hello, tools: ['a', 'a'].map((name) => ({ name, description: '', parameters: { type: 'object' } })) },
    ],
    ['a choice', { ...hello, tool_choice: 'a' }],
  ])('with %s that can’t be is refused with the place and the rule', async (_name, request) => {
    const reply = await ask(calls(), request);
    expect(reply).toMatchObject({ ok: false, code: 'badCall' });
    expect(reply.ok || reply.message).toMatchSnapshot();
    expect(mock.getRequests()).toEqual([]);
  });
});
