/**
 * Takes what reaches outside away from the realm that Python runs in, for a script that finds its way to JavaScript all the
 * same. The permission model and the process itself are the walls; this leaves little to lean against them.
 */
export function strip(): void {
  const realm: Record<string, unknown> = globalThis;
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!kept.has(name)) delete realm[name];
  // Python's runtime writes there when it breaks.
  realm['console'] = Object.freeze({ log() {}, info() {}, warn() {}, error() {}, debug() {}, trace() {} });
  // Python's own instance can be reached, and through it the constructors.
  for (const { prototype } of [WebAssembly.Memory, WebAssembly.Module, WebAssembly.Instance, WebAssembly.Table])
    Object.defineProperty(prototype, 'constructor', { value: refuse });
  for (const name of Object.getOwnPropertyNames(WebAssembly))
    if (!neededWasm.has(name)) Object.defineProperty(WebAssembly, name, { value: refuse });
}

/** What stack switching and the errors of a running Python take. */
const neededWasm = new Set(
  'promising Suspending Global Tag Exception JSTag RuntimeError LinkError CompileError SuspendError Function'.split(
    ' ',
  ),
);

/** What Node's own process object can do to others, or to get at modules. Node itself needs none of it once a thread runs. */
const armed =
  `binding _linkedBinding dlopen kill _kill getBuiltinModule execve abort chdir reallyExit _rawDebug report loadEnvFile
  openStdin umask setuid seteuid setgid setegid setgroups initgroups env argv execArgv execPath mainModule`.split(
    /\s+/,
  );

/** Makes the process object harmless, wherever a reference to it may be left. */
export function disarm(node: NodeJS.Process): void {
  for (const name of armed) Reflect.deleteProperty(node, name);
}

/** The language itself, and what Python's runtime and its event loop need. */
const kept = new Set(
  `globalThis undefined NaN Infinity isNaN isFinite parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent
  Object Function Boolean Symbol Number BigInt Math Date String RegExp JSON Intl Promise Proxy Reflect Iterator
  Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError DisposableStack
  Array ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array
  Float32Array Float64Array BigInt64Array BigUint64Array Map Set WeakMap WeakSet WeakRef FinalizationRegistry
  WebAssembly TextDecoder TextEncoder setTimeout clearTimeout setImmediate clearImmediate queueMicrotask performance crypto`.split(
    /\s+/,
  ),
);

function refuse(): never {
  throw new Error('No further WebAssembly here.');
}
