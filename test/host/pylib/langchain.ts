import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { echo, errorOf, type Python, startPython } from './python.ts';

let python: Python;
beforeAll(async () => {
  python = await startPython();
});
beforeEach(() => {
  python.requests.length = 0;
  python.answer(echo);
});

/** The value of a Python expression, after some lines. */
const value = (expression: string, before = '', inputs: Record<string, unknown> = {}): Promise<unknown> =>
  python.run(`${before}\nresult = ${expression}`, inputs);
const error = (code: string, inputs: Record<string, unknown> = {}): Promise<string> =>
  errorOf(python.run(code, inputs));

const prompts = 'from langchain_core.prompts import *\nfrom langchain_core.messages import *\n';
const runnables = 'from langchain_core.runnables import *\nfrom operator import itemgetter\n';
const openai = 'from langchain_openai import ChatOpenAI\nmodel = ChatOpenAI()\n';

test('a script with a chain of its own runs as it stands', async () => {
  const script = `
import os
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
`;
  const text = 'asked {input} {{x}} {"a": 1}';
  expect(await value('work(prompt, given["text"])', script, { text })).toBe(`[human: ${text}]`);
  expect(python.requests).toEqual([
    {
      type: 'model',
      temperature: 0.1,
      messages: [
        { role: 'system', content: 'What is the meaning of life?' },
        { role: 'human', content: text },
      ],
    },
  ]);
});

describe('prompt templates', () => {
  test.each([
    [
      'PromptTemplate.from_template("Tell {who} a {adjective} joke").format(who="Ada", adjective="dry")',
      'Tell Ada a dry joke',
    ],
    ['PromptTemplate.from_template("{{a}} {b!r:>6} {{{b}}}").format(b="x")', "{a}    'x' {x}"],
    ['PromptTemplate(template="{n:.2f}", input_variables=["n"]).format(n=3.14159)', '3.14'],
    ['PromptTemplate.from_template("{a}{b}").input_variables', ['a', 'b']],
    ['PromptTemplate.from_template("{a}{b}").partial(a="1").invoke("2").to_string()', '12'],
    ['PromptTemplate.from_template("{a}{b}").partial(a=lambda: "now ").input_variables', ['b']],
    ['PromptTemplate.from_template("{a}{b}").partial(a=lambda: "now ").format(b="x")', 'now x'],
    ['PromptTemplate.from_template("{a}{b}", partial_variables={"a": "1"}).format(b="2", a="3")', '32'],
    ['(PromptTemplate.from_template("{a} ") + "{b}").format(a=1, b=2)', '1 2'],
    ['PromptTemplate.from_template("{a}").invoke({"a": "x", "more": 1}).to_messages()[0].content', 'x'],
    [
      'repr(ChatPromptTemplate.from_template("hi {a}").invoke("you").to_messages())',
      "[HumanMessage(content='hi you', additional_kwargs={}, response_metadata={})]",
    ],
    [
      'ChatPromptTemplate([("system", "s {a}"), ("user", "u"), ("assistant", "a"), "h {b}"]).format(a=1, b=2)',
      'System: s 1\nHuman: u\nAI: a\nHuman: h 2',
    ],
    [
      'ChatPromptTemplate([SystemMessage("{kept}"), ("ai", "{b}")]).invoke({"b": "{c}"}).to_string()',
      'System: {kept}\nAI: {c}',
    ],
    ['ChatPromptTemplate([{"role": "system", "content": "{a}"}]).input_variables', ['a']],
    ['ChatPromptTemplate([("human", [{"type": "text", "text": "{a}"}, "b"])]).format_messages(a="1")[0].text', '1b'],
    ['ChatPromptTemplate([("placeholder", "{history}"), ("human", "{q}")]).invoke("x").to_string()', 'Human: x'],
    ['ChatPromptTemplate([("placeholder", "{history}"), ("human", "{q}")]).optional_variables', ['history']],
    [
      'ChatPromptTemplate([MessagesPlaceholder("h"), ("human", "{q}")]).invoke({"h": [("human", "{a}"), ("ai", "b")], "q": "c"}).to_string()',
      'Human: {a}\nAI: b\nHuman: c',
    ],
    [
      'MessagesPlaceholder("h", n_messages=1).format_messages(h=["a", {"role": "assistant", "content": "b"}])[0].content',
      'b',
    ],
    ['MessagesPlaceholder("h", optional=True).format_messages()', []],
    ['(ChatPromptTemplate([("system", "{a}")]) + ("human", "{b}")).messages.__len__()', 3],
    [
      '(SystemMessage("s") + HumanMessagePromptTemplate.from_template("{b}") + "c").format(b=1)',
      'System: s\nHuman: 1\nHuman: c',
    ],
    ['ChatPromptTemplate([("system", "{a}"), ("human", "{b}")]).partial(a="x")[0:1].format(a="y")', 'System: y'],
    ['ChatPromptTemplate([("system", "{a} {b}")]).partial(a="x").input_variables', ['b']],
    [
      'FewShotPromptTemplate(examples=[{"q": "1{x}", "a": "2"}], example_prompt=PromptTemplate.from_template("{q}:{a}"), prefix="Do {t}.", suffix="{q}:").format(t="it", q="3")',
      'Do it.\n\n1{x}:2\n\n3:',
    ],
    [
      'ChatPromptTemplate([FewShotChatMessagePromptTemplate(examples=[{"i": "a", "o": "b"}], example_prompt=ChatPromptTemplate([("human", "{i}"), ("ai", "{o}")])), ("human", "{q}")]).format(q="c")',
      'Human: a\nAI: b\nHuman: c',
    ],
    ['ChatPromptTemplate([(SystemMessage, "{a}")]).format(a=1)', 'System: 1'],
  ])('%s', async (expression, expected) => {
    expect(await value(expression, prompts)).toEqual(expected);
  });

  test.each([
    ['ChatPromptTemplate([("human", \'Answer as {"a": 1}\')]).invoke({})'],
    ['PromptTemplate.from_template("{a}{b}").invoke("x")'],
    ['PromptTemplate.from_template("{a}{b}").invoke({"a": 1})'],
    ['PromptTemplate.from_template("{a.b}")'],
    ['PromptTemplate.from_template("{a[0]}")'],
    ['PromptTemplate.from_template("{0}")'],
    ['PromptTemplate.from_template("{}")'],
    ['PromptTemplate.from_template("{a:{b}}")'],
    ['PromptTemplate.from_template("{a")'],
    ['PromptTemplate.from_template("a}")'],
    ['PromptTemplate.from_template("{stop}")'],
    ['PromptTemplate.from_template("{a}", template_format="jinja2")'],
    ['ChatPromptTemplate([("robot", "x")])'],
    ['ChatPromptTemplate([("human", "x", "y")])'],
    ['ChatPromptTemplate([("placeholder", "history")])'],
    ['ChatPromptTemplate([MessagesPlaceholder("h")]).invoke({})'],
    ['ChatPromptTemplate([MessagesPlaceholder("h")]).invoke({"h": "text"})'],
    ['ChatPromptTemplate([("human", [{"type": "image_url", "image_url": "{u}"}])])'],
    ['ChatPromptTemplate([("human", "x")], metadata={"a": 1})'],
    ['from langchain_core.prompts import PipelinePromptTemplate'],
  ])('%s is an error that says why', async (code) => {
    expect(await error(prompts + code)).toMatchSnapshot();
  });
});

