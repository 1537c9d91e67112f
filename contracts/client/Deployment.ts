import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type Address, addressSchema } from './Hex.ts';

/**
 * Where the marketplace lies on one chain.
 * `fromBlock`: no event of ours is older. `token`: what the oracle is staked in (LANG on our own networks).
 * `embedded`: this machine's own throw-away chain, where time can be skipped and keys are public.
 */
export type Deployment = {
  chainId: number;
  fromBlock: number;
  market: Address;
  registry: Address;
  oracle: Address;
  governance: Address;
  token: Address;
  embedded?: boolean;
};

const schema = z.object({
  chainId: z.number().int().positive(),
  fromBlock: z.number().int().nonnegative(),
  market: addressSchema,
  registry: addressSchema,
  oracle: addressSchema,
  governance: addressSchema,
  token: addressSchema,
  embedded: z.boolean().optional(),
});

/** The address file is missing or wrong. The operator must act; trying again does not help. */
export class DeploymentError extends Error {
  override name = 'DeploymentError';
}

/** @throws DeploymentError with what is wrong and how to get a right one */
export function read(file: string): Deployment {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DeploymentError(`There is no address file at ${file}. Make one: npm run market -- deploy`, { cause });
  }
  return parse(text, file);
}

/** As `read`; undefined when there is no such file. @throws DeploymentError when it is wrong */
export function tryRead(file: string): Deployment | undefined {
  return existsSync(file) ? read(file) : undefined;
}

/** @throws DeploymentError naming `file` */
export function parse(text: string, file: string): Deployment {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DeploymentError(`The address file ${file} is not JSON. Make a new one: npm run market -- deploy`, {
      cause,
    });
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    const wrong = result.error.issues
      .map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
      .join('; ');
    throw new DeploymentError(`The address file ${file} is wrong: ${wrong}. Make a new one: npm run market -- deploy`);
  }
  const { embedded, ...rest } = result.data;
  return embedded === undefined ? rest : { ...rest, embedded };
}

/** Writes the file whole or not at all. */
export function write(file: string, deployment: Deployment): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = openSync(temporary, 'w', 0o644);
  writeSync(handle, `${JSON.stringify(deployment, null, 2)}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(temporary, file);
}
