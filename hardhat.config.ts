import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';

/** The compiler ships as WebAssembly in the npm package `solc`, so that a build needs no download. */
const compiler = {
  version: '0.8.37',
  path: fileURLToPath(import.meta.resolve('solc/soljson.js')),
  settings: {
    // AskMarket has to fit 24,576 bytes: 20,000 runs make it 27,821, and save less than 1 % of an ask's gas.
    optimizer: { enabled: true, runs: 200 },
    viaIR: true,
    evmVersion: 'cancun',
    metadata: { bytecodeHash: 'none' },
  },
};

/** INVARIANTS=long (`npm run test:long`): over 100,000 calls by the invariants' actors. */
const long = process.env['INVARIANTS'] === 'long';

export default defineConfig({
  paths: {
    sources: 'contracts',
    artifacts: '.build/artifacts',
    cache: '.build/cache',
    tests: { solidity: 'test/solidity' },
  },
  solidity: { profiles: { default: { compilers: [compiler] }, production: { compilers: [compiler] } } },
  test: {
    solidity: {
      // Tellor's own bytecode comes from its npm package.
      fsPermissions: { readDirectory: ['node_modules/usingtellor/artifacts'] },
      fuzz: { runs: long ? 2_000 : 64 },
      invariant: { runs: long ? 500 : 12, depth: long ? 250 : 60, failOnRevert: true },
    },
  },
});
