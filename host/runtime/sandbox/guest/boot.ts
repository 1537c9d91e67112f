import type { PyodideAPI } from 'pyodide';

/** What a guest is made of, read before the first line of Python runs. */
export type Assets = {
  wasm: WebAssembly.Module;
  stdlib: Uint8Array<ArrayBuffer>;
  /** Undefined while the snapshot is being made. */
  snapshot: Uint8Array<ArrayBuffer> | undefined;
  /** Python modules by path, `_runner.py`. */
  modules: ReadonlyMap<string, string>;
};

const base = 'sandbox:///';
const modulesFolder = '/lib/workload';
// The package list is a download of hundreds of packages: none are offered.
const noPackages = JSON.stringify({
  info: { abi_version: '2026_0', arch: 'wasm32', platform: 'emscripten', version: '0', python: '3.14' },
  packages: {},
});

/**
 * What Pyodide's event loop uses of a MessageChannel: a turn of the loop for each message. Node's own makes an event of each,
 * and to load what makes one takes a tenth of a second.
 */
class Immediates {
  port1: { onmessage?: () => void } = {};
  port2 = { postMessage: () => void setImmediate(() => this.port1.onmessage?.()) };
}

/**
 * Starts Python in a realm that looks like a browser's worker to it: so it never loads a module of Node's, and what it
 * would fetch is what it is given.
 * @param coming its own JavaScript loads while these are still being read
 */
export async function bootPython(coming: Promise<Assets>, write: (bytes: Uint8Array) => void): Promise<PyodideAPI> {
  const realm: Record<string, unknown> = globalThis;
  delete realm['process'];
  realm['WorkerGlobalScope'] = { [Symbol.hasInstance]: () => true };
  realm['self'] = globalThis;
  realm['location'] = new URL(base);
  realm['addEventListener'] = () => undefined;
  realm['MessageChannel'] = Immediates;
  const { default: createPyodideModule } = await import('pyodide/pyodide.asm.mjs');
  const { loadPyodide } = await import('pyodide');
  const assets = await coming;
  // No Response: Node takes a tenth of a second to load what makes one.
  realm['fetch'] = async (address: unknown) => {
    switch (String(address).slice(base.length)) {
      case 'pyodide.asm.wasm':
        return assets.wasm;
      case 'python_stdlib.zip':
        return { ok: true, arrayBuffer: async () => assets.stdlib.buffer };
      default:
        throw new Error('There is no network here.');
    }
  };
  Object.assign(WebAssembly, {
    instantiateStreaming: async (fetched: Promise<WebAssembly.Module>, imports: WebAssembly.Imports) => {
      const module = await fetched;
      return { module, instance: await WebAssembly.instantiate(module, imports) };
    },
  });
  const python = await loadPyodide({
    createPyodideModule,
    indexURL: base,
    packageBaseUrl: base,
    lockFileContents: noPackages,
    jsglobals: {},
    env: { HOME: '/home/workload', PYTHONDONTWRITEBYTECODE: '1' },
    ...(assets.snapshot === undefined ? { _makeSnapshot: true } : { _loadSnapshot: assets.snapshot }),
    fsInit: async (fs) => {
      for (const [path, source] of assets.modules) {
        const file = `${modulesFolder}/${path}`;
        fs.mkdirTree(file.slice(0, file.lastIndexOf('/')));
        fs.writeFile(file, source);
        fs.chmod(file, 0o444);
      }
    },
  });
  const stream = {
    write: (bytes: Uint8Array) => {
      write(bytes);
      return bytes.length;
    },
  };
  // Nobody is there to be asked: EOFError.
  python.setStdin({ stdin: () => null });
  python.setStdout(stream);
  python.setStderr(stream);
  return python;
}
