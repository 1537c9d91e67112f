import { existsSync, readFileSync } from 'node:fs';
import { computeAddress } from 'ethers';
import { z } from 'zod';
import { type Address, address } from '../contracts/client/Hex.ts';
import { hideSecret } from '../contracts/client/support/Log.ts';
import { SettingsError } from '../contracts/client/support/Settings.ts';

/** Whether a key file is an encrypted keystore; false when there is none. */
export function isEncrypted(keyFile: string): boolean {
  return existsSync(keyFile) && readFileSync(keyFile, 'utf8').trimStart().startsWith('{');
}

/**
 * The password of the operator's key: from `HOST_KEY_PASSWORD_FILE`, else for an encrypted key asked for on the terminal without
 * showing it; never from an argument or the environment, which other processes can read. It never reaches a log.
 * @returns undefined for a key that has none
 * @throws SettingsError when there is no terminal, or the file can't be read or is empty
 */
export async function keyPassword(file: string | undefined, keyFile: string): Promise<string | undefined> {
  const password = file !== undefined ? fromFile(file) : isEncrypted(keyFile) ? await fromTerminal(keyFile) : undefined;
  hideSecret(password);
  return password;
}

function fromFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new SettingsError(
      `HOST_KEY_PASSWORD_FILE is wrong: ${file} can't be read. It holds the password of the operator's key in one line.`,
      { cause },
    );
  }
  if (text === '')
    throw new SettingsError(`HOST_KEY_PASSWORD_FILE is wrong: ${file} is empty. It holds the password in one line.`);
  return text;
}

async function fromTerminal(keyFile: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new SettingsError(
      `The operator's key ${keyFile} is encrypted and there is no terminal to ask for its password. Set HOST_KEY_PASSWORD_FILE to a file that holds it. Example: HOST_KEY_PASSWORD_FILE=/run/secrets/host-password`,
    );
  // Loaded only where somebody is asked.
  const { password } = await import('@inquirer/prompts');
  return password({ message: `Password of the operator's key ${keyFile}` }, { output: process.stderr });
}

/**
 * The address of a key file, for which no password is needed; undefined when there is no such file.
 * @throws SettingsError when it is no key
 */
export function addressOfKey(keyFile: string): Address | undefined {
  if (!existsSync(keyFile)) return undefined;
  const text = readFileSync(keyFile, 'utf8').trim();
  try {
    if (!text.startsWith('{')) return address(computeAddress(text));
    const { address: found } = keystoreSchema.parse(JSON.parse(text));
    return address(found.startsWith('0x') ? found : `0x${found}`);
  } catch {
    // The cause could hold the key.
    throw new SettingsError(`The file ${keyFile} is not a key. Put the right file there, or move it away.`);
  }
}

const keystoreSchema = z.object({ address: z.string() });
