import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as Amount from '../contracts/client/Amount.ts';
import * as Deployment from '../contracts/client/Deployment.ts';
import { cursorSchema, follow } from '../contracts/client/follow/follow.ts';
import { createGovernance } from '../contracts/client/Governance.ts';
import { type Address, address, type Hex } from '../contracts/client/Hex.ts';
import { createHost } from '../contracts/client/HostContract.ts';
import { loadOrCreateKey } from '../contracts/client/Keystore.ts';
import { createMarket } from '../contracts/client/Market.ts';
import { createOracle } from '../contracts/client/Oracle.ts';
import { createRegistry } from '../contracts/client/Registry.ts';
import { connect, latest } from '../contracts/client/Rpc.ts';
import { createSender } from '../contracts/client/send/Sender.ts';
import { createLog, hideSecret } from '../contracts/client/support/Log.ts';
import { onStop, ready } from '../contracts/client/support/Process.ts';
import { environment, parseSettings, SettingsError } from '../contracts/client/support/Settings.ts';
import { open } from '../contracts/client/support/Sqlite.ts';
import { takeLock } from './lock.ts';
import { createMetrics } from './metrics/Metrics.ts';
import { serveMetrics } from './metrics/server.ts';
import { createActions } from './reporter/Actions.ts';
import { type Considered, consider } from './reporter/Consider.ts';
import { createDisputes } from './reporter/Disputes.ts';
import { createOffers } from './reporter/Offers.ts';
import { createPlanner, windowSeconds } from './reporter/Planner.ts';
import { createReporter, spareSeconds } from './reporter/Reporter.ts';
import { createTakeOvers } from './reporter/TakeOvers.ts';
import { chooseProvider } from './runtime/provider/choose.ts';
import { hostSettings } from './settings.ts';
import { hostFiles, readContract } from './setup.ts';
import { createJournal } from './store/Journal.ts';
import type { Life } from './store/Life.ts';

