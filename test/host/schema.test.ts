import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ModelFailure } from '../../host/runtime/ModelFailure.ts';
import { openAiProvider } from '../../host/runtime/provider/OpenAi.ts';
import { run } from '../../host/runtime/run.ts';
import { sandboxImage } from '../../host/runtime/sandbox/Image.ts';
import { createSchemaChecks } from '../../host/runtime/sandbox/SchemaChecks.ts';
import { beginWorkload } from '../../host/runtime/Workload.ts';
import { runtime } from './runtime.ts';

const script = `prompt = "Give the city."
input = "x"
schema = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "people": {"type": "integer", "minimum": 0}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
`;
const { schemas } = runtime;
let mock: LLMock;
let baseUrl: string;

beforeAll(async () => {
  mock = new LLMock({ port: 0 });
  baseUrl = await mock.start();
  await sandboxImage();
}, 120_000);
afterAll(async () => {
  await mock.stop();
  await runtime.close();
});
afterEach(() => {
  mock.clearFixtures();
  mock.clearRequests();
});

async function answer(text = script): Promise<string> {
  const provider = await openAiProvider({ baseUrl: `${baseUrl}/v1`, apiKey: 'key', aliases: new Map(), retries: 0 });
  const { values, work } = await beginWorkload(text, 'Where is Tellor?', runtime);
  return run({ provider, model: 'gpt-4o-mini', values, work, runtime, timeoutMs: 60_000, maxBytes: 10_000 });
}
const said = (): unknown[][] =>
  mock.getRequests().map(({ body }) => (Array.isArray(body?.messages) ? body.messages : []));

describe('schema', () => {
  test('an answer that satisfies it is delivered as the model wrote it, without the fence around it', async () => {
    mock.onMessage(/.*/s, { content: '```json\n{"city": "Zürich",  "people": 3}\n```' });
    expect(await answer()).toBe('{"city": "Zürich",  "people": 3}');
    expect(said()).toHaveLength(1);
    expect(JSON.stringify(said()[0])).toContain('It must satisfy this JSON Schema');
  }, 60_000);

  test('one that does not is shown to the model with what is wrong, once', async () => {
    mock.onMessage('Where', { content: '{"city": 5, "mayor": "x"}' });
    mock.onMessage('does not satisfy', { content: '{"city": "Bern", "people": 1}' });
    expect(await answer()).toBe('{"city": "Bern", "people": 1}');
    expect(said()).toHaveLength(2);
    expect(said()[1]?.slice(-2)).toEqual([
      { role: 'assistant', content: '{"city": 5, "mayor": "x"}' },
      {
        role: 'user',
        content:
          "That answer does not satisfy the JSON Schema: the whole must have required property 'people'; the whole must NOT have additional properties (mayor); /city must be string. Write the whole corrected JSON value and nothing else.",
      },
    ]);
  }, 60_000);

  test('when the correction is wrong too, there is no answer', async () => {
    mock.onMessage(/.*/s, { content: 'Zürich, of course.' });
    const error = await answer().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelFailure);
    expect(error).toMatchObject({ code: 'schema' });
    expect(said()).toHaveLength(2);
  }, 60_000);

  test('what a script’s own work returns is held against it too, and a dict is delivered as JSON', async () => {
    const own = `${script}\ndef work(prompt, input):\n    return {"city": input, "people": 2}\n`;
    expect(await answer(own)).toBe('{"city": "Where is Tellor?", "people": 2}');
    expect(said()).toHaveLength(0);
  }, 60_000);

  test('one that is no JSON Schema is refused before any model is asked', async () => {
    await expect(answer(script.replace('"integer"', '"whole"'))).rejects.toMatchObject({ code: 'badValue' });
    expect(said()).toHaveLength(0);
  }, 60_000);

  test('draft 7, 2019-09 and 2020-12 are known', async () => {
    const of = (version: string) => ({ $schema: version, type: 'array', items: { type: 'string' } });
    for (const version of [
      'http://json-schema.org/draft-07/schema#',
      'https://json-schema.org/draft/2019-09/schema',
      'https://json-schema.org/draft/2020-12/schema',
    ]) {
      expect(await schemas.problemOf(of(version), '["a"]')).toBeUndefined();
      expect(await schemas.problemOf(of(version), '[1]')).toBe('/0 must be string');
    }
  }, 60_000);
});

describe('a hostile schema', () => {
  const hurried = createSchemaChecks({ atOnce: 2, mostMs: 2_000 });
  test('whose pattern never ends is killed', async () => {
    const text = JSON.stringify(`${'a'.repeat(40)}b`);
    await expect(hurried.problemOf({ pattern: '^(a+)+$' }, text)).rejects.toMatchObject({ code: 'timeLimit' });
  }, 60_000);

  test('whose references double and double is killed', async () => {
    const levels = Array.from({ length: 40 }, (_, level) => [
      `d${level + 1}`,
      { allOf: [{ $ref: `#/$defs/d${level}` }, { $ref: `#/$defs/d${level}` }] },
    ]);
    const bomb = { $defs: { d0: { type: 'string' }, ...Object.fromEntries(levels) }, $ref: '#/$defs/d40' };
    await expect(hurried.problemOf(bomb, '5')).rejects.toMatchObject({ name: 'WorkloadError' });
  }, 60_000);

  test('that refers to itself for ever, or to another machine, is refused', async () => {
    let connections = 0;
    const listener = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    await expect(schemas.problemOf({ $ref: `http://127.0.0.1:${port}/x` }, undefined)).rejects.toMatchObject({
      code: 'badValue',
    });
    await expect(schemas.problemOf({ $ref: '#' }, '5')).rejects.toMatchObject({ name: 'WorkloadError' });
    expect(connections).toBe(0);
    listener.close();
  }, 60_000);

  test('that tries to be code is only a schema', async () => {
    const evil = '"]; process.exit(7); throw new Error("x"); //';
    const problem = await schemas.problemOf({ type: 'object', required: [evil], properties: { [evil]: {} } }, '{}');
    expect(problem).toContain('must have required property');
  }, 60_000);
});
