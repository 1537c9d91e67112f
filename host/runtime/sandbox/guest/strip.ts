/**
 * Takes what reaches outside away from the realm that Python runs in, for a script that finds its way to JavaScript all the
 * same. The permission model and the process itself are the walls; this leaves little to lean against them.
 */
export function strip(): void {
  const realm: Record<string, unknown> = globalThis;
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!kept.has(name)) delete realm[name];
  const wasm: Record<string, unknown> = WebAssembly as unknown as Record<string, unknown>;
  for (const name of [
    'Memory',
    'Module',
    'Instance',
    'Table',
    'compile',
    'instantiate',
    'compileStreaming',
    'instantiateStreaming',
    'validate',
  ])
    wasm[name] = refuse;
}

/** The language itself, and what Python's event loop needs. */
const kept = new Set([
  ...[
    'Object',
    'Function',
    'Array',
    'Number',
    'parseFloat',
    'parseInt',
    'Infinity',
    'NaN',
    'undefined',
    'Boolean',
    'String',
  ],
  ...['Symbol', 'Date', 'Promise', 'RegExp', 'Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError'],
  ...[
    'SyntaxError',
    'TypeError',
    'URIError',
    'globalThis',
    'JSON',
    'Math',
    'Intl',
    'ArrayBuffer',
    'Uint8Array',
    'Int8Array',
  ],
  ...['Uint16Array', 'Int16Array', 'Uint32Array', 'Int32Array', 'Float32Array', 'Float64Array', 'Float16Array'],
  ...['Uint8ClampedArray', 'BigUint64Array', 'BigInt64Array', 'DataView', 'Map', 'BigInt', 'Set', 'WeakMap', 'WeakSet'],
  ...[
    'WeakRef',
    'Proxy',
    'Reflect',
    'FinalizationRegistry',
    'Iterator',
    'decodeURI',
    'decodeURIComponent',
    'encodeURI',
  ],
  ...['encodeURIComponent', 'WebAssembly', 'TextDecoder', 'TextEncoder', 'setTimeout', 'clearTimeout', 'setImmediate'],
  ...['clearImmediate', 'queueMicrotask', 'performance', 'crypto', 'SuppressedError', 'DisposableStack'],
]);

function refuse(): never {
  throw new Error('No further WebAssembly here.');
}
