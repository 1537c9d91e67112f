import { readdirSync, readFileSync } from 'node:fs';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import { ModelFailure } from '../../host/runtime/ModelFailure.ts';
import { openAiProvider } from '../../host/runtime/provider/OpenAi.ts';
import type { Provider } from '../../host/runtime/provider/Provider.ts';
import { createRuntime } from '../../host/runtime/Runtime.ts';
import { type RunOptions, run } from '../../host/runtime/run.ts';
import { sandboxImage } from '../../host/runtime/sandbox/Image.ts';
import { beginWorkload } from '../../host/runtime/Workload.ts';
import { limits } from './runtime.ts';

const runtime = createRuntime({ ...limits, cpuSeconds: 60, modelCalls: 8, warm: 2, atOnce: 2 });
let mock: LLMock;
let provider: Provider;
beforeAll(async () => {
  mock = new LLMock({ port: 0, chunkSize: 9 });
  const url = await mock.start();
  provider = await openAiProvider({
    baseUrl: `${url}/v1`,
    apiKey: 'key',
    model: 'gpt-4o-mini',
    aliases: new Map(),
    retries: 0,
  });
  await sandboxImage();
});
afterAll(async () => {
  await Promise.all([runtime.close(), mock.stop()]);
});
afterEach(() => {
  mock.clearFixtures();
  mock.clearRequests();
});

/** As a host does: reads the script, then runs it. */
async function answer(script: string | Uint8Array, input = 'asked', more: Partial<RunOptions> = {}): Promise<string> {
  const { values, work } = await beginWorkload(script, input, runtime);
  const options = { provider, model: 'gpt-4o-mini', values, work, runtime, timeoutMs: 120_000, maxBytes: 10_000 };
  return run({ ...options, ...more });
}
const whole = (file: string, input: string, more: Partial<RunOptions> = {}): Promise<string> =>
  answer(readFileSync(file), input, more);
