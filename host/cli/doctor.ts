import { readFileSync } from 'node:fs';
import { formatUnits } from 'ethers';
import { address } from '../../contracts/client/Hex.ts';
import { createHost } from '../../contracts/client/HostContract.ts';
import { loadOrCreateKey } from '../../contracts/client/Keystore.ts';
import { createOracle } from '../../contracts/client/Oracle.ts';
import { latest } from '../../contracts/client/Rpc.ts';
import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { chooseProvider } from '../runtime/provider/choose.ts';
import { run } from '../runtime/run.ts';
import { type Context, needContract } from './Context.ts';

/** One thing that was looked at. `cure` is there when it is not as it should be. */
export type Finding = { name: string; ok: boolean; found: string; cure?: string };

/** Gas of a few days' work on a quiet network; below it the operator is told. Wei. */
const leastCoin = 5_000_000_000_000_000n;

/** Looks at everything that a host needs, the model by a real call. Never throws for what it finds. */
export async function* examine(context: Context): AsyncGenerator<Finding> {
  const { rpc, deployment, settings } = context;
  yield await look('chain', 'Check RPC_URLS; the node must be reachable and of the right chain.', async () => {
    const head = await latest(rpc);
    const age = Math.round(Date.now() / 1_000) - head.timestamp;
    const stale = age > 300 && deployment.embedded !== true;
    return {
      ok: !stale,
      found: `chain ${deployment.chainId}, block ${head.number}, ${age} s old`,
      cure: 'The newest block is old: the node is behind, or this machine’s clock is wrong.',
    };
  });
  yield await look('market', 'DEPLOYMENT_FILE belongs to another chain: get the right one.', async () => ({
    ok: (await rpc.getCode(deployment.market)) !== '0x',
    found: deployment.market,
  }));
  const password = settings.HOST_KEY_PASSWORD_FILE && readFileSync(settings.HOST_KEY_PASSWORD_FILE, 'utf8').trimEnd();
  let operator = deployment.market;
  yield await look(
    'operator key',
    'Move the file away and a new key is made, or give its password with HOST_KEY_PASSWORD_FILE.',
    async () => {
      operator = address((await loadOrCreateKey(context.files.key, password || undefined)).address);
      return { ok: true, found: operator };
    },
  );
  yield await look('gas', `Send coin to the operator’s address ${operator}.`, async () => {
    const balance = await rpc.getBalance(operator);
    return { ok: balance >= leastCoin, found: `${formatUnits(balance, 18)} of the chain’s coin` };
  });
  yield await look('host contract', 'Deploy one with the owner’s key: npm run host -- deploy', async () => {
    const host = createHost(rpc, needContract(context), deployment);
    const [owner, market] = await Promise.all([host.owner(), host.market()]);
    return {
      ok: market === deployment.market,
      found: `${host.address}, owned by ${owner}`,
      cure: `It belongs to another market (${market}).`,
    };
  });
  yield await look('operator allowed', 'The owner names it: npm run host -- set-operator', async () => {
    const { reportsPerDay, usedToday } = await createHost(rpc, needContract(context), deployment).operatorOf(operator);
    return {
      ok: reportsPerDay > 0,
      found: reportsPerDay === 0 ? 'no' : `${usedToday} of ${reportsPerDay} reports used today`,
    };
  });
  yield await look('stake', 'The owner stakes: npm run host -- stake', async () => {
    const oracle = createOracle(rpc, deployment);
    const contract = needContract(context);
    const [{ staked }, one, next] = await Promise.all([
      oracle.stakerInfo(contract),
      oracle.stakeAmount(),
      oracle.nextReportAt(contract),
    ]);
    const ok = staked >= one;
    return {
      ok,
      found: `${formatUnits(staked, 18)} staked, ${formatUnits(one, 18)} is one stake${ok ? `, next report from ${new Date(next * 1_000).toISOString()}` : ''}`,
    };
  });
  yield await look(
    'model',
    'Set OPENAI_API_KEY, or OPENAI_BASE_URL, or start Ollama and pull a model; docs/host.md says more.',
    async () => {
      const provider = await chooseProvider(settings);
      const values = readPlainWorkload('prompt = "Answer with one word."\ninput = "x"').valuesFor(
        'What is TellorFlex?',
      );
      const served = provider.serves(undefined);
      if (!served.ok) return { ok: false, found: served.reason };
      const started = performance.now();
      const answer = await run({
        provider,
        model: served.model,
        values,
        timeoutMs: settings.HOST_MODEL_TIMEOUT_SECONDS * 1_000,
        maxBytes: settings.HOST_MAX_ANSWER_BYTES,
      });
      const ok = provider.name !== 'guide' || deployment.embedded === true;
      return {
        ok,
        found: `${provider.label} answered ${answer.length} characters in ${((performance.now() - started) / 1_000).toFixed(1)} s`,
        cure: 'The guide is no language model and makes no offers on a real network. Set OPENAI_API_KEY, or OPENAI_BASE_URL, or start Ollama.',
      };
    },
  );
}

async function look(
  name: string,
  cure: string,
  work: () => Promise<{ ok: boolean; found: string; cure?: string }>,
): Promise<Finding> {
  try {
    const result = await work();
    return result.ok
      ? { name, ok: true, found: result.found }
      : { name, ok: false, found: result.found, cure: result.cure ?? cure };
  } catch (error) {
    return { name, ok: false, found: error instanceof Error ? error.message : String(error), cure };
  }
}