describe('messages', () => {
  test.each([
    ['HumanMessage("a").content', 'a'],
    ['HumanMessage("a") == HumanMessage(content="a")', true],
    ['HumanMessage("a") == SystemMessage("a")', false],
    ['HumanMessage([{"type": "text", "text": "a"}, "b", {"type": "image"}]).text', 'ab'],
    ['HumanMessage("a").text()', 'a'],
    [
      'AIMessage("", tool_calls=[{"name": "f", "args": {"x": 1}, "id": "1"}]).tool_calls',
      [{ name: 'f', args: { x: 1 }, id: '1', type: 'tool_call' }],
    ],
    [
      'repr(ToolMessage("a", tool_call_id="1"))',
      "ToolMessage(content='a', additional_kwargs={}, response_metadata={}, tool_call_id='1')",
    ],
    ['str(HumanMessage("a", name="n"))', "content='a' additional_kwargs={} response_metadata={} name='n'"],
    [
      'AIMessage("a").pretty_repr()',
      '================================== Ai Message ==================================\n\na',
    ],
    [
      'HumanMessage("a", name="Ada").pretty_repr()',
      '================================ Human Message =================================\nName: Ada\n\na',
    ],
    [
      'AIMessage("", tool_calls=[{"name": "f", "args": {"x": 1}, "id": "7"}]).pretty_repr()',
      '================================== Ai Message ==================================\nTool Calls:\n  f (7)\n Call ID: 7\n  Args:\n    x: 1',
    ],
    ['(AIMessageChunk("a") + AIMessageChunk("b")).content', 'ab'],
    [
      '[m.type for m in convert_to_messages(["a", ("ai", "b"), {"role": "system", "content": "c"}, {"role": "tool", "content": "d", "tool_call_id": "1"}])]',
      ['human', 'ai', 'system', 'tool'],
    ],
    [
      'convert_to_messages([{"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{\\"x\\": 2}"}}]}])[0].tool_calls[0]["args"]',
      { x: 2 },
    ],
    ['get_buffer_string([HumanMessage("a"), AIMessage("b")], human_prefix="Q")', 'Q: a\nAI: b'],
  ])('%s', async (expression, expected) => {
    expect(await value(expression, prompts)).toEqual(expected);
  });
});

