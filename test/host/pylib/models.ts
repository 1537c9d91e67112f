import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bridge, echo, errorOf, type Python, startPython } from './python.ts';

let python: Python;
beforeAll(async () => {
  python = await startPython();
});
beforeEach(() => {
  python.requests.length = 0;
  python.answer(echo);
});

const value = (expression: string, before = '', inputs: Record<string, unknown> = {}): Promise<unknown> =>
  python.run(`${before}\nresult = ${expression}`, inputs);
const error = (code: string): Promise<string> => errorOf(python.run(code));

const openai = 'from langchain_openai import ChatOpenAI\nmodel = ChatOpenAI()\n';
const tools = 'from langchain_core.tools import *\nfrom langchain_core.messages import *\n';

/** Answers one after the other; a call of tools is a list of `[name, args]`. */
function script(...answers: (string | [string, unknown][])[]): Bridge {
  let next = 0;
  return () => {
    const answer = answers[next++] ?? 'That was all.';
    return typeof answer === 'string'
      ? { ok: true, content: answer, tool_calls: [] }
      : {
          ok: true,
          content: '',
          tool_calls: answer.map(([name, args], index) => ({ id: `call-${next}-${index}`, name, args })),
        };
  };
}

describe('chat models', () => {
  test('take a text, messages or a prompt value, and give a message', async () => {
    expect(await value('model.invoke("hi").content', openai)).toBe('[human: hi]');
    expect(await value('model.invoke([("system", "s"), ("human", "{h}")]).text', openai)).toBe('[human: {h}]');
    expect(await value('repr(model.invoke("hi"))', openai)).toBe(
      "AIMessage(content='[human: hi]', additional_kwargs={}, response_metadata={'finish_reason': 'stop'})",
    );
    expect(await value('[type(c).__name__ + c.content for c in model.stream("hi")]', openai)).toEqual([
      'AIMessageChunk[human: hi]',
    ]);
    expect(await value('[m.content for m in model.batch(["a", "b"])]', openai)).toEqual(['[human: a]', '[human: b]']);
  });

  test('send their settings, under whichever name the package has for them', async () => {
    await python.run(`
from langchain_openai import ChatOpenAI
from langchain_anthropic import ChatAnthropic
from langchain_ollama import ChatOllama
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain.chat_models import init_chat_model
for model in (
    ChatOpenAI(model="gpt-4o-mini", temperature=0.5, max_tokens=7, top_p=0.9, seed=3, stop=["x"], api_key="sk-1", timeout=9, max_retries=1),
    ChatOpenAI(model_name="gpt-4o", model_kwargs={"seed": 4}, openai_api_key=None),
    ChatAnthropic(model="claude-sonnet-4-5", max_tokens=9, stop_sequences=["y"]),
    ChatOllama(model="llama3.2", num_predict=5),
    ChatGoogleGenerativeAI(model="gemini-2.5-flash", max_output_tokens=6, google_api_key="k"),
    init_chat_model("openai:gpt-4o", temperature=0),
    init_chat_model("llama3.2:1b"),
    init_chat_model(model="gpt-4o", model_provider="openai"),
):
    model.invoke("hi")
ChatOpenAI(temperature=1).bind(temperature=0, stop="z").invoke("hi", stop="w")
`);
    expect(python.requests.map(({ messages, type, ...settings }) => settings)).toEqual([
      { model: 'gpt-4o-mini', temperature: 0.5, max_tokens: 7, top_p: 0.9, seed: 3, stop: ['x'] },
      { model: 'gpt-4o', seed: 4 },
      { model: 'claude-sonnet-4-5', max_tokens: 9, stop: ['y'] },
      { model: 'llama3.2', max_tokens: 5 },
      { model: 'gemini-2.5-flash', max_tokens: 6 },
      { model: 'gpt-4o', temperature: 0 },
      { model: 'llama3.2:1b' },
      { model: 'gpt-4o' },
      { temperature: 0, stop: ['w'] },
    ]);
    expect(JSON.stringify(python.requests)).not.toContain('sk-1');
  });

  test('a call that gave no answer is an error of a chain like any other', async () => {
    python.answer(() => ({ ok: false, code: 'busy', message: 'The host’s model provider is over its limit.' }));
    expect(
      await python.run(`${openai}
from langchain_core.exceptions import ModelCallError
try: model.invoke("x")
except ModelCallError as error: result = [error.code, str(error)]
`),
    ).toEqual(['busy', 'The host’s model provider is over its limit.']);
  });

  test.each([
    ['ChatOpenAI(base_url="http://127.0.0.1:1/v1")'],
    ['ChatOpenAI(frequency_penalty=0.5)'],
    ['ChatOpenAI(model_kwargs={"logit_bias": {"1": 2}})'],
    ['ChatOpenAI(temperature=[1])'],
    ['ChatOpenAI(callbacks=[print])'],
    ['model.invoke(5)'],
    ['model.invoke([{"content": "x"}])'],
    ['model.invoke([("human", [{"type": "image_url", "image_url": "http://x"}])])'],
    ['model.invoke("x", temperature=float("nan"))'],
    ['model.get_num_tokens("x")'],
    ['from langchain_openai import OpenAIEmbeddings'],
    ['from langchain_community.chat_models import ChatOllama'],
    ['import langchain_community'],
    ['from pydantic import BaseModel'],
    ['import openai'],
    ['from dotenv import load_dotenv'],
    ['from langgraph.graph import StateGraph'],
    ['from langchain.chains import LLMChain'],
    ['from langchain import hub'],
  ])('%s is an error that says why', async (code) => {
    expect(await error(openai + code)).toMatchSnapshot();
    expect(python.requests).toEqual([]);
  });
});

