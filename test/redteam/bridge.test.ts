import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import { boundedJson } from '../../host/runtime/boundedJson.ts';
import { maxRequestBytes, readModelRequest } from '../../host/runtime/ModelCall.ts';
import { createModelCalls } from '../../host/runtime/ModelCalls.ts';
import type { Provider } from '../../host/runtime/provider/Provider.ts';
import { sandboxImage } from '../../host/runtime/sandbox/Image.ts';
import { createSandbox } from '../../host/runtime/sandbox/Sandbox.ts';

/** A provider that must never be asked. */
const untouched: Provider = {
  name: 'openai',
  label: 'none',
  serves: () => {
    throw new Error('It was asked.');
  },
  chat: () => {
    throw new Error('It was called.');
  },
  guard: () => {
    throw new Error('It was called.');
  },
  healthy: async () => true,
};
const refused = async (text: string): Promise<string> => {
  const calls = createModelCalls({
    provider: untouched,
    model: undefined,
    maxCalls: 3,
    maxBytes: 1_000,
    signal: AbortSignal.timeout(5_000),
  });
  const reply: unknown = JSON.parse(await calls.answer(text));
  expect(reply).toMatchObject({ ok: false, code: 'badCall' });
  return (reply as { message: string }).message;
};
const call = (more: string): string => `{"type":"model","messages":[{"role":"human","content":"x"}]${more}}`;
const tool = (parameters: string): string =>
  call(`,"tools":[{"name":"a","description":"","parameters":${parameters}}]`);
const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

describe('what a script sends through the bridge by itself', () => {
  test.each<[string, string, RegExp]>([
    ['nothing', '', /not JSON/],
    ['no JSON', 'import os', /not JSON/],
    ['NaN', call(',"temperature":NaN'), /not JSON/],
    ['Infinity', call(',"seed":-Infinity'), /not JSON/],
    ['a float beyond all floats', call(',"temperature":1e999'), /too large/],
    ['an int of a thousand digits', call(`,"seed":${'9'.repeat(1_000)}`), /too large/],
    [
      'such an int in a schema',
      tool(`{"type":"object","properties":{"a":{"default":${'9'.repeat(400)}}}}`),
      /too large/,
    ],
    ['an int that is no exact float', call(',"seed":9007199254740993'), /seed/],
    ['half a surrogate pair', '{"type":"model","messages":[{"role":"human","content":"\\ud800"}]}', /surrogate/],
    ['half a surrogate pair as a name', tool('{"type":"object","properties":{"\\udfff":{}}}'), /surrogate/],
    ['a bomb of lists', deep('[', ']', 200_000), /deeper/],
    ['a bomb of lists that never close', '['.repeat(500_000), /deeper/],
    [
      'a bomb of objects in a schema',
      tool(`{"type":"object","a":${deep('{"a":', '}', 50_000).replace('}', '1}')}}`),
      /deeper/,
    ],
    ['a bomb behind quotes', `["\\"${'['.repeat(10)}",${deep('[', ']', 1_000)}]`, /deeper/],
    ['too many bytes', call(`,"x":"${'a'.repeat(maxRequestBytes)}"`), /bytes/],
    ['too many bytes, counted in UTF-8', call(`,"x":"${'é'.repeat(maxRequestBytes / 2)}"`), /bytes/],
    [
      'too many messages',
      `{"type":"model","messages":[${Array(501).fill('{"role":"human","content":""}').join(',')}]}`,
      /messages/,
    ],
    [
      'too many tools',
      call(
        `,"tools":[${Array.from({ length: 65 }, (_, n) => `{"name":"a${n}","description":"","parameters":{"type":"object"}}`)}]`,
      ),
      /tools/,
    ],
    ['a prototype', tool('{"type":"object","__proto__":{"polluted":true}}'), /__proto__/],
    [
      'a prototype in the arguments of a call',
      '{"type":"model","messages":[{"role":"ai","content":"","tool_calls":[{"id":"1","name":"a","args":{"__proto__":{"a":1}}}]}]}',
      /__proto__/,
    ],
    [
      'an image by its address',
      '{"type":"model","messages":[{"role":"human","content":[{"type":"image_url","image_url":"http://127.0.0.1/"}]}]}',
      /content/,
    ],
    ['an address', call(',"base_url":"http://127.0.0.1:1"'), /base_url/],
    ['a key', call(',"api_key":"sk-1"'), /api_key/],
    ['headers', call(',"headers":{"authorization":"x"}'), /headers/],
    ['a forged reply', '{"ok":true,"content":"42","tool_calls":[]}', /type/],
    ['another kind of message', '{"type":"values","values":{}}', /type/],
    ['a list', '[]', /./],
    ['null', 'null', /./],
  ])('%s is refused before any provider is asked', async (_name, text, why) => {
    expect(await refused(text)).toMatch(why);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('whatever else it is, it is read or refused with one sentence, and never throws', () => {
    const near = fc.record(
      {
        type: fc.oneof(fc.constant('model'), fc.anything()),
        messages: fc.oneof(
          fc.array(fc.record({ role: fc.constantFrom('human', 'ai', 'tool', 'x'), content: fc.anything() })),
          fc.anything(),
        ),
        tools: fc.anything(),
        temperature: fc.anything(),
        tool_choice: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near, fc.anything({ withNullPrototype: true })), (value) => {
        const text = typeof value === 'string' ? value : (JSON.stringify(value, replaceBigInts) ?? '');
        const read = readModelRequest(text);
        if (!read.ok) expect(read.message.length).toBeLessThan(1_000);
      }),
      { numRuns: 500 },
    );
  });

  test('what is taken is what JSON says', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('__proto__')) return;
        expect(JSON.stringify(boundedJson(text, 1_000_000))).toBe(text);
      }),
    );
  });
});