describe('chains', () => {
  test.each([
    ['(RunnableLambda(lambda x: x + 1) | (lambda x: x * 2)).invoke(3)', 8],
    ['({"a": itemgetter("x"), "b": RunnablePassthrough()} | RunnableLambda(lambda d: d["a"])).invoke({"x": 5})', 5],
    ['(RunnablePassthrough() | {"a": lambda x: x, "b": lambda x: x + 1}).invoke(1)', { a: 1, b: 2 }],
    ['RunnableParallel(a=lambda x: x, b=RunnableParallel(c=lambda x: -x)).invoke(1)', { a: 1, b: { c: -1 } }],
    ['RunnablePassthrough.assign(b=lambda d: d["a"] + 1).invoke({"a": 1})', { a: 1, b: 2 }],
    [
      '(RunnableLambda(lambda x: {"a": x}) | RunnablePassthrough()).assign(b=lambda d: d["a"] * 2).pick("b").invoke(2)',
      4,
    ],
    ['RunnablePick(["a", "z"]).invoke({"a": 1, "b": 2})', { a: 1 }],
    [
      'RunnableBranch((lambda x: x > 5, lambda x: "high"), (lambda x: x > 2, lambda x: "middle"), lambda x: "low").batch([9, 3, 1])',
      ['high', 'middle', 'low'],
    ],
    ['RunnableLambda(lambda x: RunnableLambda(lambda y: y * 10)).invoke(4)', 40],
    ['RunnableLambda(lambda x, by: x * by).bind(by=3).invoke(4)', 12],
    ['RunnableLambda(lambda x, config: config["tags"]).with_config(tags=["a"]).invoke(1, {"tags": ["b"]})', ['a', 'b']],
    ['RunnableLambda(lambda x: x + 1).map().invoke([1, 2])', [2, 3]],
    ['RunnableLambda(lambda x: x + 1).batch([1, 2])', [2, 3]],
    [
      '[repr(x) for x in RunnableLambda(lambda x: 1 // x).batch([1, 0], return_exceptions=True)]',
      ['1', "ZeroDivisionError('division by zero')"],
    ],
    ['list((RunnableLambda(lambda x: x) | str).stream(1))', ['1']],
    ['RunnableSequence(lambda x: x, lambda x: x + 1).invoke(1)', 2],
    ['RunnableLambda(lambda x: x).pipe(lambda x: x + 1, lambda x: x + 1).invoke(1)', 3],
    ['(RunnableLambda(len) | str).invoke("abc")', '3'],
    ['RunnableLambda(lambda x: 1 / 0).with_fallbacks([RunnableLambda(lambda x: "instead")]).invoke(1)', 'instead'],
    ['len((RunnablePassthrough() | (RunnablePassthrough() | RunnablePassthrough())).steps)', 3],
  ])('%s', async (expression, expected) => {
    expect(await value(expression, runnables)).toEqual(expected);
  });

  test('functions may be generators or coroutines, and a chain may be awaited', async () => {
    const before = `${runnables}
import asyncio
def pieces(chunks):
    for chunk in chunks:
        yield chunk.upper()
        yield "!"
async def slow(x):
    await asyncio.sleep(0)
    return x + "?"
@chain
def decorated(x):
    return x * 2
async def both(step):
    return await asyncio.gather(step.ainvoke("a"), step.ainvoke("b"))
`;
    expect(await value('(RunnableLambda(slow) | pieces | decorated).invoke("a")', before)).toBe('A?!A?!');
    expect(await value('asyncio.run(both(RunnableLambda(slow) | pieces))', before)).toEqual(['A?!', 'B?!']);
  });

  test('with_retry tries again, so often and no more, and never after the run has no calls left', async () => {
    const before = `${runnables}
tries = []
def fails(x):
    tries.append(x)
    if len(tries) < x: raise ValueError("not yet")
    return len(tries)
`;
    expect(await value('RunnableLambda(fails).with_retry(stop_after_attempt=4).invoke(4)', before)).toBe(4);
    expect(
      await python.run(`${before}
try: RunnableLambda(fails).with_retry().invoke(9)
except ValueError: result = len(tries)
`),
    ).toBe(3);
    expect(
      await error(`${before}RunnableLambda(fails).with_retry(retry_if_exception_type=(KeyError,)).invoke(9)`),
    ).toBe('ValueError: not yet');
    expect(await error(`${before}RunnableLambda(fails).with_retry(stop_after_attempt=1000)`)).toMatchSnapshot();
    python.answer(() => ({ ok: false, code: 'limit', message: 'No more.' }));
    expect(await error(`${openai}model.with_retry(stop_after_attempt=5).invoke("x")`)).toBe(
      'langchain_core.exceptions.ModelCallError: No more.',
    );
    expect(python.requests.length).toBe(1);
  });

  test.each([
    ['RunnablePassthrough() | 5'],
    ['RunnablePassthrough.assign(a=lambda x: x).invoke(1)'],
    ['RunnableBranch(lambda x: x)'],
    ['RunnableSequence(lambda x: x)'],
    ['f = RunnableLambda(lambda x: f)\nf.invoke(1)'],
    ['RunnablePassthrough().get_graph()'],
    ['RunnablePassthrough().invoke(1, {"callbacks": [print]})'],
    ['from langchain_core.runnables import RunnableWithMessageHistory'],
  ])('%s is an error that says why', async (code) => {
    expect(await error(runnables + code)).toMatchSnapshot();
  });
});

