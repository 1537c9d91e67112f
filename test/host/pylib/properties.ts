import { ChatPromptTemplate } from '@langchain/core/prompts';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { echo, type Python, startPython } from './python.ts';

let python: Python;
beforeAll(async () => {
  python = await startPython();
  python.answer(echo);
});

/** Runs a Python body for each case of a batch: one crossing for many cases. The body leaves its own `result`. */
async function each<T>(cases: T[], body: string): Promise<unknown[]> {
  const indented = body.trim().replace(/^/gm, '    ');
  const code = `${imports}\nresults = []\nfor case in given["cases"]:\n${indented}\n    results.append(result)\nresult = results`;
  return (await python.run(code, { cases })) as unknown[];
}
const imports = `
from langchain_core.messages import *
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.prompts import *
from langchain_core.runnables import *
from langchain_openai import ChatOpenAI
`;
const batches = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: 40, maxLength: 40 });
const runs = { numRuns: 8 };

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '{',
        '}',
        '{{',
        '}}',
        '{name}',
        '{0}',
        '{a.b}',
        '{!r}',
        '%s',
        '$1',
        '\\',
        '"',
        "'",
        '\n',
        '🎉',
        '{"a": 1}',
      ),
      {
        maxLength: 12,
      },
    )
    .map((parts) => parts.join('')),
);
const name = fc.constantFrom('name', 'question', 'größe', '_x', 'a1');
const values = fc.record({ name: hostile, question: hostile, größe: hostile, _x: hostile, a1: hostile });
const literal = hostile.map((text) => text.replaceAll('{', '{{').replaceAll('}', '}}'));
const plainField = name.map((one) => `{${one}}`);
const field = fc
  .tuple(name, fc.constantFrom('', '!r', '!s', '!a'), fc.constantFrom('', ':', ':>12', ':<3', ':^7', ':.2', ':*^9.4'))
  .map((parts) => `{${parts.join('')}}`);
const template = (fields: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(fc.oneof(literal, fields), { maxLength: 6 }).map((parts) => parts.join(''));

test('a template is filled in as Python’s own str.format does it, and knows its variables', async () => {
  await fc.assert(
    fc.asyncProperty(batches(fc.record({ template: template(field), values })), async (cases) => {
      const results = await each(
        cases,
        `
import string
text, values = case["template"], case["values"]
found = sorted({field for _, field, _, _ in string.Formatter().parse(text) if field is not None})
prompt = PromptTemplate.from_template(text)
result = prompt.format(**values) == text.format(**values) and prompt.input_variables == found`,
      );
      expect(results).toEqual(cases.map(() => true));
    }),
    runs,
  );
});

test('messages are filled in as LangChain.js does it', async () => {
  const roles = fc.constantFrom('system', 'human', 'ai');
  const one = fc.record({
    messages: fc.array(fc.tuple(roles, template(plainField)), { minLength: 1, maxLength: 4 }),
    values: values.map(({ größe: _, ...ascii }) => ascii),
  });
  const ascii = one.filter(({ messages }) => messages.every(([, text]) => !text.includes('größe')));
  await fc.assert(
    fc.asyncProperty(batches(ascii), async (cases) => {
      const ours = await each(
        cases,
        `
prompt = ChatPromptTemplate([tuple(message) for message in case["messages"]])
result = [[message.type, message.content] for message in prompt.invoke(case["values"]).to_messages()]`,
      );
      const theirs = await Promise.all(
        cases.map(async ({ messages, values: given }) =>
          (await ChatPromptTemplate.fromMessages(messages).formatMessages(given)).map(({ type, content }) => [
            type,
            content,
          ]),
        ),
      );
      expect(ours).toEqual(theirs);
    }),
    runs,
  );
});

test('what somebody writes reaches the model unchanged, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(batches(fc.record({ input: hostile, before: hostile, example: hostile })), async (cases) => {
      python.requests.length = 0;
      await each(
        cases,
        `
shown = FewShotChatMessagePromptTemplate(examples=[{"q": case["example"]}], example_prompt=ChatPromptTemplate([("human", "{q}")]))
chat = ChatPromptTemplate([SystemMessage(case["before"]), shown, ("placeholder", "{history}"), ("human", "{input}")])
chain = {"input": RunnablePassthrough(), "history": lambda _: [("ai", case["before"])]} | chat | ChatOpenAI()
result = chain.invoke(case["input"]).content`,
      );
      expect(python.requests.map(({ messages }) => messages.map(({ content }) => content))).toEqual(
        cases.map(({ input, before, example }) => [before, example, before, input]),
      );
    }),
    runs,
  );
});

type Step =
  | { kind: 'add' | 'times'; by: number }
  | { kind: 'sequence'; steps: Step[] }
  | { kind: 'sum'; steps: Step[] }
  | { kind: 'branch'; over: number; over_it: Step; otherwise: Step }
  | { kind: 'assign' | 'fallback' | 'retry' | 'batch' | 'bind' | 'inner'; step: Step };

