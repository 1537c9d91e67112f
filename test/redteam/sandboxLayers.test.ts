import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startGuest } from '../../host/runtime/sandbox/Process.ts';
import { laySiege, type Siege } from './siege.ts';

/** For a script that got all the way to JavaScript: what Node's permissions leave of it, and what is left in the realm. */
const attempts = (siege: Siege): readonly [name: string, code: string, stopped: RegExp][] => [
  [
    'reads the secret',
    `(await import('node:fs')).readFileSync(${JSON.stringify(siege.secretFile)}, 'utf8')`,
    /ERR_ACCESS_DENIED/,
  ],
  ['reads /etc/passwd', `(await import('node:fs')).readFileSync('/etc/passwd', 'utf8')`, /ERR_ACCESS_DENIED/],
  [
    'opens it another way',
    `(await (await import('node:fs/promises')).open('/etc/passwd')).readFile()`,
    /ERR_ACCESS_DENIED/,
  ],
  ['lists the root', `(await import('node:fs')).readdirSync('/')`, /ERR_ACCESS_DENIED/],
  ['writes to /tmp', `(await import('node:fs')).writeFileSync('/tmp/siege-layers', 'x')`, /ERR_ACCESS_DENIED/],
  [
    'writes to its own folder',
    `(await import('node:fs')).writeFileSync(import.meta.dirname + '/x', 'x')`,
    /ERR_ACCESS_DENIED/,
  ],
  [
    'makes a link',
    `(await import('node:fs')).symlinkSync('/etc/passwd', import.meta.dirname + '/l')`,
    /ERR_ACCESS_DENIED/,
  ],
  ['starts a process', `(await import('node:child_process')).spawnSync('id').stdout.toString()`, /ERR_ACCESS_DENIED/],
  ['becomes another program', `process.execve('/bin/sh', ['sh'], {})`, /ERR_ACCESS_DENIED|not a function/],
  [
    'connects',
    `await new Promise((done, fail) => { const s = net.connect(${siege.port}, '127.0.0.1', () => done('connected')); s.on('error', fail); })`,
    /ERR_ACCESS_DENIED|EACCES|denied/i,
  ],
  ['fetches', `await (await fetch('http://127.0.0.1:${siege.port}/')).text()`, /fetch failed|ERR_ACCESS_DENIED/],
  [
    'opens a web socket',
    `await new Promise((done, fail) => { const s = new WebSocket('ws://127.0.0.1:${siege.port}/'); s.onopen = () => done('connected'); s.onerror = () => fail(new Error('no connection')); })`,
    /no connection|ERR_ACCESS_DENIED/,
  ],
  [
    'sends a datagram',
    `await new Promise((done, fail) => { const s = dgram.createSocket('udp4'); s.on('error', fail); s.send('x', ${siege.port}, '127.0.0.1', (e) => e ? fail(e) : done('sent')); })`,
    /ERR_ACCESS_DENIED|denied/i,
  ],
  [
    'asks for a name',
    `await (await import('node:dns/promises')).resolve4('secret.example.com')`,
    /ERR_ACCESS_DENIED|ECONNREFUSED|ENOTFOUND|ETIMEOUT|ESERVFAIL/,
  ],
  [
    'listens',
    `await new Promise((done, fail) => { const s = net.createServer().listen(0, '127.0.0.1', () => done('listens')); s.on('error', fail); })`,
    /ERR_ACCESS_DENIED|denied/i,
  ],
  ['opens an inspector', `(await import('node:inspector')).open(0)`, /ERR_ACCESS_DENIED/],
  [
    'loads machine code',
    `process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6')`,
    /ERR_DLOPEN_DISABLED|ERR_ACCESS_DENIED|disabled/,
  ],
  ['runs WASI', `new (await import('node:wasi')).WASI({ version: 'preview1' })`, /ERR_ACCESS_DENIED/],
  ['evaluates text', `(0, eval)('1 + 1')`, /EvalError/],
  ['makes a function of text', `new Function('return 1')()`, /EvalError/],
  ['reads the environment', `JSON.stringify(process.env)`, /^got "\{\\"TZ\\":\\"UTC\\"\}"$/],
  [
    'binds to the process',
    `process.binding('spawn_sync')`,
    /ERR_ACCESS_DENIED|No such module|not allowed|ERR_INVALID_MODULE/,
  ],
  [
    'gives itself the rights back',
    `process.permission.has('fs.write') || process.permission.has('child') || process.permission.has('net')`,
    /^got false$/,
  ],
];

const results = z.object({ results: z.record(z.string(), z.string()) });
let siege: Siege;
let folder: string;
let seen: Record<string, string>;
let left: Record<string, string>;

