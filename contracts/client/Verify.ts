import { type Artifact, type ArtifactName, load } from './Artifact.ts';
import { explain } from './ContractError.ts';
import type { Deployment } from './Deployment.ts';
import type { Address } from './Hex.ts';
import { createOracle } from './Oracle.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';

/** One thing that was looked at. `wrong` makes the deployment unusable; `warning` is for a person to judge. */
export type Finding = { level: 'ok' | 'warning' | 'wrong'; what: string };

/** Whether what lies at the addresses is what this program was built for, and fits together. */
export async function verify(rpc: Rpc, deployment: Deployment): Promise<Finding[]> {
  const findings: Finding[] = [];
  const note = (level: Finding['level'], what: string) => findings.push({ level, what });
  const chainId = Number((await rpc.getNetwork()).chainId);
  if (chainId !== deployment.chainId) {
    note('wrong', `the RPC URL is of chain ${chainId}, the address file of chain ${deployment.chainId}`);
    return findings;
  }
  const contracts: [ArtifactName, Address, Finding['level']][] = [
    ['AskMarket', deployment.market, 'wrong'],
    ['ModelRegistry', deployment.registry, 'wrong'],
    // A public network's oracle can be compiled otherwise than the one in the npm package.
    ['TellorFlex', deployment.oracle, 'warning'],
    ['Governance', deployment.governance, 'warning'],
  ];
  await Promise.all(
    contracts.map(async ([name, at, otherwise]) => {
      const code = await rpc.getCode(at);
      if (code === '0x') note('wrong', `there is no contract at ${at}, where ${name} should be`);
      else if (sameCode(code, load(name))) note('ok', `${name} at ${at} is byte for byte ours`);
      else note(otherwise, `the contract at ${at} is not the ${name} that this version was built with`);
    }),
  );
  if (findings.some(({ what }) => what.startsWith('there is no contract'))) return findings;
  await links(rpc, deployment, note);
  return findings;
}

async function links(rpc: Rpc, d: Deployment, note: (level: Finding['level'], what: string) => void): Promise<void> {
  const same = async (what: string, read: () => Promise<unknown>, expected: string) => {
    try {
      const found = String(await read());
      const right = found.toLowerCase() === expected.toLowerCase();
      note(right ? 'ok' : 'wrong', right ? what : `${what}: it is ${found}, not ${expected}`);
    } catch (error) {
      note('wrong', `${what}: ${explain(error).sentence}`);
    }
  };
  const market = createReader(rpc, d.market, load('IAskMarket').abi);
  const registry = createReader(rpc, d.registry, load('IModelRegistry').abi);
  const oracle = createOracle(rpc, d);
  const one = async (result: Promise<ArrayLike<unknown>>) => (await result)[0];
  await same('the market uses the registry', () => one(market('registry')), d.registry);
  await same('the market uses the oracle', () => one(market('oracle')), d.oracle);
  await same('the registry uses the oracle', () => one(registry('oracle')), d.oracle);
  await same('the oracle has its governance', () => oracle.governance(), d.governance);
  await same('the oracle is staked in the token', () => oracle.token(), d.token);
  const [lock, stake] = await Promise.all([oracle.reportingLock(), oracle.stakeAmount()]);
  note(lock >= 43_200 ? 'ok' : 'wrong', `the oracle’s reporting lock is ${lock} s`);
  note(stake > 0n ? 'ok' : 'wrong', `one stake is ${stake} of the token’s smallest units`);
}

/** Whether what lies at `at` is the contract that this program was built with; false where there is none. */
export async function isOurs(rpc: Rpc, name: ArtifactName, at: Address): Promise<boolean> {
  return sameCode(await rpc.getCode(at), load(name));
}

/** Equal but for the values that were set at deployment. */
function sameCode(onChain: string, { deployedBytecode, immutables }: Artifact): boolean {
  const mask = (code: string) => {
    const digits = [...code.slice(2).toLowerCase()];
    for (const { start, length } of immutables) digits.fill('0', start * 2, (start + length) * 2);
    return digits.join('');
  };
  return onChain.length === deployedBytecode.length && mask(onChain) === mask(deployedBytecode);
}
