import { formatUnits } from 'ethers';
import type { Address } from '../../../contracts/client/Hex.ts';
import { createHost } from '../../../contracts/client/HostContract.ts';
import { loadOrCreateKey } from '../../../contracts/client/Keystore.ts';
import { createOracle } from '../../../contracts/client/Oracle.ts';
import { latest } from '../../../contracts/client/Rpc.ts';
import { isOurs } from '../../../contracts/client/Verify.ts';
import { addressOfKey, isEncrypted, keyPassword } from '../../operatorKey.ts';
import { figuresOf } from '../../store/Figures.ts';
import { type Context, needContract, withJournal } from '../Context.ts';
import { type Finding, look, type Result } from './Finding.ts';
import { modeOf, openToOthers } from './files.ts';

/** Gas of so many deliveries should be there. */
const deliveries = 20n;
const gasOfDelivery = 300_000n;

/** The operator's key and coin, the host's contract, what its owner allows, and the stake. */
export async function* keyChecks(context: Context): AsyncGenerator<Finding> {
  const { rpc, deployment, settings, files } = context;
  const operator = addressIn(files.key);
  yield await look('operator key', 'npm run host -- init makes one.', async () => {
    const mode = await modeOf(files.key);
    if (mode === undefined) return { ok: false, found: `there is none at ${files.key}` };
    if (openToOthers(mode)) return { ok: false, found: 'others can read it', cure: `chmod 600 ${files.key}` };
    const passwordFile = settings.HOST_KEY_PASSWORD_FILE;
    const passwordMode = passwordFile === undefined ? undefined : await modeOf(passwordFile);
    if (passwordFile !== undefined && passwordMode !== undefined && openToOthers(passwordMode))
      return { ok: false, found: 'others can read its password', cure: `chmod 600 ${passwordFile}` };
    const { address } = await loadOrCreateKey(files.key, await keyPassword(passwordFile, files.key));
    if (isEncrypted(files.key)) return { ok: true, found: `${address}, encrypted` };
    const advice =
      'The key is not encrypted. npm run host -- init can make one that is; docs/host.md says how to change over.';
    return { ok: true, found: address, ...(!deployment.embedded && { cure: advice }) };
  });
  if (operator !== undefined)
    yield await look('gas', `Send coin to the operator: ${operator}`, async () => {
      const [balance, { gasPrice }] = await Promise.all([rpc.getBalance(operator), rpc.getFeeData()]);
      const needed = (gasPrice ?? 0n) * gasOfDelivery * deliveries;
      return {
        ok: balance >= needed && balance > 0n,
        found: `${formatUnits(balance, 18)} of the chain’s coin; twenty deliveries cost ${formatUnits(needed, 18)} now`,
      };
    });
  yield await look('host contract', 'npm run host -- init says how to get one.', () =>
    contractFound(context, operator),
  );
  if (context.hostContract === undefined) return;
  const host = createHost(rpc, context.hostContract, deployment);
  if (operator !== undefined)
    yield await look(
      'operator allowed',
      `On the owner’s machine: npm run host -- set-operator --owner-key FILE --operator ${operator} --reports-per-day 24`,
      async () => {
        const { reportsPerDay, usedToday } = await host.operatorOf(operator);
        return {
          ok: reportsPerDay > 0,
          found:
            reportsPerDay === 0 ? 'no: it may make no report' : `${usedToday} of ${reportsPerDay} reports used today`,
        };
      },
    );
  yield await look('stake', 'On the owner’s machine: npm run host -- stake --owner-key FILE --amount AMOUNT', () =>
    stakeFound(context, host.address),
  );
}

/** A file that is no key is told of by the check of the key. */
function addressIn(file: string): Address | undefined {
  try {
    return addressOfKey(file);
  } catch {
    return undefined;
  }
}

async function contractFound(context: Context, operator: Address | undefined): Promise<Result> {
  const { rpc, deployment } = context;
  const contract = needContract(context);
  if ((await rpc.getCode(contract)) === '0x')
    return { ok: false, found: `there is no contract at ${contract}`, cure: 'Check HOST_CONTRACT and the chain.' };
  if (!(await isOurs(rpc, 'Host', contract)))
    return {
      ok: false,
      found: `the contract at ${contract} is not the Host that this version was built with`,
      cure: 'Do not stake into it. Deploy one with this version, or use the version that deployed it.',
    };
  const host = createHost(rpc, contract, deployment);
  const [owner, market] = await Promise.all([host.owner(), host.market()]);
  if (market !== deployment.market)
    return {
      ok: false,
      found: `it belongs to another market, ${market}`,
      cure: 'Check HOST_CONTRACT and DEPLOYMENT_FILE.',
    };
  const hot = owner === operator;
  return {
    ok: !hot || deployment.embedded === true,
    found: `${contract}, owned by ${owner}`,
    ...(hot && {
      cure: 'The operator owns it: whoever steals this machine’s key takes stake and earnings. Hand it to a cold key (offerOwnership).',
    }),
  };
}

async function stakeFound(context: Context, contract: Address): Promise<Result> {
  const oracle = createOracle(context.rpc, context.deployment);
  const [{ staked }, one, next, head] = await Promise.all([
    oracle.stakerInfo(contract),
    oracle.stakeAmount(),
    oracle.nextReportAt(contract),
    latest(context.rpc),
  ]);
  const { reportsAtRisk } = withJournal(context, (database) => figuresOf(database, head.timestamp));
  const stakes = one > 0n ? staked / one : 0n;
  if (stakes === 0n)
    return { ok: false, found: `${formatUnits(staked, 18)} staked; one stake is ${formatUnits(one, 18)}` };
  const found = `${formatUnits(staked, 18)}: ${stakes} stake${stakes === 1n ? '' : 's'}; ${reportsAtRisk} report${reportsAtRisk === 1 ? '' : 's'} at risk; the next ${next <= head.timestamp ? 'at once' : `from ${new Date(next * 1_000).toISOString()}`}`;
  return BigInt(reportsAtRisk) > stakes
    ? { ok: true, found, cure: 'More reports can be disputed than stakes stand behind: the owner should stake more.' }
    : { ok: true, found };
}
