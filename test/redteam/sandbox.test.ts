import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sandboxImage } from '../../host/runtime/sandbox/Image.ts';
import { laySiege, type Siege } from './siege.ts';

let siege: Siege;
beforeAll(async () => {
  await sandboxImage();
  siege = await laySiege();
}, 120_000);
afterAll(async () => {
  expect(siege.connections()).toBe(0);
  await siege.close();
});

/** Many attempts in one process: each reports what it got, or what stopped it. */
const attempts = `
import json
__results = {}
def attempt(name):
    def note(what):
        try:
            __results[name] = "got " + repr(what())[:500]
        except BaseException as error:
            __results[name] = f"{type(error).__name__}: {error}"[:500]
    return note
`;
const verdict = '\nprompt = json.dumps(__results)\n';
const resultsSchema = z.record(z.string(), z.string());

/** A bare builtin module, taken around every import hook. */
const builtin = `
import _imp, importlib.machinery
def bare(name):
    spec = importlib.machinery.ModuleSpec(name, importlib.machinery.BuiltinImporter, origin="built-in")
    module = _imp.create_builtin(spec)
    _imp.exec_builtin(module)
    return module
`;
/** The JavaScript objects that an attacker can get hold of in Python. */
const javascript = `${builtin}
import _bridge, gc
send = next(c.cell_contents for c in _bridge._send.__closure__ if "JsProxy" in type(c.cell_contents).__name__)
core = bare("_pyodide_core")
array = core.to_js([1])
Object = core.to_js({"a": 1}).constructor
Function = send.constructor
`;

async function tryAll(script: string): Promise<Record<string, string>> {
  const outcome = await siege.run(attempts + script + verdict);
  if (outcome.type === 'wrong') throw outcome.error;
  const text = outcome.ran.values.prompt;
  expect(text + outcome.ran.printed).not.toContain(siege.secret);
  return resultsSchema.parse(JSON.parse(text));
}

/** `got …` only where what was got is worth nothing. */
type Probe = [name: string, code: string, stopped: RegExp];

function suite(title: string, setup: () => string, probes: readonly Probe[]): void {
  describe(title, () => {
    let results: Record<string, string> = {};
    beforeAll(async () => {
      const body = probes.map(([name, code]) => `@attempt(${JSON.stringify(name)})\ndef _():\n${indent(code)}\n`);
      results = await tryAll(setup() + body.join('\n'));
    }, 60_000);
    test.each(probes)('%s', (name, _, stopped) => {
      expect(results[name]).toMatch(stopped);
      expect(siege.connections()).toBe(0);
    });
  });
}
const indent = (code: string): string =>
  code
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');