const flags = ['--allow-worker', '--disallow-code-generation-from-strings'];
async function ask(entry: string): Promise<Record<string, string>> {
  const guest = startGuest<never, z.output<typeof results>>({ image: folder, entry, flags, message: results });
  guest.hold();
  try {
    return (await guest.next()).results;
  } finally {
    guest.kill();
    await guest.gone;
  }
}

beforeAll(async () => {
  siege = await laySiege();
  folder = mkdtempSync(join(tmpdir(), 'layers-'));
  const body = attempts(siege).map(([name, code]) => `await attempt(${JSON.stringify(name)}, async () => (${code}));`);
  const attempt = `const results = {};
let thrown;
process.on('uncaughtException', (error) => thrown?.(error));
async function attempt(name, what) {
  try { results[name] = 'got ' + JSON.stringify(await Promise.race([what(), new Promise((_, fail) => { thrown = fail; })])); }
  catch (error) { results[name] = [error.name, error.code, error.message, error.cause?.message].join(' '); }
}`;
  writeFileSync(
    join(folder, 'node.mjs'),
    `import net from 'node:net'; import dgram from 'node:dgram'; import { writeSync } from 'node:fs';
${attempt}
${body.join('\n')}
writeSync(1, JSON.stringify({ results }) + '\\n');
setInterval(() => {}, 1000);`,
  );
  await build({
    stdin: {
      contents: `import { writeSync } from 'node:fs';
import { disarm, strip } from ${JSON.stringify(join(import.meta.dirname, '../../host/runtime/sandbox/guest/strip.ts'))};
const node = process;
const write = writeSync;
Reflect.deleteProperty(globalThis, 'process');
strip();
disarm(node);
const results = {
  names: Object.getOwnPropertyNames(globalThis).join(' '),
  process: ['kill', 'binding', 'dlopen', 'getBuiltinModule', 'execve', 'env', 'reallyExit'].filter((name) => name in node).join(' '),
  memory: String(WebAssembly.Memory),
};
try { new WebAssembly.Memory({ initial: 1 }); results.memory = 'made'; } catch (error) { results.memory = error.message; }
write(1, JSON.stringify({ results }) + '\\n');
setTimeout(() => {}, 60_000);`,
      resolveDir: import.meta.dirname,
    },
    outfile: join(folder, 'realm.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  [seen, left] = [await ask('node.mjs'), await ask('realm.mjs')];
}, 120_000);
afterAll(async () => {
  expect(siege.connections()).toBe(0);
  await siege.close();
  rmSync(folder, { recursive: true });
});

describe('with Node’s modules in hand', () => {
  test('nothing outside is reached', () => {
    for (const [name, , stopped] of attempts(siege)) expect(seen[name], name).toMatch(stopped);
    expect(JSON.stringify(seen)).not.toContain(siege.secret);
    expect(siege.connections()).toBe(0);
  });
});

describe('the realm that Python’s runtime is left with', () => {
  test('has the language and its timers, and nothing of Node', () => {
    expect(left['names']).not.toMatch(
      /\b(process|require|Buffer|fetch|WebSocket|Worker|navigator|module|global|EventSource|BroadcastChannel|structuredClone)\b/,
    );
    expect(left['process']).toBe('');
    expect(left['memory']).toBe('No further WebAssembly here.');
  });
});

test('a host that is killed leaves no sandbox behind, whatever its script does', async () => {
  const root = join(import.meta.dirname, '../..');
  const source = `import { createSandbox } from ${JSON.stringify(join(root, 'host/runtime/sandbox/Sandbox.ts'))};
const sandbox = createSandbox({ cpuSeconds: 600, memoryMiB: 128, outputBytes: 1000, modelCalls: 1, warm: 1, atOnce: 2 });
const run = (body) => sandbox.values('prompt = "p"\\ninput = "i"\\n' + body, 'x').catch(() => {});
await run('');
void run('while True:\\n  try: pass\\n  except BaseException: pass');
void run('import time\\ntime.sleep(600)');
const { readdirSync, readFileSync } = await import('node:fs');
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim().split(' ').filter(Boolean);
  if (children.length >= 2) { console.log(children.join(' ')); break; }
}
setInterval(() => {}, 1000);`;
  const file = join(folder, 'host.ts');
  writeFileSync(file, source);
  const host = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(host.stdout, 'data')) as [Buffer];
  const children = line.toString().trim().split(' ').map(Number);
  expect(children.length).toBeGreaterThanOrEqual(2);
  host.kill('SIGKILL');
  await once(host, 'exit');
  await expect.poll(() => children.filter(isAlive), { timeout: 30_000 }).toEqual([]);
}, 120_000);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
