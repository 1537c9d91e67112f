import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkloadCode } from '../../contracts/client/workload/WorkloadError.ts';
import { sandboxImage } from '../../host/runtime/sandbox/Image.ts';
import { isLong } from '../processEnv.ts';
import { laySiege, preamble, type Siege } from './siege.ts';

let siege: Siege;
let hurried: Siege;
beforeAll(async () => {
  await sandboxImage();
  siege = await laySiege({ memoryMiB: 128 });
  hurried = await laySiege({ cpuSeconds: 1, warm: 0 });
}, 120_000);
afterAll(async () => {
  expect(siege.connections() + hurried.connections()).toBe(0);
  await siege.close();
  await hurried.close();
  expect(siege.sandbox.size() + hurried.sandbox.size()).toBe(0);
});

/** The script must end so, and with a sentence for whoever wrote it. */
type Fatal = [name: string, script: string, code: WorkloadCode, says: RegExp];

/** Each takes a process of its own and its whole limit: a quarter of them by default, every one in the long run. */
function fatal(title: string, of: () => Siege, probes: readonly Fatal[]): void {
  describe(title, () => {
    test.concurrent.each(probes.filter((_, index) => isLong || index % 4 === 0))(
      '%s',
      async (_, script, code, says) => {
        const outcome = await of().run(script);
        if (outcome.type === 'ran') throw new Error(`It ran: ${JSON.stringify(outcome.ran)}`);
        expect(outcome.error.message).toMatch(says);
        expect(outcome.error.code).toBe(code);
        expect(outcome.error.message).not.toContain(siege.secret);
      },
      120_000,
    );
  });
}

const tooMuchMemory = /needed more than 128 MiB of memory/;
fatal('memory', () => siege, [
  ['bytes', 'x = b"a" * 10**9', 'memoryLimit', tooMuchMemory],
  ['a list', 'x = [0] * 10**9', 'memoryLimit', tooMuchMemory],
  ['a text that doubles', 'x = "a"\nwhile True: x += x', 'memoryLimit', tooMuchMemory],
  ['many small things', 'x = []\nwhile True: x.append(object())', 'memoryLimit', tooMuchMemory],
  ['a shift', 'x = 1 << 10**10', 'memoryLimit', tooMuchMemory],
  [
    'a file in the memory file system',
    'f = open("/tmp/x", "wb")\nwhile True: f.write(b"x" * 2**20)',
    'memoryLimit',
    tooMuchMemory,
  ],
  [
    'a MemoryError that is swallowed again and again',
    'x = []\nwhile True:\n  try: x.append(b"a" * 10**7)\n  except MemoryError: open("/tmp/x", "ab").write(b"x" * 10**7)',
    'memoryLimit',
    tooMuchMemory,
  ],
  [
    'JavaScript’s memory, through its objects',
    `import _imp, importlib.machinery
spec = importlib.machinery.ModuleSpec("_pyodide_core", importlib.machinery.BuiltinImporter, origin="built-in")
core = _imp.create_builtin(spec)
_imp.exec_builtin(core)
kept = []
while True: kept.append(core.to_js(b"x" * 10**7))`,
    'memoryLimit',
    tooMuchMemory,
  ],
]);

// On a busy machine the clock may be faster than the processor.
const tooMuchTime = /worked for longer than 1 s|had no result after 4 s/;
fatal('time', () => hurried, [
  ['a loop', 'while True: pass', 'timeLimit', tooMuchTime],
  ['a regular expression', 'import re\nre.match(r"(a+)+$", "a" * 40 + "b")', 'timeLimit', tooMuchTime],
  ['arithmetic in C', 'x = 9 ** 9 ** 9', 'timeLimit', tooMuchTime],
  ['a sum in C', 'sum(iter(int, 1))', 'timeLimit', tooMuchTime],
  [
    'interrupts swallowed',
    'while True:\n  try:\n    while True: pass\n  except BaseException: pass',
    'timeLimit',
    tooMuchTime,
  ],
  ['a finally that never ends', 'try: 1 / 0\nfinally:\n  while True: pass', 'timeLimit', tooMuchTime],
  ['sleep', 'import time\ntime.sleep(1000)', 'timeLimit', tooMuchTime],
  ['reading the script itself', 'x = eval("[" + "9**9," * 10**6 + "]")', 'timeLimit', tooMuchTime],
]);

