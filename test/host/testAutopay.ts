import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interface } from 'ethers';
import solc from 'solc';
import { z } from 'zod';
import { type Hex, hex } from '../../contracts/client/Hex.ts';

const output = z.object({
  contracts: z.object({
    'TestAutopay.sol': z.object({
      TestAutopay: z.object({
        abi: z.array(z.record(z.string(), z.unknown())),
        evm: z.object({ bytecode: z.object({ object: z.string() }) }),
      }),
    }),
  }),
});

/** The test contract, compiled now: what only tests deploy is not among the artifacts. */
export function compileTestAutopay(): { abi: Interface; bytecode: Hex } {
  const content = readFileSync(join(import.meta.dirname, '../solidity/base/TestAutopay.sol'), 'utf8');
  const input = {
    language: 'Solidity',
    sources: { 'TestAutopay.sol': { content } },
    settings: { evmVersion: 'cancun', outputSelection: { '*': { TestAutopay: ['abi', 'evm.bytecode.object'] } } },
  };
  const { abi, evm } = output.parse(JSON.parse(solc.compile(JSON.stringify(input)))).contracts['TestAutopay.sol']
    .TestAutopay;
  return {
    abi: new Interface(abi as ConstructorParameters<typeof Interface>[0]),
    bytecode: hex(`0x${evm.bytecode.object}`),
  };
}
