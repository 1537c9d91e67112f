import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import { sandboxImage } from '../../host/runtime/sandbox/Image.ts';
import { createSandbox } from '../../host/runtime/sandbox/Sandbox.ts';
import { SandboxFailure } from '../../host/runtime/sandbox/SandboxFailure.ts';

const options = { cpuSeconds: 10, memoryMiB: 256, outputBytes: 100_000, modelCalls: 4, warm: 2, atOnce: 2 };
const sandbox = createSandbox(options);
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
    const { work } = await sandbox.begin(script, 'asked');
    const answered = await work?.answer({
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
    expect(answered?.answer).toBe('the answer!');
    expect(requests).toEqual(['{"type": "model", "messages": [["P", "asked"], ["human", "before"], ["ai", "said"]]}']);
  });
  describe('whose work waits', () => {
    const drawn =
      'import random\nprompt = str(random.random())\ninput = "I"\ndef work(prompt, input):\n    return prompt';
    const nothing = { history: [], call: async () => 'unused', signal: AbortSignal.timeout(60_000) };

    test('is run once: what its values were is what its work sees', async () => {
      const { values, work } = await sandbox.begin(drawn, 'asked');
      const answered = await work?.answer(nothing);
      expect(answered?.answer).toBe(values.prompt);
      await expect(work?.answer(nothing)).rejects.toThrow(SandboxFailure);
    });
    test('keeps its place until it is ended, and gives it back then', async () => {
      const one = createSandbox({ ...options, warm: 0, atOnce: 1 });
      try {
        const { work } = await one.begin(drawn, 'asked');
        expect(one.size()).toBe(1);
        const next = one.values(drawn, 'next');
        // Time enough for the next one to start, if it did not wait.
        await sandbox.values(drawn, 'meanwhile');
        expect(one.size()).toBe(1);
        work?.end();
        work?.end();
        expect((await next).hasWork).toBe(true);
        await one.settled();
        await expect(work?.answer(nothing)).rejects.toThrow(SandboxFailure);
      } finally {
        await one.close();
      }
    });
    test('holds no process when it has none, or when reading it failed', async () => {
      const one = createSandbox({ ...options, warm: 0, atOnce: 1 });
      try {
        expect((await one.begin('prompt = f"p"\ninput = "I"', 'asked')).work).toBeUndefined();
        await expect(one.begin('prompt = f"p"\ninput = "I"\nwork = 5', 'asked')).rejects.toThrow(WorkloadError);
        await one.settled();
        await expect.poll(() => one.size()).toBe(0);
      } finally {
        await one.close();
      }
    });
    test('says so when its time was over before', async () => {
      const spins = `${drawn.replace('return prompt', 'while True: pass')}`;
      const one = createSandbox({ ...options, cpuSeconds: 1, warm: 0, atOnce: 1 });
      try {
        const { work } = await one.begin(spins, 'asked');
        await expect(work?.answer(nothing)).rejects.toMatchObject({ code: 'timeLimit' });
      } finally {
        await one.close();
      }
    });
  });
  test('calls no model outside of work', async () => {
    const script = 'import _bridge\nprompt = "P"\ninput = "I"\n_bridge.call("{}")';
    await expect(sandbox.values(script, undefined)).rejects.toThrow(WorkloadError);
    await expect(sandbox.values(script, undefined)).rejects.toThrow('Line 4: ');
  });
});
