import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import { sandboxImage } from '../../host/runtime/sandbox/Image.ts';
import { createSandbox } from '../../host/runtime/sandbox/Sandbox.ts';

const sandbox = createSandbox({
  cpuSeconds: 10,
  memoryMiB: 256,
  outputBytes: 100_000,
  modelCalls: 4,
  warm: 2,
  atOnce: 2,
});
beforeAll(() => sandboxImage());
afterAll(() => sandbox.close());

describe('a computed script', () => {
  test('runs for real, with the asker’s text in the place of the example', async () => {
    const script = `import re, json, math, datetime, random
words = [word.upper() for word in ("terse", "kind")]
prompt = f"Be {' and '.join(words)}. {math.floor(2.5)} {json.dumps({'a': 1})}"
input = "an example"
input = re.sub(r"\\s+", " ", input).strip()[:20]
temperature = round(0.1 + 0.2, 1)
examples = [(f"q{i}", f"a{i}") for i in range(2)]
print(datetime.date(2026, 11, 28))
`;
    expect(await sandbox.values(script, '  what\n is   it? ')).toEqual({
      values: {
        prompt: 'Be TERSE and KIND. 2 {"a": 1}',
        input: 'what is it?',
        temperature: 0.3,
        examples: [
          ['q0', 'a0'],
          ['q1', 'a1'],
        ],
      },
      hasWork: false,
      printed: '2026-11-28\n',
    });
  });
  test('defines work, which calls a model through the bridge', async () => {
    const script = `import _bridge, json
prompt = "P"
input = "I"
def work(prompt, input, history):
    reply = json.loads(_bridge.call(json.dumps({"type": "model", "messages": [[prompt, input], *history]})))
    return reply["content"] + "!"
`;
    const requests: string[] = [];
    const { answer } = await sandbox.work({
      script,
      input: 'asked',
      history: [
        ['human', 'before'],
        ['ai', 'said'],
      ],
      call: async (request) => {
        requests.push(request);
        return JSON.stringify({ ok: true, content: 'the answer', tool_calls: [] });
      },
      signal: AbortSignal.timeout(60_000),
    });
    expect(answer).toBe('the answer!');
    expect(requests).toEqual(['{"type": "model", "messages": [["P", "asked"], ["human", "before"], ["ai", "said"]]}']);
  });
  test('calls no model outside of work', async () => {
    const script = 'import _bridge\nprompt = "P"\ninput = "I"\n_bridge.call("{}")';
    await expect(sandbox.values(script, undefined)).rejects.toThrow(WorkloadError);
    await expect(sandbox.values(script, undefined)).rejects.toThrow('Line 4: ');
  });
});