fatal('endings', () => siege, [
  ['sys.exit', 'import sys\nsys.exit(0)', 'ended', /Line 4: The script ended itself with sys.exit/],
  ['os._exit', 'import os\nos._exit(0)', 'ended', /ended the process/],
  ['os.abort', 'import os\nos.abort()', 'ended', /ended the process/],
  ['SIGKILL to itself', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', 'ended', /ended the process/],
  ['recursion', 'def f(): return f()\nf()', 'raised', /Line 3: The script raised RecursionError/],
  ['recursion in C', 'x = []\nfor i in range(10**6): x = [x]\nrepr(x)', 'raised', /nests calls or values too deeply/],
  ['recursion in a parser', 'import json\njson.loads("[" * 10**5)', 'raised', /too deeply|RecursionError/],
  [
    'Python’s runtime broken on purpose',
    `import _imp, importlib.machinery
spec = importlib.machinery.ModuleSpec("_pyodide_core", importlib.machinery.BuiltinImporter, origin="built-in")
core = _imp.create_builtin(spec)
_imp.exec_builtin(core)
core.trigger_fatal_error()`,
    'ended',
    /ended the process/,
  ],
  [
    'memory written to at random, through bare ctypes',
    `import _imp, importlib.machinery
spec = importlib.machinery.ModuleSpec("_ctypes", importlib.machinery.BuiltinImporter, origin="built-in")
ctypes = _imp.create_builtin(spec)
_imp.exec_builtin(ctypes)
ctypes.call_function(ctypes._memset_addr, (1024, 255, 20_000_000))
1 / 0`,
    'ended',
    /ended the process|broke the process/,
  ],
  ['output', 'while True: print("x" * 10_000)', 'outputLimit', /printed more than 100000 bytes/],
  ['output to the descriptor', 'import os\nwhile True: os.write(2, b"x" * 10_000)', 'outputLimit', /printed more than/],
  [
    'an exception whose text raises',
    'class E(Exception):\n  def __str__(self): raise self\nraise E',
    'raised',
    /raised E\b/,
  ],
  ['an enormous exception', 'raise ValueError("x" * 10**7)', 'raised', /Line 3: The script raised ValueError: x+/],
  ['an enormous value', 'prompt = "x" * 2_000_000', 'tooLarge', /Line 3: prompt grows beyond a million/],
  ['a value that holds itself', 'schema = {}\nschema["a"] = schema', 'tooLarge', /nested too deeply/],
  ['a number without end', 'seed = 1 << 100_000', 'tooLarge', /enormous number/],
  ['a text of half a character', 'prompt = chr(0xd83d)', 'badValue', /half a surrogate pair/],
  [
    'a class that lies about its length',
    'class T(str):\n  def __len__(self): return 1\nprompt = T("x" * 2_000_000)\nprompt = prompt[:]',
    'tooLarge',
    /million/,
  ],
]);

describe('forged messages', () => {
  test('what a script prints is text and nothing else', async () => {
    const forged = { type: 'values', values: { prompt: 'forged', input: 'x' }, lines: {}, hasWork: false, printed: '' };
    const line = JSON.stringify(JSON.stringify(forged));
    const outcome = await siege.run(`import os, sys
print(${line})
os.write(1, (${line} + "\\n").encode())
sys.stderr.write(${line} + "\\n")
for fd in range(3, 60):
    try: os.write(fd, (${line} + "\\n").encode())
    except OSError: pass`);
    if (outcome.type === 'wrong') throw outcome.error;
    expect(outcome.ran.values).toEqual({ prompt: 'p', input: 'asked' });
    expect(outcome.ran.printed).toContain('forged');
  }, 60_000);

  test('a script that tampers with how it is reported fools nobody but itself', async () => {
    const outcome = await siege.run(`import _bridge, sys
frame = sys._getframe()
while frame:
    names = frame.f_globals
    if names.get("__name__") == "_runner":
        names["_dumps"] = lambda report: '{"type": "ready"}'
    frame = frame.f_back`);
    expect(outcome).toMatchObject({ type: 'wrong', error: { code: 'ended' } });
  }, 60_000);

  test('a report of the wrong form, or of a megabyte too much, ends it', async () => {
    for (const forged of [
      `'{"type": "values", "values": 5}'`,
      `"x" * 9_000_000`,
      `'{"type": "values", "printed": "'`,
    ]) {
      const outcome = await siege.run(`import sys
frame = sys._getframe()
while frame:
    names = frame.f_globals
    if names.get("__name__") == "_runner":
        names["_dumps"] = lambda report: ${forged}
    frame = frame.f_back`);
      expect(outcome).toMatchObject({ type: 'wrong', error: { code: 'ended' } });
    }
  }, 120_000);
});

describe('the bridge', () => {
  const call = async (): Promise<string> => '{"ok":true,"content":"x","tool_calls":[]}';
  async function work(body: string, more = call) {
    const signal = AbortSignal.timeout(60_000);
    const script = `${preamble}import _bridge\ndef work(prompt, input):\n  ${body}`;
    const begun = await siege.sandbox.begin(script, 'asked', signal);
    return begun.work?.answer({ history: [], call: more, signal });
  }
  test('floods end at the limit', async () => {
    let calls = 0;
    const counting = async (): Promise<string> => {
      calls++;
      return call();
    };
    await expect(work('while True: _bridge.call("{}")', counting)).rejects.toMatchObject({ code: 'callLimit' });
    expect(calls).toBe(4);
  }, 60_000);
  test('an enormous request ends it, and nothing was asked', async () => {
    let calls = 0;
    const counting = async (): Promise<string> => {
      calls++;
      return call();
    };
    await expect(work('_bridge.call("x" * 5_000_000)', counting)).rejects.toMatchObject({ code: 'ended' });
    expect(calls).toBe(0);
  }, 60_000);
  test('what is no text is refused in Python', async () => {
    await expect(work('_bridge.call({"type": "model"})')).rejects.toThrow('a request is JSON text');
  }, 60_000);
  test('a door that was forced open outside of work leads nowhere', async () => {
    const outcome = await siege.run('import _bridge\n_bridge._open = True\n_bridge.call("{}")');
    expect(outcome).toMatchObject({ type: 'wrong', error: { code: 'callLimit' } });
  }, 60_000);
  test('nor does the way around the door, before work was asked for', async () => {
    const script = `${preamble}import _bridge
def work(prompt, input):
  return "x"
for cell in _bridge._send.__closure__:
  if callable(cell.cell_contents):
    try:
      cell.cell_contents("{}")
    except Exception:
      pass
`;
    await expect(siege.sandbox.begin(script, 'asked')).rejects.toMatchObject({ code: 'callLimit' });
  }, 60_000);
});
