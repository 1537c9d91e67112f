import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractFactory, getCreateAddress, parseUnits, toBeHex, type Wallet } from 'ethers';
import { load } from '../contracts/client/Artifact.ts';
import type { Deployment } from '../contracts/client/Deployment.ts';
import { type Address, address } from '../contracts/client/Hex.ts';
import { createHost } from '../contracts/client/HostContract.ts';
import { loadOrCreateKey } from '../contracts/client/Keystore.ts';
import { createOracle } from '../contracts/client/Oracle.ts';
import type { Rpc } from '../contracts/client/Rpc.ts';
import type { Log } from '../contracts/client/support/Log.ts';
import { createToken } from '../contracts/client/Token.ts';
import { sendAll } from './transactions.ts';

/** What lies in a host's data folder. */
export const hostFiles = (dataDir: string) => ({
  key: join(dataDir, 'operator.key'),
  contract: join(dataDir, 'host-contract'),
  journal: join(dataDir, 'host.sqlite'),
  lock: join(dataDir, 'host.lock'),
});

/** Each stake backs one report inside the 12 hours of dispute: this many report every second, the most an address may. */
const stake = parseUnits('100000', 18);
/** One a second, all day. */
const reportsPerDay = 86_400;

export type EmbeddedHostOptions = { rpc: Rpc; deployment: Deployment; owner: Wallet; dataDir: string; log: Log };

/**
 * Everything a host needs on the embedded chain: operator key, contract, gas, stake. What is there already is left alone.
 * @param options.owner holds the stake's LANG and coin for gas; on a real network this key never comes near the process
 */
export async function prepareEmbeddedHost(
  options: EmbeddedHostOptions,
): Promise<{ hostContract: Address; operator: Address }> {
  const { rpc, deployment, owner, dataDir, log } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const files = hostFiles(dataDir);
  const operator = address((await loadOrCreateKey(files.key)).address);
  await rpc.send('anvil_setBalance', [operator, toBeHex(parseUnits('1000', 18))]);

  let hostContract = readContract(files.contract);
  if (hostContract === undefined || (await rpc.getCode(hostContract)) === '0x') {
    hostContract = await deployHost(rpc, owner, deployment);
    writeFileSync(files.contract, `${hostContract}\n`);
    log.info({ hostContract }, 'host contract deployed');
  }
  const host = createHost(rpc, hostContract, deployment);
  const [{ staked }, allowed] = await Promise.all([
    createOracle(rpc, deployment).stakerInfo(hostContract),
    host.operatorOf(operator),
  ]);
  const missing = stake - staked;
  const calls = [
    ...(missing > 0n
      ? [createToken(rpc, deployment.token).calls.approve(hostContract, missing), host.calls.stake(missing)]
      : []),
    ...(allowed.reportsPerDay < reportsPerDay ? [host.calls.setOperator(operator, reportsPerDay)] : []),
  ];
  if (calls.length > 0) {
    await sendAll(rpc, owner, calls);
    log.info({ hostContract, operator, staked: stake, reportsPerDay }, 'host staked, operator set');
  }
  return { hostContract, operator };
}

/** The address that `prepareEmbeddedHost` or `npm run host -- init` noted; undefined when there is none. */
export function readContract(file: string): Address | undefined {
  try {
    return address(readFileSync(file, 'utf8').trim());
  } catch {
    return undefined;
  }
}

/** Deploys a Host that `owner` owns. */
export async function deployHost(rpc: Rpc, owner: Wallet, deployment: Deployment): Promise<Address> {
  const { abi, bytecode } = load('Host');
  const nonce = await rpc.getTransactionCount(owner.address, 'pending');
  const contract = await new ContractFactory(abi, bytecode, owner.connect(rpc)).deploy(
    owner.address,
    deployment.market,
    { nonce },
  );
  while ((await rpc.getTransactionReceipt(contract.deploymentTransaction()?.hash ?? '')) === null)
    await new Promise((resolve) => setTimeout(resolve, 40));
  return address(getCreateAddress({ from: owner.address, nonce }));
}
