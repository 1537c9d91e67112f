import { join } from 'node:path';
import { loadPyodide, type PyodideInterface } from 'pyodide';

/** What the host would answer to a model call; the request is the parsed JSON that Python sent. */
export type Bridge = (request: Request) => unknown;

/** A request as the Python side writes it. */
export type Request = {
  type: string;
  model?: string;
  messages: { role: string; content: string; tool_calls?: unknown[]; tool_call_id?: string }[];
  tools?: { name: string; description: string; parameters: unknown }[];
  [setting: string]: unknown;
};

export type Python = {
  /** Runs the code and gives what it left in `result`, as JSON. A Python error is thrown with its text. */
  run(code: string, inputs?: Record<string, unknown>): Promise<unknown>;
  /** All model calls so far. */
  requests: Request[];
  /** What answers the calls from now on. */
  answer(bridge: Bridge): void;
};

/** The module `_bridge` as the sandbox has it, with a function of this test behind it. */
const door = `
import sys, types
import _host
class ModelCallError(RuntimeError):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
bridge = types.ModuleType("_bridge")
bridge.ModelCallError = ModelCallError
bridge.call = lambda text: str(_host.call(text))
sys.modules["_bridge"] = bridge
sys.dont_write_bytecode = True
sys.path.insert(0, "/pylib")
import _coverage
`;

let python: Promise<Python> | undefined;

/** A Python with the modules of host/runtime/pylib, and a host's side that is a function: for the modules by themselves. */
export function startPython(): Promise<Python> {
  python ??= start();
  return python;
}

async function start(): Promise<Python> {
  const python: PyodideInterface = await loadPyodide();
  python.mountNodeFS('/pylib', join(import.meta.dirname, '../../../host/runtime/pylib'));
  const requests: Request[] = [];
  let bridge: Bridge = () => ({ ok: false, code: 'failed', message: 'No answer was set.' });
  python.registerJsModule('_host', {
    call: (text: string) => {
      const request = JSON.parse(text) as Request;
      requests.push(request);
      return JSON.stringify(bridge(request));
    },
  });
  python.runPython(door);
  return {
    requests,
    answer: (next) => {
      bridge = next;
    },
    run: async (code, inputs = {}) => {
      const names = python.toPy({ __name__: '__main__', inputs: JSON.stringify(inputs) });
      try {
        await python.runPythonAsync('import json; given = json.loads(inputs)', { globals: names });
        await python.runPythonAsync(code, { globals: names });
        const text: unknown = python.runPython('json.dumps(globals().get("result"))', { globals: names });
        return JSON.parse(String(text));
      } finally {
        names.destroy();
      }
    },
  };
}

/** The last line of a Python error: its type and message. */
export async function errorOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('It raised nothing.');
  const lines = error.message.trimEnd().split('\n');
  const start = lines.findLastIndex((line) => /^[\w.]+(:|$)/.test(line));
  return lines.slice(start).join('\n');
}

/** A model that repeats the last message in brackets, after the name of its role. */
export const echo: Bridge = ({ messages }) => {
  const last = messages.at(-1);
  return { ok: true, content: `[${last?.role}: ${last?.content}]`, tool_calls: [], finish: 'stop' };
};
