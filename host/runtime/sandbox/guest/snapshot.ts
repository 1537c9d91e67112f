/** Starts Python once, loads the modules that workloads use, and keeps the memory: later starts take a tenth of the time. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootPython } from './boot.ts';

const folder = import.meta.dirname;
const node = process;
const modules = new Map<string, string>(JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8')));
const file = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(folder, name)));
let printed = '';
const wasm = await WebAssembly.compile(file('pyodide.asm.wasm'));
const python = await bootPython(
  Promise.resolve({ wasm, stdlib: file('python_stdlib.zip'), snapshot: undefined, modules }),
  (bytes) => {
    printed += new TextDecoder().decode(bytes);
  },
);
python.runPython('import sys; sys.path.insert(0, "/lib/workload"); sys.dont_write_bytecode = True');
const loaded = [
  ...[
    'json',
    're',
    'math',
    'datetime',
    'random',
    'string',
    'textwrap',
    'itertools',
    'functools',
    'collections',
    'typing',
  ],
  ...[
    'dataclasses',
    'enum',
    'statistics',
    'decimal',
    'fractions',
    'unicodedata',
    'html',
    'time',
    'operator',
    'inspect',
  ],
  ...[
    '_bridge',
    '_runner',
    ...[...modules.keys()].map((path) => path.replace(/(\/__init__)?\.py$/, '').replaceAll('/', '.')),
  ],
];
try {
  const load = python.pyimport('importlib').import_module;
  for (const name of new Set(loaded)) load(name).destroy();
  load.destroy();
  writeFileSync(join(folder, 'snapshot.bin'), python.makeMemorySnapshot());
} catch (error) {
  // Not thrown on: Node would print Pyodide's one line of a million characters first.
  node.stderr.write(`${printed}${error instanceof Error ? error.message : String(error)}\n`);
  node.exit(1);
}
node.exit(0);
