import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deleteUnused, takeLease } from './Leases.ts';
import { SandboxFailure } from './SandboxFailure.ts';

const here = import.meta.dirname;
const root = join(here, '../../..');
const pyodideFiles = ['pyodide.asm.wasm', 'python_stdlib.zip'];
const entries = ['supervisor', 'python', 'snapshot', 'validator'];

let image: Promise<string> | undefined;

/**
 * The folder that holds all that a sandbox may read: Python, our modules for it and a picture of its memory after both were
 * loaded. Made once (some 6 s) under `.build/sandbox`, named after what is in it, and made anew when any of that changes;
 * then those of other versions that nobody uses are deleted.
 * @returns its path
 * @throws SandboxFailure `start`
 */
export function sandboxImage(): Promise<string> {
  image ??= makeImage().catch((error: unknown) => {
    image = undefined;
    throw error;
  });
  return image;
}

async function makeImage(): Promise<string> {
  const pyodide = dirname(createRequire(import.meta.url).resolve('pyodide/package.json'));
  const guest = await sources(join(here, 'guest'), '.ts');
  const shared = await Promise.all(
    ['Frames.ts', 'Messages.ts', 'Checked.ts'].map((name) => readFile(join(here, name), 'utf8')),
  );
  const modules = new Map([
    ...(await sources(join(here, 'python'), '.py')),
    ...(await sources(join(here, '../pylib'), '.py')),
  ]);
  const facts = [
    process.version,
    await readFile(join(pyodide, 'package.json'), 'utf8'),
    ...guest,
    ...shared,
    ...modules,
  ];
  const name = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
  const images = join(root, '.build/sandbox');
  const folder = join(images, name);
  await takeLease(images, name);
  if (existsSync(join(folder, 'snapshot.bin'))) return folder;

  const draft = `${folder}.${process.pid}.${Date.now()}`;
  try {
    await mkdir(join(draft, 'node_modules/pyodide'), { recursive: true });
    for (const file of pyodideFiles) await cp(join(pyodide, file), join(draft, file));
    for (const file of ['package.json', 'pyodide.mjs', 'pyodide.asm.mjs'])
      await cp(join(pyodide, file), join(draft, 'node_modules/pyodide', file));
    await writeFile(join(draft, 'modules.json'), JSON.stringify([...modules]));
    const { build } = await import('esbuild');
    await build({
      entryPoints: entries.map((entry) => join(here, 'guest', `${entry}.ts`)),
      outdir: draft,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['pyodide', 'pyodide/*'],
      logLevel: 'silent',
    });
    await promisify(execFile)(process.execPath, [join(draft, 'snapshot.mjs')], { env: {}, timeout: 120_000 });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process made the same one meanwhile.
    if (!existsSync(join(folder, 'snapshot.bin')))
      throw new SandboxFailure('start', 'Python could not be made ready for scripts.', { cause: error });
  }
  await deleteUnused(images, name);
  return folder;
}

/** The files of a folder by their path inside of it, sorted. */
async function sources(folder: string, extension: string): Promise<[path: string, text: string][]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(extension)).sort();
  return Promise.all(
    names.map(
      async (name): Promise<[string, string]> => [
        name.replaceAll('\\', '/'),
        await readFile(join(folder, name), 'utf8'),
      ],
    ),
  );
}
