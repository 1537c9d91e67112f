import { existsSync, readFileSync } from 'node:fs';
import { Wallet } from 'ethers';
import { hideSecret } from '../../contracts/client/support/Log.ts';
import { SettingsError } from '../../contracts/client/support/Settings.ts';
import type { Context } from './Context.ts';

export type OwnerOptions = { ownerKey: string; passwordFile?: string };

/**
 * The owner's wallet, from a file with its key or keystore; the keystore's password from a file, or asked for without being shown.
 * Warns on what looks like the host's own machine: this key must not lie there.
 * @throws SettingsError what is wrong with the files; no key and no password is in the message
 */
export async function ownerWallet({ ownerKey, passwordFile }: OwnerOptions, context: Context): Promise<Wallet> {
  const { rpc, files, deployment } = context;
  if (existsSync(files.key) && deployment.embedded !== true)
    process.stderr.write(
      `The operator's key lies on this machine (${files.key}). Use the owner's key on another one: whoever breaks into a host must find no stake and no earnings.\n`,
    );
  const text = read(ownerKey, 'the key file').trim();
  const key = text.startsWith('{') ? await decrypted(text, ownerKey, passwordFile) : text;
  hideSecret(key);
  try {
    return new Wallet(key, rpc);
  } catch {
    // ethers' message may hold it.
    throw new SettingsError(
      `--owner-key: ${ownerKey} holds neither a key (0x and 64 hexadecimal digits) nor a keystore.`,
    );
  }
}

async function decrypted(keystore: string, file: string, passwordFile: string | undefined): Promise<string> {
  const password =
    passwordFile === undefined
      ? await askPassword(file)
      : read(passwordFile, 'the password file').replace(/\r?\n$/, '');
  hideSecret(password);
  try {
    return (await Wallet.fromEncryptedJson(keystore, password)).privateKey;
  } catch {
    throw new SettingsError(`--owner-key: ${file} can't be opened with the password given.`);
  }
}

async function askPassword(file: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new SettingsError(`--owner-key: ${file} is encrypted. Give --password-file, or run this on a terminal.`);
  const { password } = await import('@inquirer/prompts');
  return password({ message: `Password of ${file}` }, { output: process.stderr });
}

function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SettingsError(`${file}, ${what}, can't be read.`, { cause });
  }
}
