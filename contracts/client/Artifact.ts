import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Interface } from 'ethers';
import { z } from 'zod';
import { type Hex, hex } from './Hex.ts';

const ours = ['AskMarket', 'ModelRegistry', 'Host', 'LangToken'] as const;
const interfaces = ['IAccounts', 'IAskMarket', 'IModelRegistry', 'IHost'] as const;
/** The genuine contracts, as the npm package `usingtellor` ships them. */
const tellors = {
  TellorFlex: 'tellorflex/contracts/TellorFlex.sol/TellorFlex.json',
  Governance: 'polygongovernance/contracts/Governance.sol/Governance.json',
} as const;

export type ArtifactName = (typeof ours)[number] | (typeof interfaces)[number] | keyof typeof tellors;
export const artifactNames: readonly ArtifactName[] = [...ours, ...interfaces, 'TellorFlex', 'Governance'];

/** `bytecode` is the creation code, `deployedBytecode` what lies on chain (immutables are zero in it); `0x` for an interface. */
export type Artifact = { abi: Interface; bytecode: Hex; deployedBytecode: Hex; immutables: readonly Immutable[] };
/** Where a value known only at deployment stands in `deployedBytecode`, in bytes. */
export type Immutable = { start: number; length: number };

const schema = z.object({
  abi: z.array(z.record(z.string(), z.unknown())),
  bytecode: z.string(),
  deployedBytecode: z.string(),
  immutableReferences: z.record(z.string(), z.array(z.object({ start: z.number(), length: z.number() }))).optional(),
});

const loaded = new Map<ArtifactName, Artifact>();

/**
 * A compiled contract: ours from `.build/artifacts`, Tellor's from the package `usingtellor`.
 * @throws Error when the contracts have not been compiled (`node setup.mjs` does it)
 */
export function load(name: ArtifactName): Artifact {
  const known = loaded.get(name);
  if (known) return known;
  const { abi, bytecode, deployedBytecode, immutableReferences } = schema.parse(JSON.parse(text(name)));
  const artifact: Artifact = {
    abi: new Interface(abi as ConstructorParameters<typeof Interface>[0]),
    bytecode: hex(bytecode),
    deployedBytecode: hex(deployedBytecode),
    immutables: immutableReferences ? Object.values(immutableReferences).flat() : guessed(deployedBytecode),
  };
  loaded.set(name, artifact);
  return artifact;
}

/** Tellor's artifacts don't say where immutables are: each is a PUSH32 of zeros. */
function guessed(code: string): Immutable[] {
  return [...code.matchAll(/7f0{64}/g)].map(({ index }) => ({ start: index / 2, length: 32 }));
}

function text(name: ArtifactName): string {
  const file = fileOf(name);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`The compiled contract ${name} is missing (${file}). Run: node setup.mjs`, { cause });
  }
}

function fileOf(name: ArtifactName): string {
  if (name === 'TellorFlex' || name === 'Governance') {
    return createRequire(import.meta.url).resolve(`usingtellor/artifacts/${tellors[name]}`);
  }
  const folder = (interfaces as readonly string[]).includes(name) ? 'interfaces/' : '';
  return new URL(`../../.build/artifacts/contracts/${folder}${name}.sol/${name}.json`, import.meta.url).pathname;
}
