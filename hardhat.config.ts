import { readdirSync } from 'node:fs';
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

/** Tests deploy the contracts from their artifacts, so that they themselves need no optimising: a fifth of the time. */
const tests = Object.fromEntries(
  readdirSync('test/solidity', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sol'))
    .map((file) => [
      `test/solidity/${file}`,
      { ...compiler, settings: { ...compiler.settings, optimizer: { enabled: false }, viaIR: false } },
    ]),
);

/** INVARIANTS=long (`npm run test:long`): over 100,000 calls by the invariants' actors. */
const long = process.env['INVARIANTS'] === 'long';

/** Coverage instruments the contracts: its artifacts must never be taken for the real ones. */
const build = process.argv.includes('--coverage') ? '.build/coverage' : '.build';
// test/solidity/base/Base.sol deploys from here.
process.env['ARTIFACTS'] = `${build}/artifacts`;

export default defineConfig({
  paths: {
    sources: 'contracts',
    artifacts: `${build}/artifacts`,
    cache: `${build}/cache`,
    tests: { solidity: 'test/solidity' },
  },
  solidity: {
    profiles: { default: { compilers: [compiler], overrides: tests }, production: { compilers: [compiler] } },
  },
  test: {
    solidity: {
      // Bytecode of Tellor's contracts from their npm package, of ours from the build.
      fsPermissions: { readDirectory: ['node_modules/usingtellor/artifacts', '.build'] },
      fuzz: { runs: long ? 2_000 : 64 },
      invariant: { runs: long ? 500 : 12, depth: long ? 250 : 60, failOnRevert: true },
    },
  },
});