/** The host's process: everything from settings to the line that says it is ready. Resolves then; stops on SIGINT and SIGTERM. */
export async function startHost(): Promise<void> {
  const env = environment();
  hideSecret(env['OPENAI_API_KEY']);
  const settings = parseSettings(hostSettings, env);
  const files = hostFiles(settings.HOST_DATA_DIR);
  mkdirSync(settings.HOST_DATA_DIR, { recursive: true, mode: 0o700 });
  if (settings.HOST_LOG_FILE) mkdirSync(dirname(settings.HOST_LOG_FILE), { recursive: true });
  const log = createLog({
    name: 'host',
    level: settings.LOG_LEVEL,
    ...(settings.HOST_LOG_FILE && { file: settings.HOST_LOG_FILE }),
  });
  const unlock = takeLock(files.lock);

  const deployment = Deployment.read(settings.DEPLOYMENT_FILE);
  const hostContract = settings.HOST_CONTRACT ?? readContract(files.contract);
  if (hostContract === undefined)
    throw new SettingsError(
      `HOST_CONTRACT is not set and ${files.contract} names none: the host needs its contract's address. Example: HOST_CONTRACT=0x5FbDB2315678afecb367f032d93F642f64180aa3 (docs/host.md says how to deploy one)`,
    );
  const password = settings.HOST_KEY_PASSWORD_FILE && readFileSync(settings.HOST_KEY_PASSWORD_FILE, 'utf8').trimEnd();
  const key = await loadOrCreateKey(files.key, password || undefined);
  const operator = address(key.address);
  const [rpc, provider] = await Promise.all([
    connect(settings.RPC_URLS, { chainId: deployment.chainId }),
    chooseProvider(settings),
  ]);

  const database = open(files.journal);
  const journal = createJournal(database, hostContract);
  const sender = createSender({ rpc, wallet: key.connect(rpc), database, chainId: deployment.chainId, log });
  const market = createMarket(rpc, deployment);
  const registry = createRegistry(rpc, deployment);
  const oracle = createOracle(rpc, deployment);
  const host = createHost(rpc, hostContract, deployment);
  const scriptOf = cached((workload: Hex) => registry.scriptOf(workload));
  const nextReportAt = () => oracle.nextReportAt(hostContract);

  const actions = createActions({ journal, sender, log });
  const planner = createPlanner({ journal, actions, market, host, operator, deployment, nextReportAt });
  const metrics = createMetrics();
  const checked = async (life: Life, now: number): Promise<Considered> =>
    consider(life, {
      provider,
      maxInputBytes: settings.HOST_MAX_INPUT_BYTES,
      minSeconds: spareSeconds * 2,
      now,
      nextReportAt: life.ask.byReport ? await nextReportAt() : 0,
      scriptOf,
    });
  const reporter = createReporter({
    journal,
    provider,
    actions,
    planner,
    takeOvers: settings.HOST_TAKE_OVER
      ? createTakeOvers({ journal, actions, registry, host, consider: checked, log })
      : undefined,
    consider: checked,
    metrics,
    concurrency: settings.HOST_CONCURRENCY,
    maxAnswerBytes: settings.HOST_MAX_ANSWER_BYTES,
    modelTimeoutMs: settings.HOST_MODEL_TIMEOUT_SECONDS * 1_000,
    log,
  });
  const [{ staked }, oneStake] = await Promise.all([oracle.stakerInfo(hostContract), oracle.stakeAmount()]);
  const offers = createOffers({
    registry,
    host,
    sender,
    provider,
    deployment,
    pricing: {
      coin: amountOf('HOST_PRICE_COIN', settings.HOST_PRICE_COIN),
      token: amountOf('HOST_PRICE_TOKEN', settings.HOST_PRICE_TOKEN),
      royaltyFreeIsFree: settings.HOST_FREE ?? deployment.embedded === true,
    },
    terms: {
      maxInputBytes: settings.HOST_MAX_INPUT_BYTES,
      exclusiveSeconds: settings.HOST_EXCLUSIVE_SECONDS,
      reportWithinSeconds: reportWithin(staked, oneStake),
    },
    scriptOf,
    log,
  });
  /** The guide charges nobody on a real network: it is no language model. */
  const mayOffer = provider.name !== 'guide' || deployment.embedded === true;

  const governance = createGovernance(rpc, deployment);
  const disputes = createDisputes({ rpc, deployment, governance, host, journal, sender, log });
  let disputesBusy = false;
  const checkDisputes = async (): Promise<void> => {
    if (disputesBusy || abort.signal.aborted) return;
    disputesBusy = true;
    await disputes
      .check(reporter.followed(), reporter.now())
      .catch((error: unknown) => log.warn({ err: error }, 'disputes could not be looked at; trying again'));
    disputesBusy = false;
  };

  await sender.resume();
  const abort = new AbortController();
  const { promise: caughtUp, resolve: nowCaughtUp } = Promise.withResolvers<void>();
  let live = false;
  const cursor = journal.meta('cursor');
  const following = follow({
    rpc,
    deployment,
    start: cursor === undefined ? { fromBlock: deployment.fromBlock } : cursorSchema.parse(JSON.parse(cursor)),
    confirmations: settings.CONFIRMATIONS,
    pollMs: settings.CHAIN_POLL_MS ?? (deployment.embedded ? 100 : 500),
    signal: abort.signal,
    log,
    onUpdate: async (update) => {
      reporter.apply(update);
      if (update.type === 'undo') {
        disputes.undo(update.toBlock);
        return;
      }
      await checkLive();
      if (!live) return;
      void reporter.tick();
      for (const event of update.events)
        if ((event.type === 'ModelListed' || event.type === 'ModelUpdated' || event.type === 'HostListed') && mayOffer)
          void offers
            .model(event.modelId, true)
            .catch((error: unknown) => log.warn({ err: error }, 'the offer failed'));
    },
  });
  /** Nothing is begun on old news: a stopped host first learns what happened meanwhile. */
  async function checkLive(): Promise<void> {
    if (live) return;
    const head = await latest(rpc).then(
      ({ number }) => number,
      () => Number.POSITIVE_INFINITY,
    );
    live = head - reporter.followed() <= settings.CONFIRMATIONS + 2;
    if (live) nowCaughtUp();
  }
  // What became of a transaction, or the end of a pause, is known before the next block comes, which on an idle chain takes long.
  let turn = 0;
  /** Ticks of 100 ms between looks for disputes. */
  const checkEvery = deployment.embedded ? 20 : 300;
  const wake = setInterval(() => {
    if (live && turn % checkEvery === 0) void checkDisputes();
    if (!live) void checkLive();
    else if (++turn % 10 === 0 || journal.actions('pending').length > 0) void reporter.tick();
  }, 100);
  const health = setInterval(() => void checkHealth(), 30_000);
  let healthy = true;
  const checkHealth = async (): Promise<void> => {
    const now = await provider.healthy(AbortSignal.timeout(10_000));
    if (now === healthy || abort.signal.aborted) return;
    healthy = now;
    log.warn({ provider: provider.name, healthy }, healthy ? 'the provider is back' : 'the provider is down');
    await offers
      .all(healthy && mayOffer)
      .catch((error: unknown) => log.warn({ err: error }, 'offers could not be changed'));
  };

  const page =
    settings.HOST_METRICS_PORT === undefined
      ? undefined
      : await serveMetrics(settings.HOST_METRICS_PORT, {
          metrics,
          journal,
          facts: () => ({
            provider: provider.label,
            healthy,
            running: reporter.running(),
            followed: reporter.followed(),
            chainTime: reporter.now(),
          }),
          money: async () => {
            const [balance, staker, next] = await Promise.all([
              rpc.getBalance(operator),
              oracle.stakerInfo(hostContract),
              nextReportAt(),
            ]);
            return { operatorWei: balance, staked: staker.staked, nextReportAt: next };
          },
        });

  const stop = async (): Promise<void> => {
    log.info('stopping');
    clearInterval(wake);
    clearInterval(health);
    abort.abort();
    await page?.close();
    await following.catch(() => undefined);
    await reporter.stop();
    await sender.stop();
    database.close();
    unlock();
  };
  onStop(stop);
  following.catch(async (error: unknown) => {
    if (abort.signal.aborted) return;
    log.fatal({ err: error }, 'the chain can not be followed');
    await stop().catch(() => undefined);
    process.exit(1);
  });

  await caughtUp;
  await offers.all(mayOffer);
  log.info({ hostContract, operator, provider: provider.label, staked }, 'ready');
  ready({
    provider: provider.name,
    label: provider.label,
    hostContract,
    operator,
    offering: mayOffer,
    ...(page && { metrics: page.url }),
  });
}

/** Coin and LANG both have 18 decimals. @throws SettingsError */
function amountOf(name: string, text: string): bigint {
  const amount = Amount.parse(text, 18);
  if (typeof amount !== 'bigint') throw new SettingsError(`${name} is wrong: ${String(amount)} Example: ${name}=0.05`);
  return amount;
}

/** Time to report in: an hour, or twice the wait between two reports where few stakes make that longer. Seconds. */
function reportWithin(staked: bigint, stakeAmount: bigint): number {
  const stakes = stakeAmount > 0n ? staked / stakeAmount : 0n;
  const between = windowSeconds / Number(stakes > 0n ? stakes : 1n);
  return Math.max(3_600, Math.ceil(between * 2) + 600);
}

/** Scripts are known by their hash, so what was read once stays true. */
function cached(read: (workload: Hex) => Promise<string>): (workload: Hex) => Promise<string> {
  const known = new Map<Hex, string>();
  return async (workload) => {
    const script = known.get(workload) ?? (await read(workload));
    known.set(workload, script);
    const [oldest] = known.keys();
    if (known.size > 200 && oldest !== undefined) known.delete(oldest);
    return script;
  };
}

export type HostFacts = { hostContract: Address; operator: Address };
