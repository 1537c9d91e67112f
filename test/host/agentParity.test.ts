import { LLMock } from '@copilotkit/aimock';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openAiProvider } from '../../host/runtime/provider/OpenAi.ts';
import { createRuntime } from '../../host/runtime/Runtime.ts';
import { run } from '../../host/runtime/run.ts';
import { beginWorkload } from '../../host/runtime/Workload.ts';
import { limits } from './runtime.ts';

const model = 'gpt-4o-mini';
const runtime = createRuntime({ ...limits, cpuSeconds: 60, modelCalls: 8, warm: 0, atOnce: 1 });
const mock = new LLMock({ port: 0, chunkSize: 9 });
let baseUrl: string;
beforeAll(async () => {
  baseUrl = `${await mock.start()}/v1`;
});
afterAll(() => Promise.all([runtime.close(), mock.stop()]));
beforeEach(() => mock.clearRequests());

const parts = z.array(z.object({ type: z.literal('text'), text: z.string() }));
const content = z.union([z.string(), parts.transform((all) => all.map(({ text }) => text).join(''))]);
/** What decides the answer. LangChain.js adds the names of agents and tools to the messages, which its Python does not. */
const request = z.object({
  temperature: z.number(),
  messages: z.array(z.looseObject({ content }).transform(({ name: _, ...message }) => message)),
  tools: z.array(z.object({ function: z.object({ name: z.string(), description: z.string() }) })),
});
const asked = () => mock.getRequests().map(({ body }) => request.parse(body));

const script = `
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

prompt = "Calculate {x}."
input = "an example"

@tool
def multiply(a: int, b: int) -> int:
    "Multiplies."
    return a * b

@tool
def spell(number: int) -> str:
    "Spells a number."
    return f"«{number}» 🎉"

def work(prompt, input):
    agent = create_agent(ChatOpenAI(temperature=0), [multiply, spell], system_prompt=prompt)
    return agent.invoke({"messages": [("human", input)]})["messages"][-1].content
`;

/** The same with LangChain's own agent, outside of any sandbox. */
async function langchains(input: string): Promise<unknown> {
  const numbers = z.object({ a: z.number().int(), b: z.number().int() });
  const single = z.object({ number: z.number().int() });
  const agent = createAgent({
    model: new ChatOpenAI({ model, temperature: 0, apiKey: 'key', configuration: { baseURL: baseUrl } }),
    tools: [
      tool(({ a, b }: z.infer<typeof numbers>) => `${a * b}`, {
        name: 'multiply',
        description: 'Multiplies.',
        schema: numbers,
      }),
      tool(({ number }: z.infer<typeof single>) => `«${number}» 🎉`, {
        name: 'spell',
        description: 'Spells a number.',
        schema: single,
      }),
    ],
    systemPrompt: 'Calculate {x}.',
  });
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: input }] });
  return messages.at(-1)?.content;
}

test('the agent of a workload asks the model, word for word, what LangChain’s own agent asks it', async () => {
  const call = (id: string, name: string, args: unknown) => ({ id, name, arguments: JSON.stringify(args) });
  mock.on(
    { turnIndex: 0 },
    { toolCalls: [call('one', 'multiply', { a: 6, b: 7 }), call('two', 'multiply', { a: -1, b: 0 })] },
  );
  mock.on({ turnIndex: 1 }, { content: 'Now in words.', toolCalls: [call('three', 'spell', { number: 42 })] });
  mock.on({ turnIndex: 2 }, { content: 'It is «42».' });
  const input = '6 × 7, {y}\n"quoted" 🎉';

  const provider = await openAiProvider({ baseUrl, apiKey: 'key', model, aliases: new Map(), retries: 0 });
  const { values, work } = await beginWorkload(script, input, runtime);
  expect(await run({ provider, model, values, work, runtime, timeoutMs: 120_000, maxBytes: 10_000 })).toBe(
    'It is «42».',
  );
  const ours = asked();
  expect(ours).toHaveLength(3);
  mock.clearRequests();
  expect(await langchains(input)).toBe('It is «42».');
  expect(ours).toEqual(asked());
});