const { step: anyStep } = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ kind: fc.constantFrom('add', 'times'), by: fc.integer({ min: -9, max: 9 }) }),
    fc.record({
      kind: fc.constantFrom('sequence', 'sum'),
      steps: fc.array(tie('step'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('branch'),
      over: fc.integer({ min: -50, max: 50 }),
      over_it: tie('step'),
      otherwise: tie('step'),
    }),
    fc.record({ kind: fc.constantFrom('assign', 'fallback', 'retry', 'batch', 'bind', 'inner'), step: tie('step') }),
  ) as fc.Arbitrary<Step>,
}));

test('a chain, however it is put together, gives what its steps give one after the other', async () => {
  const both = `
def chain_of(step):
    match step["kind"]:
        case "add": return RunnableLambda(lambda x: x + step["by"])
        case "times": return RunnableLambda(lambda x: x * step["by"])
        case "sequence":
            first, second, *rest = map(chain_of, step["steps"])
            return (first | second).pipe(*rest) if rest else first | second
        case "sum": return RunnableParallel({str(n): chain_of(one) for n, one in enumerate(step["steps"])}) | (lambda d: sum(d.values()))
        case "branch": return RunnableBranch((lambda x: x > step["over"], chain_of(step["over_it"])), chain_of(step["otherwise"]))
        case "assign": return {"x": RunnablePassthrough()} | RunnablePassthrough.assign(y=(lambda d: d["x"]) | chain_of(step["step"])).pick("y")
        case "fallback": return RunnableLambda(lambda x: [][0]).with_fallbacks([chain_of(step["step"])])
        case "retry": return flaky() | chain_of(step["step"])
        case "batch": return RunnableLambda(lambda x: [x, x]) | chain_of(step["step"]).map() | (lambda both: both[1])
        case "bind": return RunnableLambda(lambda x, by: x + by).bind(by=1) | chain_of(step["step"])
        case "inner": return RunnableLambda(lambda x: chain_of(step["step"]))

def flaky():
    tries = []
    def once(x):
        tries.append(x)
        if len(tries) % 2: raise ValueError("the first time")
        return x
    return RunnableLambda(once).with_retry(stop_after_attempt=2)

def value_of(step, x):
    match step["kind"]:
        case "add": return x + step["by"]
        case "times": return x * step["by"]
        case "sequence":
            for one in step["steps"]: x = value_of(one, x)
            return x
        case "sum": return sum(value_of(one, x) for one in step["steps"])
        case "branch": return value_of(step["over_it"] if x > step["over"] else step["otherwise"], x)
        case "bind": return value_of(step["step"], x + 1)
        case _: return value_of(step["step"], x)
`;
  // RunnableLambda | (lambda) needs a runnable on one side of each bar.
  const body = both.replace('(lambda d: d["x"]) | chain_of', 'RunnableLambda(lambda d: d["x"]) | chain_of');
  await fc.assert(
    fc.asyncProperty(batches(fc.record({ step: anyStep, x: fc.integer({ min: -99, max: 99 }) })), async (cases) => {
      const results = await python.run(
        `${imports}${body}
result = []
for case in given["cases"]:
    chain, x = chain_of(case["step"]), case["x"]
    expected = value_of(case["step"], x)
    result.append([chain.invoke(x), chain.batch([x])[0], [*chain.stream(x)][-1]] == [expected] * 3)
`,
        { cases },
      );
      expect(results).toEqual(cases.map(() => true));
    }),
    runs,
  );
});

test('JSON that a model wrote is read back: bare, in a fence, after words, cut off at its end', async () => {
  const json = fc.jsonValue({ maxDepth: 2, stringUnit: fc.constantFrom('a', 'é', ' ', '{', '"', '\n', '🎉') });
  await fc.assert(
    fc.asyncProperty(batches(fc.dictionary(fc.constantFrom('a', 'b', 'c'), json, { minKeys: 1 })), async (cases) => {
      const results = await each(
        cases.map((one) => JSON.stringify(one)),
        `
import json
parse = JsonOutputParser().parse
value = json.loads(case)
forms = [case, f" {case}\\n", f"\`\`\`json\\n{case}\\n\`\`\`", f"\`\`\`\\n{json.dumps(value, indent=2)}\\n\`\`\`", f"Here:\\n\`\`\`json\\n{case}\\n\`\`\`\\nBye."]
cut = [parse(case[:end]) for end in [*range(1, len(case), 1 + len(case) // 8), len(case) - 1]]
result = all(parse(form) == value for form in forms) and all(isinstance(one, dict) for one in cut) and cut[-1] == value`,
      );
      expect(results).toEqual(cases.map(() => true));
    }),
    runs,
  );
});
