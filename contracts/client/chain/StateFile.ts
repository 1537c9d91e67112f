import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);

/** Writes what `anvil_dumpState` gave (gzip as hexadecimal): whole or not at all, also over a kill or a power cut. */
export async function writeState(file: string, dump: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(Buffer.from(dump.slice(2), 'hex'));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  if (process.platform === 'win32') return;
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}

/**
 * Lays a saved state out as anvil's `--load-state` wants it.
 * @returns the file for anvil, to be given to `removePlain` once anvil is up; undefined when nothing was saved
 */
export async function layOutState(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  const bytes = await readFile(file);
  const plain = `${file}.loading`;
  await writeFile(plain, bytes[0] === 0x1f ? await unzip(bytes) : bytes, { mode: 0o600 });
  return plain;
}

export async function removePlain(file: string): Promise<void> {
  await rm(file, { force: true });
}
