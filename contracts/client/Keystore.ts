import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Wallet } from 'ethers';
import { hideSecret } from './support/Log.ts';

/** A key file can't be used. The operator must act; trying again does not help. */
export class KeyError extends Error {
  override name = 'KeyError';
}

/**
 * The wallet of a key file, made at the first call. Without a password the file holds the bare key and is readable by its
 * owner alone (mode 0600 in a folder of mode 0700); with one it is the encrypted JSON keystore that every wallet knows.
 * The key never reaches a log.
 * @throws KeyError when the file is not a key, or the password is wrong or missing
 */
export async function loadOrCreateKey(file: string, password?: string): Promise<Wallet> {
  hideSecret(password);
  const wallet = (await load(file, password)) ?? (await create(file, password));
  hideSecret(wallet.privateKey);
  hideSecret(wallet.privateKey.slice(2));
  return wallet;
}

async function load(file: string, password: string | undefined): Promise<Wallet | undefined> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeyError(`The key file ${file} can't be read`, { cause: error });
  }
  if (text.startsWith('{')) return decrypt(file, text, password);
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) {
    throw new KeyError(
      `The file ${file} is not a key. Put the right file there, or move it away and a new key is made`,
    );
  }
  if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600);
  return new Wallet(text);
}

async function decrypt(file: string, text: string, password: string | undefined): Promise<Wallet> {
  if (password === undefined) throw new KeyError(`The key file ${file} is encrypted and no password was given`);
  try {
    const { privateKey } = await Wallet.fromEncryptedJson(text, password);
    return new Wallet(privateKey);
  } catch {
    throw new KeyError(`The key file ${file} can't be opened with the password given`);
  }
}

async function create(file: string, password: string | undefined): Promise<Wallet> {
  const wallet = new Wallet(Wallet.createRandom().privateKey);
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = password === undefined ? wallet.privateKey : await wallet.encrypt(password);
  // Written beside, then linked: a kill leaves no half a key, and two processes that start together get the same one.
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return loadOrCreateKey(file, password);
    throw error;
  } finally {
    await unlink(temporary);
  }
  return wallet;
}
