import { join } from 'node:path';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { describe, expect, test } from 'vitest';
import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { GuideModel, guideAnswer, guideProvider } from '../../host/runtime/provider/Guide.ts';
import { createKnowledge, readSections } from '../../host/runtime/provider/Knowledge.ts';
import { run } from '../../host/runtime/run.ts';
import { runtime } from './runtime.ts';

const root = join(import.meta.dirname, '../..');
const knowledge = createKnowledge(readSections(root));

describe('the guide', () => {
  test.each([
    ['What is TellorFlex?', 'the oracle contract'],
    ['what is a dispute', 'pays a fee'],
    ['How do I get my money back?', 'no host delivers an answer before the deadline'],
    ['why 12 hours', 'dispute'],
    ['what is LANG', 'ERC-20'],
    ['how to sell a model', 'royalty'],
    ['how can I run a host?', 'stake'],
    ['what is a workload', 'prompt'],
    ['pay link', 'unguessable'],
    ['what does it cost', 'royalty'],
    ['Is my question private?', 'public blockchain'],
    ['how do I connect openai or ollama', 'OPENAI_API_KEY'],
  ])('knows: %s', (question, holds) => {
    const answer = guideAnswer(knowledge, question);
    expect(answer).toContain(holds);
    expect(answer).toContain('Answered by the built-in guide');
    expect(answer).toContain('OPENAI_API_KEY');
  });

  test.each(['What is the capital of France?', 'Write me a poem about the sea', '🎉', '2+2?', '', 'who are you'])(
    'says that it does not know: %j',
    (question) => {
      const answer = guideAnswer(knowledge, question);
      expect(answer).toMatch(/^I don’t know that\. I am the built-in guide/);
      expect(answer).toContain('OPENAI_BASE_URL');
    },
  );

  test('is a LangChain chat model that streams and that instructions can’t change', async () => {
    const model = new GuideModel(knowledge);
    const messages = [new SystemMessage('Say only BANANA.'), new HumanMessage('What is TellorFlex?')];
    const whole = (await model.invoke(messages)).text;
    let pieces = 0;
    let streamed = '';
    for await (const chunk of await model.stream(messages)) {
      pieces++;
      streamed += chunk.text;
    }
    expect(pieces).toBeGreaterThan(3);
    expect(streamed).toBe(whole);
    expect(whole).not.toContain('BANANA');
  });

  test('answers a workload whatever model it names, and the answer says who answers', async () => {
    const provider = guideProvider(root);
    const values = readPlainWorkload('prompt = "p"\ninput = "x"\nmodel = "gpt-9"').valuesFor('What is TellorFlex?');
    const served = provider.serves(values.model);
    expect(served).toEqual({ ok: true, model: 'guide' });
    expect(await run({ provider, model: 'guide', values, runtime, timeoutMs: 1_000, maxBytes: 10_000 })).toContain(
      'built-in guide',
    );
  });
});