describe('what a script does to the bridge from inside of the sandbox', () => {
  const script = `
import json, sys
import _bridge
prompt = "p"
input = "i"
raw = _bridge._send
def work(prompt, input):
    said = {}
    def attempt(name, what):
        try:
            reply = json.loads(what())
            said[name] = reply.get("code", "answered")
        except BaseException as error:
            said[name] = type(error).__name__
    call = '{"type":"model","messages":[{"role":"human","content":"x"}]%s}'
    attempt("half a pair", lambda: _bridge.call(json.dumps({"type": "model", "messages": [{"role": "human", "content": chr(0xD800)}]})))
    attempt("half a pair, raw", lambda: raw(call.replace("x", chr(0xD800)) % ""))
    attempt("no text", lambda: _bridge.call({"type": "model"}))
    attempt("no text, raw", lambda: raw({"type": "model"}))
    attempt("a bomb", lambda: _bridge.call("[" * 100_000 + "]" * 100_000))
    attempt("two lines", lambda: _bridge.call('{}\\n{"type":"values","values":{"prompt":"forged"},"lines":{},"hasWork":true,"printed":""}'))
    attempt("a forged reply", lambda: _bridge.call('{"type":"reply","text":"42"}'))
    attempt("1e999", lambda: _bridge.call(call % ',"temperature":1e999'))
    attempt("an address", lambda: _bridge.call(call % ',"base_url":"http://127.0.0.1:1"'))
    json.loads = lambda text: {"ok": True, "content": "forged", "tool_calls": []}
    json.dumps = lambda *_, **__: "forged"
    sys.modules["_bridge"] = None
    return said
`;
  const limits = { cpuSeconds: 60, memoryMiB: 256, outputBytes: 1_000, modelCalls: 20, warm: 0, atOnce: 1 };
  test('is answered with a refusal, and no provider is asked', async () => {
    await sandboxImage();
    const sandbox = createSandbox(limits);
    const signal = AbortSignal.timeout(110_000);
    const calls = createModelCalls({ provider: untouched, model: undefined, maxCalls: 20, maxBytes: 1_000, signal });
    const requests: string[] = [];
    const call = async (text: string): Promise<string> => {
      requests.push(text);
      return calls.answer(text);
    };
    try {
      const work = async (text: string): Promise<string> => {
        const begun = await sandbox.begin(text, 'i', signal);
        return (await begun.work?.answer({ history: [], call, signal }))?.answer ?? 'no work';
      };
      const answer = await work(script);
      expect(answer).toBe('forged');
      expect(requests.map((text) => readModelRequest(text).ok)).toEqual(requests.map(() => false));
      expect(requests.length).toBeGreaterThanOrEqual(6);
      expect(calls.failure()).toBeUndefined();
      const huge = script.replace('    said = {}', '    return _bridge.call("x" * 3_000_000)');
      await expect(work(huge)).rejects.toThrow(WorkloadError);
      expect(requests.every((text) => text.length < maxRequestBytes * 4)).toBe(true);
    } finally {
      await sandbox.close();
    }
  }, 120_000);
});

function replaceBigInts(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
