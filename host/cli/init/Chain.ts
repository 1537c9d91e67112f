import { formatUnits, zeroPadValue } from 'ethers';
import { load } from '../../../contracts/client/Artifact.ts';
import type { Deployment } from '../../../contracts/client/Deployment.ts';
import { type Address, address } from '../../../contracts/client/Hex.ts';
import { createHost } from '../../../contracts/client/HostContract.ts';
import { createOracle } from '../../../contracts/client/Oracle.ts';
import type { Rpc } from '../../../contracts/client/Rpc.ts';
import { isOurs } from '../../../contracts/client/Verify.ts';
import type { Wishes } from './Owner.ts';

/** How far the chain is with what a host needs. Amounts in smallest units. */
export type Readiness = {
  gas: { has: bigint; needs: bigint };
  contract: Address | undefined;
  reportsPerDay: number;
  stake: { has: bigint; needs: bigint };
};

/** Gas of so many deliveries should be there. */
const deliveries = 20n;
const gasOfDelivery = 300_000n;
/** Most blocks of one question to a node. */
const stretch = 5_000;

/** What the operator's key needs for a start, wei. */
export async function gasNeeded(rpc: Rpc): Promise<bigint> {
  return ((await rpc.getFeeData()).gasPrice ?? 0n) * gasOfDelivery * deliveries;
}

/**
 * Looks for the contract and at what it has.
 * @param of.known an address to try first
 * @param of.cursor the block from which contracts are looked for; moves on with each look
 */
export async function readReadiness(of: {
  rpc: Rpc;
  deployment: Deployment;
  operator: Address;
  wishes: Wishes;
  known: Address | undefined;
  cursor: { next: number };
}): Promise<Readiness> {
  const { rpc, deployment, operator, known } = of;
  const contract = known !== undefined && (await isHosts(of, known)) ? known : await findContract(of);
  const oracle = createOracle(rpc, deployment);
  const [has, needs, one] = await Promise.all([rpc.getBalance(operator), gasNeeded(rpc), oracle.stakeAmount()]);
  const base = { gas: { has, needs }, contract };
  if (contract === undefined) return { ...base, reportsPerDay: 0, stake: { has: 0n, needs: one } };
  const [{ reportsPerDay }, { staked }] = await Promise.all([
    createHost(rpc, contract, deployment).operatorOf(operator),
    oracle.stakerInfo(contract),
  ]);
  return { ...base, reportsPerDay, stake: { has: staked, needs: one } };
}

export const isReady = ({ gas, contract, reportsPerDay, stake }: Readiness): boolean =>
  contract !== undefined && reportsPerDay > 0 && gas.has >= gas.needs && stake.has >= stake.needs;

/** One line for people. */
export function progressText({ gas, contract, reportsPerDay, stake }: Readiness): string {
  const step = (done: boolean, text: string): string => `${done ? '✓' : '…'} ${text}`;
  return [
    step(gas.has >= gas.needs, `coin for gas ${formatUnits(gas.has, 18)} of ${formatUnits(gas.needs, 18)}`),
    step(contract !== undefined, contract === undefined ? 'contract' : `contract ${contract}`),
    step(reportsPerDay > 0, reportsPerDay > 0 ? `operator named, ${reportsPerDay} reports a day` : 'operator named'),
    step(stake.has >= stake.needs, `stake ${formatUnits(stake.has, 18)} of ${formatUnits(stake.needs, 18)}`),
  ].join('  ');
}

/** A Host names its operator in an event. Anybody can make one that names ours, so only one of this owner's counts. */
async function findContract(of: {
  rpc: Rpc;
  deployment: Deployment;
  operator: Address;
  wishes: Wishes;
  cursor: { next: number };
}): Promise<Address | undefined> {
  const { rpc, operator, cursor } = of;
  const topic = load('IHost').abi.getEvent('OperatorSet')?.topicHash ?? '';
  const head = await rpc.getBlockNumber();
  for (let from = cursor.next; from <= head; from += stretch) {
    const logs = await rpc.getLogs({
      topics: [topic, zeroPadValue(operator, 32)],
      fromBlock: from,
      toBlock: Math.min(head, from + stretch - 1),
    });
    for (const log of logs.toReversed()) if (await isHosts(of, address(log.address))) return address(log.address);
  }
  // A reorganisation may bring the event again in a later block.
  cursor.next = Math.max(cursor.next, head - 50);
  return undefined;
}

async function isHosts({ rpc, deployment, wishes }: { rpc: Rpc; deployment: Deployment; wishes: Wishes }, at: Address) {
  if (!(await isOurs(rpc, 'Host', at))) return false;
  const host = createHost(rpc, at, deployment);
  const [owner, market] = await Promise.all([host.owner(), host.market()]);
  return owner === wishes.owner && market === deployment.market;
}
