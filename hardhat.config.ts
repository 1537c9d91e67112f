import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';

/** The compiler ships as WebAssembly in the npm package `solc`, so that a build needs no download. */
const compiler = {
  version: '0.8.37',
  path: fileURLToPath(import.meta.resolve('solc/soljson.js')),
  settings: {
    optimizer: { enabled: true, runs: 20_000 },
    viaIR: true,
    evmVersion: 'cancun',
    metadata: { bytecodeHash: 'none' },
  },
};

export default defineConfig({
  paths: { sources: 'contracts', artifacts: '.build/artifacts', cache: '.build/cache', tests: { solidity: 'test/solidity' } },
  solidity: { profiles: { default: { compilers: [compiler] }, production: { compilers: [compiler] } } },
});
