import type { PyodideAPI } from 'pyodide';

/** What a guest is made of, read before the first line of Python runs. */
export type Assets = {
  wasm: Uint8Array<ArrayBuffer>;
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
 * Starts Python in a realm that looks like a browser's worker to it: so it never loads a module of Node's, and what it
 * would fetch are the buffers given.
 */
export async function bootPython(assets: Assets, write: (bytes: Uint8Array) => void): Promise<PyodideAPI> {
  const files = new Map([
    ['pyodide.asm.wasm', assets.wasm],
    ['python_stdlib.zip', assets.stdlib],
  ]);
  const realm: Record<string, unknown> = globalThis;
  delete realm['process'];
  realm['WorkerGlobalScope'] = { [Symbol.hasInstance]: () => true };
  realm['self'] = globalThis;
  realm['location'] = new URL(base);
  realm['addEventListener'] = () => undefined;
  realm['fetch'] = async (address: unknown) => {
    const file = files.get(String(address).slice(base.length));
    if (file === undefined) throw new Error('There is no network here.');
    return new Response(file, { headers: { 'content-type': 'application/wasm' } });
  };
  const { default: createPyodideModule } = await import('pyodide/pyodide.asm.mjs');
  const { loadPyodide } = await import('pyodide');
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