suite(
  'files, processes and network of Python',
  () => `host, port, secret_file = "127.0.0.1", ${siege.port}, ${JSON.stringify(siege.secretFile)}\n`,
  [
    ['the secret file', 'return open(secret_file).read()', /^FileNotFoundError/],
    ['/etc/passwd', 'return open("/etc/passwd").read()', /^FileNotFoundError/],
    ['the environment of the process', 'return open("/proc/self/environ").read()', /^(FileNotFoundError|OSError)/],
    ['memory maps', 'return open("/proc/self/maps").read()', /^(FileNotFoundError|OSError)/],
    ['a secret in the environment', 'import os\nreturn os.environ.get("SIEGE_SECRET")', /^got None$/],
    [
      'a symbolic link out',
      'import os\nos.symlink(secret_file, "/tmp/l")\nreturn open("/tmp/l").read()',
      /^FileNotFound/,
    ],
    ['a path upwards', 'return open("../../../../.." + secret_file).read()', /^FileNotFoundError/],
    ['our modules overwritten', 'return open("/lib/workload/_bridge.py", "w").write("x")', /^(PermissionError|got \d)/],
    ['os.system', 'import os\nreturn os.system("touch /tmp/siege")', /^(OSError|got -?[1-9])/],
    ['os.popen', 'import os\nreturn os.popen("id").read()', /^OSError/],
    ['subprocess', 'import subprocess\nreturn subprocess.run(["id"], capture_output=True)', /^OSError/],
    ['_posixsubprocess.fork_exec', 'import _posixsubprocess\nreturn _posixsubprocess.fork_exec()', /Error/],
    ['os.fork', 'import os\nreturn os.fork()', /^OSError.*not implemented/],
    ['os.execv', 'import os\nreturn os.execv("/bin/sh", ["sh"])', /^OSError/],
    ['os.posix_spawn', 'import os\nreturn os.posix_spawn("/bin/sh", ["sh"], {})', /^(AttributeError|OSError|NotImpl)/],
    ['multiprocessing', 'import multiprocessing as m\nreturn m.Process(target=print).start()', /Error/],
    [
      'a thread',
      'import threading\nt = threading.Thread(target=print)\nt.start()',
      /^RuntimeError: can't start new thread/,
    ],
    [
      'a signal to the parent',
      'import os\nreturn os.kill(os.getppid(), 9)',
      /^(OSError|PermissionError|ProcessLookup|got None)/,
    ],
    ['socket.connect', 'import socket\nreturn socket.create_connection((host, port), timeout=3)', /^OSError/],
    [
      'socket with IPv6',
      'import socket\ns = socket.socket(socket.AF_INET6)\nreturn s.connect(("::1", port))',
      /^OSError/,
    ],
    [
      'a datagram',
      'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nreturn s.sendto(b"x", (host, port))',
      /^(OSError|got \d)/,
    ],
    ['a listening socket', 'import socket\ns = socket.socket()\ns.bind(("0.0.0.0", 0))\nreturn s.listen()', /^OSError/],
    [
      'urllib',
      'import urllib.request as u\nreturn u.urlopen(f"http://{host}:{port}/", timeout=3).read()',
      /^(URLError|OSError)/,
    ],
    [
      'urllib with file:',
      'import urllib.request as u\nreturn u.urlopen("file://" + secret_file).read()',
      /^(URLError|OSError)/,
    ],
    [
      'http.client',
      'import http.client as h\nc = h.HTTPConnection(host, port, timeout=3)\nreturn c.request("GET", "/")',
      /^OSError/,
    ],
    [
      'a name looked up',
      'import socket\nreturn socket.getaddrinfo("secret.example.com", 80)',
      /^(got \[\(<AddressFamily.AF_INET: 2>.*172\.29\.|OSError|gaierror)/,
    ],
    ['micropip', 'import micropip', /^(ImportError|ModuleNotFoundError)/],
    ['pyodide.http', 'from pyodide.http import pyfetch', /^ImportError/],
    ['ctypes', 'import ctypes\nreturn ctypes.CDLL(None)', /^ImportError/],
    [
      'an extension module of its own',
      'import sys\nopen("/tmp/evil.cpython-314-wasm32-emscripten.so", "wb").write(b"\\0asm\\1\\0\\0\\0")\nsys.path.insert(0, "/tmp")\nimport evil',
      /^ImportError|^ModuleNotFoundError/,
    ],
    ['a question to the terminal', 'import builtins\nreturn builtins.input("password: ")', /^EOFError/],
  ],
);

suite('JavaScript from Python', () => javascript, [
  ['import js', 'import js\nreturn js.process', /^ImportError/],
  ['import pyodide_js', 'import pyodide_js\nreturn pyodide_js.mountNodeFS', /^ImportError/],
  ['pyodide.code.run_js', 'from pyodide.code import run_js\nreturn run_js("process")', /^ImportError/],
  [
    'constructor.constructor',
    'return array.constructor.constructor("return process")()',
    /Code generation from strings disallowed/,
  ],
  ['new Function', 'return Function.new("return globalThis")()', /Code generation from strings disallowed/],
  [
    'AsyncFunction',
    'return Object.getPrototypeOf(core.create_proxy(attempt).constructor).constructor("return 1")',
    /Error/,
  ],
  [
    'what the import hook knew',
    'return [f.jsproxies for f in gc.get_objects() if type(f).__name__ == "JsFinder"]',
    /^got \[(\{\})?\]$/,
  ],
  [
    'any object that knows mountNodeFS',
    'return [o for o in gc.get_objects() if type(o).__name__ == "JsProxy" and hasattr(o, "mountNodeFS")]',
    /^got \[\]$/,
  ],
  ['the prototype accessor', 'return getattr(array, "__proto__")', /^AttributeError/],
  ['the caller of a function', 'return send.caller', /^(AttributeError|JsException|got (None|jsnull))/],
  [
    'stack frames: getThis and getFunction',
    `
try:
    Function("x")
except BaseException as error:
    Error = Object.getPrototypeOf(error.js_error.constructor)
found = []
def prepare(error, sites):
    for site in sites:
        found.append(site.getThis())
    return "s"
Error.prepareStackTrace = core.create_proxy(prepare)
str(Error.new("x").stack)
return sorted({str(one) for one in found} - {"None", "undefined", "jsnull"})`,
    /^got \['\[object WebAssembly.Instance\]'\]$/,
  ],
  [
    'WebAssembly through the frames',
    `
try:
    Function("x")
except BaseException as error:
    Error = Object.getPrototypeOf(error.js_error.constructor)
instances = []
Error.prepareStackTrace = core.create_proxy(lambda error, sites: instances.extend(site.getThis() for site in sites))
str(Error.new("x").stack)
instance = next(one for one in instances if "Instance" in str(one))
return instance.constructor.new(1)`,
    /No further WebAssembly|JsException|is not a constructor/,
  ],
  [
    'prototypes polluted',
    'Object.prototype.ok = True\nObject.prototype.type = "values"\nreturn "done"',
    /^(got 'done'|JsException)/,
  ],
  ['another supervisor message through a closure', 'return send.bind(None).name', /^(got|JsException|AttributeError)/],
]);

describe('one script and the next', () => {
  test('nothing that one leaves behind is there for another', async () => {
    const left = await siege.run(
      'import builtins, sys, json, _bridge\nbuiltins.left = 1\nsys.left = 1\njson.dumps = None\n_bridge.left = 1\nopen("/tmp/left", "w").write("x")',
    );
    expect(left.type).toBe('ran');
    const results = await tryAll(`
import builtins, sys, os, _bridge
@attempt("seen")
def _():
    return [hasattr(builtins, "left"), hasattr(sys, "left"), hasattr(_bridge, "left"), os.path.exists("/tmp/left")]
`);
    expect(results['seen']).toBe('got [False, False, False, False]');
  }, 60_000);

  test('random numbers are not the snapshot’s', async () => {
    const script = 'import random, uuid, secrets\nprompt = f"{random.random()} {uuid.uuid4()} {secrets.token_hex(8)}"';
    const [a, b] = await Promise.all([siege.run(script), siege.run(script)]);
    if (a.type !== 'ran' || b.type !== 'ran') throw new Error('It did not run.');
    const [first, second] = [a.ran.values.prompt.split(' '), b.ran.values.prompt.split(' ')];
    for (const [index, one] of first.entries()) expect(one).not.toBe(second[index]);
  }, 60_000);
});