const script = (body: string): string => `
from langchain_openai import ChatOpenAI
prompt = "Be terse."
input = "an example"
def work(prompt, input, history=()):
${body.replace(/^/gm, '    ')}
`;
async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    (text) => new Error(`It answered: ${String(text)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ModelFailure || error instanceof WorkloadError)
    return `${error.name} ${error.code}: ${error.message}`;
  throw error;
}
const sent = (): unknown[] => mock.getRequests().map(({ body }) => (body as { messages?: unknown } | null)?.messages);

describe('the examples of docs/workloads.md', () => {
  const page = readFileSync('docs/workloads.md', 'utf8');
  test('are the files of docs/examples, all of them', () => {
    const blocks = new Set([...page.matchAll(/```python\n([\s\S]*?)```/g)].map((match) => match[1]));
    const files = readdirSync('docs/examples');
    expect(files.filter((file) => !blocks.has(readFileSync(`docs/examples/${file}`, 'utf8')))).toEqual([]);
    expect(files.length).toBe(6);
  });

  test('meaning.py: one chain, as it stands', async () => {
    mock.onMessage(/./s, { content: ' 42 {input} 🎉\n' });
    const input = '{"a": 1} {input} {{x}} \'"""\n🎉 %s $1';
    expect(await whole('docs/examples/meaning.py', input)).toBe('42 {input} 🎉');
    expect(mock.getLastRequest()?.body).toMatchObject({
      model: 'gpt-4o-mini',
      temperature: 0.1,
      stream: true,
      messages: [
        { role: 'system', content: 'What is the meaning of life?' },
        { role: 'user', content: input },
      ],
    });
  });

  test('summariser.py: parts, and a summary of summaries', async () => {
    mock.onMessage(/three sentences/, { content: 'A part {x}.' });
    mock.onMessage(/five points/, { content: '- All' });
    expect(await whole('docs/examples/summariser.py', 'long '.repeat(1_700))).toBe('- All');
    expect(sent().length).toBe(4);
    expect(sent()[3]).toMatchObject([
      {},
      { content: 'Summarise in five points:\n\nA part {x}.\nA part {x}.\nA part {x}.' },
    ]);
  });

  test('translator.py: examples and the conversation so far', async () => {
    mock.onMessage(/./s, { content: 'Thanks!' });
    const turns = [{ input: 'Hallo {du}', answer: 'Hello {you}' }];
    expect(await whole('docs/examples/translator.py', 'Danke!', { turns })).toBe('Thanks!');
    expect(sent()).toMatchSnapshot();
  });

  test('extractor.py: data of the form that the schema says', async () => {
    mock.onMessage(/./s, {
      toolCalls: [{ name: 'Meeting', arguments: '{"people": ["Grace", "Ada"], "when": "Friday"}', id: 'call_1' }],
    });
    expect(JSON.parse(await whole('docs/examples/extractor.py', 'Ada meets Grace on Friday.'))).toEqual({
      people: ['Ada', 'Grace'],
      when: 'Friday',
      about: null,
    });
    expect(mock.getLastRequest()?.body).toMatchObject({
      tools: [{ function: { name: 'Meeting', parameters: { required: ['people'] } } }],
      tool_choice: { function: { name: 'Meeting' } },
    });
  });

  test('critic.py: a draft, a critic, a better text', async () => {
    mock.onMessage(/^A lamp$/, { content: 'A draft {x}.' });
    mock.onMessage(/^Wish: A lamp\n\nText: A draft \{x\}\.$/, {
      content: '```json\n{"good": false, "why": "Too {short}."}\n```',
    });
    mock.onMessage(/A critic says: Too \{short\}\./, { content: 'A better text.' });
    expect(await whole('docs/examples/critic.py', 'A lamp')).toBe('A better text.');
    expect(sent().length).toBe(3);
  });

  test('calculator.py: the model asks for the script’s function until it can answer', async () => {
    mock.on(
      { userMessage: /17/, hasToolResult: false },
      { toolCalls: [{ name: 'calculate', arguments: '{"expression": "17 * 23 + 4"}', id: 'call_1' }] },
    );
    mock.on({ hasToolResult: true }, { content: 'It is 395.' });
    expect(await whole('docs/examples/calculator.py', 'What is 17 * 23 + 4?')).toBe('It is 395.');
    expect(sent().at(-1)).toMatchObject([
      { role: 'system' },
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ id: 'call_1', function: { name: 'calculate' } }] },
      { role: 'tool', tool_call_id: 'call_1', content: '395' },
    ]);
  });
});

describe('a script’s own chain', () => {
  test('may be awaited, and may leave its model where every other name of the script is', async () => {
    mock.onMessage(/./s, { content: 'ok' });
    const text = `
import asyncio
from langchain_openai import ChatOpenAI
prompt = "p"
input = "i"
model = ChatOpenAI()
examples = [{"q": "a"}]
async def shout(message):
    await asyncio.sleep(100)
    return message.content.upper()
async def both():
    return await asyncio.gather(model.ainvoke("a"), (model | shout).ainvoke("b"))
async def work(prompt, input):
    first, second = await both()
    return first.content + second + asyncio.run(shout(first))
`;
    expect(await answer(text, 'x')).toBe('okOKOK');
  });
});

describe('what goes wrong is whose it is', () => {
  test.each<[string, string]>([
    ['a name', 'from langchain_core.prompts import PipelinePromptTemplate\nreturn "x"'],
    ['a setting', 'return ChatOpenAI(temperature=9).invoke(input).content'],
    ['a package', 'import numpy\nreturn "x"'],
    [
      'a step in a chain',
      'def step(x):\n    return x["missing"]\n\nfrom langchain_core.runnables import RunnableLambda\nreturn (RunnableLambda(step) | str).invoke({})',
    ],
  ])('the seller’s: %s', async (_name, body) => {
    expect(await failure(answer(script(body)))).toMatchSnapshot();
    expect(mock.getRequests()).toEqual([]);
  });

  test('the provider’s, also when the script hides it', async () => {
    mock.onMessage(/./s, { error: { message: 'secret sk-12345678', type: 'rate_limit_error' }, status: 429 });
    const hides =
      'try:\n    return ChatOpenAI().invoke(input).content\nexcept Exception as error:\n    return "Sorry: " + str(error)';
    expect(await failure(answer(script(hides)))).toBe(
      "ModelFailure busy: The host's model provider is over its limit.",
    );
    expect(await failure(answer(script('return ChatOpenAI().invoke(input).content')))).toBe(
      "ModelFailure busy: The host's model provider is over its limit.",
    );
  });

  test('nobody’s, when another model answers instead', async () => {
    mock.onMessage(/./s, { content: 'instead' });
    const other = 'return ChatOpenAI(model="no-such").with_fallbacks([ChatOpenAI()]).invoke(input).content';
    expect(await answer(script(other))).toBe('instead');
    expect(await failure(answer(script('return ChatOpenAI(model="no-such").invoke(input).content')))).toBe(
      'ModelFailure notServed: This host does not serve a model that this workload names.',
    );
  });

  test('a run ends with its time, whatever it waits for', async () => {
    mock.onMessage('slow', { content: 'a b c d e f g h i j k l' }, { latency: 30_000 });
    const slow = answer(script('return ChatOpenAI().invoke("slow").content'), 'x', { timeoutMs: 10_000 });
    expect(await failure(slow)).toContain('ModelFailure timeout');
  });
});
