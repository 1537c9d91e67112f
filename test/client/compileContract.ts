import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interface } from 'ethers';
import solc from 'solc';
import { z } from 'zod';
import { type Hex, hex } from '../../contracts/client/Hex.ts';

const contract = z.object({
  abi: z.array(z.record(z.string(), z.unknown())),
  evm: z.object({ bytecode: z.object({ object: z.string() }) }),
});
const output = z.object({ contracts: z.object({ source: z.record(z.string(), contract) }) });

/** A contract of test/solidity/base, compiled now: what only tests deploy is not among the artifacts. */
export function compileContract(name: string): { abi: Interface; bytecode: Hex } {
  const content = readFileSync(join(import.meta.dirname, `../solidity/base/${name}.sol`), 'utf8');
  const input = {
    language: 'Solidity',
    sources: { source: { content } },
    settings: { evmVersion: 'cancun', outputSelection: { '*': { [name]: ['abi', 'evm.bytecode.object'] } } },
  };
  const found = output.parse(JSON.parse(solc.compile(JSON.stringify(input)))).contracts.source[name];
  if (!found) throw new Error(`${name}.sol holds no contract ${name}`);
  return {
    abi: new Interface(found.abi as ConstructorParameters<typeof Interface>[0]),
    bytecode: hex(`0x${found.evm.bytecode.object}`),
  };
}