describe('output parsers', () => {
  const parsers = 'from langchain_core.output_parsers import *\nfrom langchain_core.messages import AIMessage\n';
  test.each([
    ['StrOutputParser().invoke(AIMessage("a"))', 'a'],
    ['JsonOutputParser().invoke(AIMessage(\'{"a": [1, 2]}\'))', { a: [1, 2] }],
    ['JsonOutputParser().parse(\'```json\\n{"a": 1}\\n```\')', { a: 1 }],
    ['JsonOutputParser().parse(\'```\\n{"a": 1}\\n```\')', { a: 1 }],
    ['JsonOutputParser().parse(\'Here it is:\\n```json\\n{"a": 1}\\n```\\nAnything else?\')', { a: 1 }],
    ['JsonOutputParser().parse(\'{"a": "two\\nlines"}\')', { a: 'two\nlines' }],
    ['JsonOutputParser().parse(\'{"a": [1, {"b": "cut\')', { a: [1, { b: 'cut' }] }],
    ['JsonOutputParser().parse(\'{"a": 1, "b"\')', { a: 1 }],
    ['JsonOutputParser().parse(\'{"a": tru\')', {}],
    ['JsonOutputParser().parse("[1, 2")', [1, 2]],
    ['JsonOutputParser().parse("{\\"a\\": 1} that is all " + "x" * 50000)', { a: 1 }],
    ['JsonOutputParser().parse("]")', null],
    ['CommaSeparatedListOutputParser().parse(\'a, "b, c",d\\ne\')', ['a', 'b, c', 'd', 'e']],
    ['NumberedListOutputParser().parse("1. a\\n2. b")', ['a', 'b']],
    ['MarkdownListOutputParser().parse("x\\n- a\\n * b")', ['a', 'b']],
    [
      'CommaSeparatedListOutputParser().get_format_instructions()',
      'Your response should be a list of comma separated values, eg: `foo, bar, baz` or `foo,bar,baz`',
    ],
  ])('%s', async (expression, expected) => {
    expect(await value(expression, parsers)).toEqual(expected);
  });
  test.each([
    ['JsonOutputParser().parse("no JSON at all")'],
    ['JsonOutputParser().invoke(5)'],
    ['JsonOutputParser(pydantic_object=int)'],
    ['from langchain_core.output_parsers import PydanticOutputParser'],
    ['from langchain_core.output_parsers.pydantic import PydanticOutputParser'],
  ])('%s is an error that says why', async (code) => {
    expect(await error(parsers + code)).toMatchSnapshot();
  });

  test('a parser of one’s own', async () => {
    const own = `${parsers}
class Shouted(BaseOutputParser):
    def parse(self, text): return text.upper()
`;
    expect(await value('(Shouted() | str).invoke(AIMessage("a"))', own)).toBe('A');
  });
});

test('every module is there under its own name and the names that LangChain has for it', async () => {
  const modules = `
import pkgutil, importlib, _coverage
result = []
for name in _coverage.PACKAGES:
    package = importlib.import_module(name)
    found = [name, *(one.name for one in pkgutil.walk_packages(getattr(package, "__path__", []), name + "."))]
    for module in found:
        parent, _, last = module.rpartition(".")
        __import__(parent or module, fromlist=[last] if parent else [])
        loaded = importlib.import_module(module)
        for public in getattr(loaded, "__all__", []):
            getattr(loaded, public)
    result += found
for alias, target in _coverage.ALIASES.items():
    theirs, ours = importlib.import_module(alias), importlib.import_module(target)
    for public in ours.__all__:
        assert getattr(theirs, public) is getattr(ours, public), (alias, public)
`;
  expect(await python.run(modules)).toEqual(
    expect.arrayContaining(['langchain_core.tools._schema', 'langgraph.prebuilt']),
  );
});