describe('tools', () => {
  test('are described to the model from hints and docstrings', async () => {
    await python.run(`${openai}${tools}
from typing import Annotated, Literal, Optional, TypedDict
import enum
class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"
class Place(TypedDict):
    """A place.

    Args:
        city: Its name.
    """
    city: str
    zip: Annotated[str, ..., "Five digits."]
@tool
def plain(a: int, b: float = 2.5, *, c: bool = False) -> float:
    """Adds numbers.

    More about it."""
    return a + b
@tool("renamed", parse_docstring=True)
def documented(names: list[str], kind: Literal["a", "b"], limit: Optional[int] = None) -> str:
    """Finds people.

    Args:
        names: Whom to find,
            each one.
        kind (str): How.
        limit: How many.

    Returns:
        Nothing.
    """
    return ""
def bare(x: Annotated[dict[str, int], "A map."], where: Place, colour: Colour, anything, pair: tuple[int, ...] = ()):
    """A function that is no tool.

    Args:
        anything: Whatever.
    """
model.bind_tools([plain, documented, bare, Place, {"title": "Schema", "description": "Of one's own.", "type": "object", "properties": {"title": {"title": "T", "type": "string"}}},
  {"type": "function", "function": {"name": "openai_form", "parameters": {"type": "object", "properties": {}}}}], tool_choice="any").invoke("x")
`);
    expect(python.requests[0]?.['tool_choice']).toBe('any');
    expect(python.requests[0]?.tools).toMatchSnapshot();
  });

  test.each([
    ['f.invoke({"a": 1, "b": "2.5"})', 3.5],
    ['f.invoke({"a": 1.0})', 3],
    ['f.invoke({"a": "7", "unknown": 1})', 9],
    ['f.name + f.description', 'fAdds.'],
    ['f.args', { a: { title: 'A', type: 'integer' }, b: { title: 'B', type: 'number', default: 2 } }],
    [
      '[type(f.invoke({"type": "tool_call", "name": "f", "args": {"a": 1}, "id": "9"})).__name__, f.invoke({"type": "tool_call", "name": "f", "args": {"a": 1}, "id": "9"}).tool_call_id]',
      ['ToolMessage', '9'],
    ],
    [
      '[c.content for c in map(g.invoke, [{"type": "tool_call", "name": "g", "args": {"x": x}, "id": "1"} for x in (["é"], {"a": 1}, "s", 1.5, None)])]',
      ['["é"]', '{"a": 1}', 's', '1.5', 'null'],
    ],
    ['h.invoke({"type": "tool_call", "name": "h", "args": {}, "id": "1"}).status', 'error'],
    ['h.invoke({})', 'Too bad.'],
    ['g.invoke("text")', 'text'],
    ['Own().invoke({"q": "a"})', 'aa'],
    ['StructuredTool.from_function(lambda a: a, name="id", description="d").invoke({"a": 5})', 5],
    ['Tool("upper", str.upper, "d", args_schema={"type": "object", "properties": {}}).name', 'upper'],
  ])('%s', async (expression, expected) => {
    const before = `${tools}
@tool
def f(a: int, b: float = 2) -> float:
    "Adds."
    return a + b
@tool
def g(x):
    "Whatever."
    return x
def failing():
    "Fails."
    raise ToolException("Too bad.")
h = StructuredTool.from_function(failing, handle_tool_error=True)
class Own(BaseTool):
    name: str = "own"
    description: str = "Doubles."
    def _run(self, q: str) -> str: return q * 2
`;
    expect(await value(expression, before)).toEqual(expected);
  });

  test.each([
    ['@tool\ndef f(a: int): return a'],
    ['@tool\ndef f(a: print):\n  "d"\nf.args'],
    ['@tool\ndef f(a: int, b: list[int]):\n  "d"\nf.invoke({"a": "x", "b": [1, "y"]})'],
    ['@tool\ndef f(a: int):\n  "d"\nf.invoke({})'],
    ['@tool(parse_docstring=True)\ndef f(a: int):\n  "d"'],
    ['@tool(args_schema=int)\ndef f(a: int):\n  "d"'],
    ['@tool(extras={"a": 1})\ndef f(a: int):\n  "d"'],
    [`${openai}model.bind_tools([5])`],
    [`${openai}model.bind_tools([{"type": "object"}])`],
  ])('%s is an error that says why', async (code) => {
    expect(await error(tools + code)).toMatchSnapshot();
  });
});

