import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processEnv } from '../processEnv.ts';

const root = join(import.meta.dirname, '../..');
let folder: string;
let mock: LLMock;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workload-'));
  mock = new LLMock({ port: 0 });
  url = await mock.start();
  mock.onMessage(/.*/s, { content: 'Because.' });
});
afterAll(async () => {
  await mock.stop();
  rmSync(folder, { recursive: true });
});

async function workload(args: string[], standardInput = ''): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [join(root, 'host/workload.ts'), ...args], {
    cwd: folder,
    env: { ...processEnv, OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'sk-test-key-of-the-command' },
  });
  child.stdin.end(standardInput);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: Number(code), out, err };
}
function write(name: string, script: string): string {
  writeFileSync(join(folder, name), script);
  return name;
}

test('check says what a script sets, and where and why it is wrong', async () => {
  const good = write('good.py', 'tone = "kind"\nprompt = f"Be {tone}."\ninput = "x"\nstop = ["END"]\nprint("hello")\n');
  const bad = write('bad.py', 'prompt = "p"\ninput = "x"\nfor i in 3:\n    pass\n');
  const [plain, json, wrong, missing] = await Promise.all([
    workload(['check', good]),
    workload(['check', good, '--json', '--input', 'asked']),
    workload(['check', bad, '--json']),
    workload(['check', 'nowhere.py']),
  ]);
  expect(plain).toMatchObject({ code: 0, err: 'hello\n' });
  expect(plain.out).toMatchInlineSnapshot(`
    "good.py is a valid workload of 79 bytes.
    hash         0xdda24f167fe928cc086fc27dad624386203e8fbcde270102c73fe4ce4f22e6d6
    prompt       "Be kind."
    input        "x"
    stop         ["END"]
    "
  `);
  expect(json.code).toBe(0);
  expect(JSON.parse(json.out)).toMatchObject({
    ok: true,
    bytes: 79,
    values: { prompt: 'Be kind.', input: 'asked', stop: ['END'] },
    work: false,
    printed: 'hello\n',
  });
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.out)).toEqual({
    ok: false,
    code: 'raised',
    line: 3,
    message: "Line 3: The script raised TypeError: 'int' object is not iterable. Handle it, or correct the line.",
  });
  expect(missing).toMatchObject({ code: 1, out: '' });
  expect(missing.err).toContain('nowhere.py');
}, 120_000);

test('run gives the answer, from an argument or standard input, as a host would', async () => {
  const life = write(
    'life.py',
    `import os
from langchain_openai import ChatOpenAI
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_core.output_parsers import StrOutputParser

prompt = "What is the meaning of life?"
input = "The meaning of life is to be happy."

def work(prompt: str, input: str) -> str:
    model = ChatOpenAI(openai_api_key=os.getenv("OPENAI_API_KEY", ""), temperature=0.1)
    full_prompt = ChatPromptTemplate.from_messages([("system", prompt), ("human", "{input}")])
    chain = {"input": RunnablePassthrough()} | full_prompt | model | StrOutputParser()
    return chain.invoke(input)
`,
  );
  const leaky = write('leaky.py', 'import os\nprompt = str(dict(os.environ))\ninput = "x"\n');
  const [argument, standard, leaked] = await Promise.all([
    workload(['run', life, '--input', 'why? {x}']),
    workload(['run', life, '--json'], 'and why else?'),
    workload(['check', leaky]),
  ]);
  expect(argument).toMatchObject({ code: 0, out: 'Because.\n' });
  expect(standard.code).toBe(0);
  expect(JSON.parse(standard.out)).toMatchObject({ ok: true, provider: 'compatible', answer: 'Because.', printed: '' });
  const sent = mock.getRequests().map(({ body }) => ({ messages: body?.messages, temperature: body?.temperature }));
  const system = { role: 'system', content: 'What is the meaning of life?' };
  expect(sent).toContainEqual({ messages: [system, { role: 'user', content: 'why? {x}' }], temperature: 0.1 });
  expect(sent).toContainEqual({ messages: [system, { role: 'user', content: 'and why else?' }], temperature: 0.1 });
  expect(leaked.out + leaked.err).not.toContain('sk-test');
}, 120_000);

test('its help says what the exit status and the JSON are', async () => {
  const { code, out } = await workload(['--help']);
  expect(code).toBe(0);
  expect(out).toContain('Exit status: 0');
  expect(out).toContain('{"ok": false, "code", "message", "line"}');
}, 60_000);