describe('structured output', () => {
  const schema =
    '{"title": "Person", "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}';
  test('is the arguments of a tool that the model must call, or the JSON that it writes instead', async () => {
    python.answer(script([['Person', { name: 'Ada' }]], '```json\n{"name": "Bob"}\n```'));
    expect(await value(`model.with_structured_output(${schema}).invoke("x")`, openai)).toEqual({ name: 'Ada' });
    expect(python.requests[0]).toMatchObject({ tool_choice: 'Person', tools: [{ name: 'Person' }] });
    const typed = `${openai}
from typing import TypedDict
class Person(TypedDict):
    "A person."
    name: str
`;
    expect(await value('model.with_structured_output(Person).invoke("x")', typed)).toEqual({ name: 'Bob' });
  });

  test('may come with the message, and then an error is a value', async () => {
    python.answer(script([['Person', { name: 'Ada' }]], 'I would rather not.'));
    const call = `model.with_structured_output(${schema}, include_raw=True).invoke("x")`;
    expect(
      await value(`(lambda r: [type(r["raw"]).__name__, r["parsed"], r["parsing_error"]])(${call})`, openai),
    ).toEqual(['AIMessage', { name: 'Ada' }, null]);
    expect(await value(`(lambda r: [r["parsed"], str(r["parsing_error"])])(${call})`, openai)).toEqual([
      null,
      'Invalid json output: I would rather not.',
    ]);
  });

  test('in the JSON mode there is no tool', async () => {
    python.answer(script('{"name": "Ada"}'));
    expect(await value(`model.with_structured_output(${schema}, method="json_mode").invoke("x")`, openai)).toEqual({
      name: 'Ada',
    });
    expect(python.requests[0]?.tools).toBeUndefined();
  });
});

describe('agents', () => {
  const agent = `
from langchain.agents import create_agent
from langchain_core.tools import tool
@tool
def multiply(a: int, b: int) -> int:
    "Multiplies."
    return a * b
def add(a: int, b: int) -> int:
    "Adds."
    return a + b
agent = create_agent("openai:gpt-4o", [multiply, add], system_prompt="Calculate.")
`;
  const ask = 'agent.invoke({"messages": [{"role": "user", "content": given["text"]}]})["messages"]';

  test('go on until the model asks for no tool, with every result in its place', async () => {
    python.answer(
      script(
        [
          ['multiply', { a: 6, b: '7' }],
          ['add', { a: 1, b: 1 }],
        ],
        [['divide', {}]],
        [['add', { a: 'x' }]],
        'It is 42.',
      ),
    );
    const messages = await value(`[[m.type, m.content] for m in ${ask}]`, agent, { text: '6*7 {x}?' });
    expect(messages).toMatchSnapshot();
    expect(python.requests[3]?.messages).toMatchSnapshot();
    expect(python.requests.every(({ model }) => model === 'gpt-4o')).toBe(true);
    expect(python.requests[0]?.tools?.map(({ name }) => name)).toEqual(['multiply', 'add']);
  });

  test('stream their turns', async () => {
    python.answer(script([['add', { a: 1, b: 2 }]], 'Three.'));
    expect(await value('[list(step) for step in agent.stream({"messages": [("human", "x")]})]', agent)).toEqual([
      ['model'],
      ['tools'],
      ['model'],
    ]);
    python.answer(script([['add', { a: 1, b: 2 }]], 'Three.'));
    expect(
      await value('[len(step["messages"]) for step in agent.stream({"messages": "x"}, stream_mode="values")]', agent),
    ).toEqual([1, 2, 3, 4]);
  });

  test('a model that asks for tools for ever is stopped', async () => {
    python.answer(() => ({ ok: true, content: '', tool_calls: [{ id: '1', name: 'add', args: { a: 1, b: 2 } }] }));
    expect(await error(`${agent}agent.invoke({"messages": [("human", "x")]})`)).toMatchSnapshot();
    expect(python.requests.length).toBe(13);
    python.requests.length = 0;
    await error(`${agent}agent.invoke({"messages": [("human", "x")]}, {"recursion_limit": 3})`);
    expect(python.requests.length).toBe(2);
  });

  test('a tool that fails ends the run', async () => {
    python.answer(script([['f', {}]]));
    expect(
      await error(`
from langgraph.prebuilt import create_react_agent
def f():
    "Fails."
    return 1 / 0
create_react_agent("gpt-4o", [f], prompt="p").invoke({"messages": [("human", "x")]})`),
    ).toBe('ZeroDivisionError: division by zero');
  });

  test.each([
    ['create_agent("m", [], middleware=[1])'],
    ['create_agent("m", [], response_format={"title": "x"})'],
    ['create_agent("m", [{"type": "web_search"}])'],
    ['create_agent(5, [])'],
    ['agent.invoke("text")'],
    ['from langchain.agents import AgentExecutor'],
  ])('%s is an error that says why', async (code) => {
    expect(await error(agent + code)).toMatchSnapshot();
  });
});
