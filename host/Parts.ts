import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parseEther } from 'ethers';
import * as Amount from '../contracts/client/Amount.ts';
import { createAutopay } from '../contracts/client/Autopay.ts';
import * as Deployment from '../contracts/client/Deployment.ts';
import { createGovernance } from '../contracts/client/Governance.ts';
import { address, type Hex } from '../contracts/client/Hex.ts';
import { createHost } from '../contracts/client/HostContract.ts';
import { loadOrCreateKey } from '../contracts/client/Keystore.ts';
import { createMarket } from '../contracts/client/Market.ts';
import { createOracle } from '../contracts/client/Oracle.ts';
import { createRegistry } from '../contracts/client/Registry.ts';
import { connect, type Rpc } from '../contracts/client/Rpc.ts';
import { createSender } from '../contracts/client/send/Sender.ts';
import { createLog, type Log } from '../contracts/client/support/Log.ts';
import { type Environment, SettingsError } from '../contracts/client/support/Settings.ts';
import { open } from '../contracts/client/support/Sqlite.ts';
import { takeLock } from './lock.ts';
import { createMetrics } from './metrics/Metrics.ts';
import { keyPassword } from './operatorKey.ts';
import { createActions } from './reporter/Actions.ts';
import { createAlerts } from './reporter/Alerts.ts';
import { spareSeconds } from './reporter/Answering.ts';
import { createAnswerTip } from './reporter/AnswerTip.ts';
import { type Considered, consider } from './reporter/Consider.ts';
import { createDisputes } from './reporter/Disputes.ts';
import { createEconomics } from './reporter/Economics.ts';
import { createEvidence } from './reporter/Evidence.ts';
import { type Fitness, fitness } from './reporter/Fitness.ts';
import { createOffers } from './reporter/Offers.ts';
import { createPlanner, windowSeconds } from './reporter/Planner.ts';
import { createPrices, type Pricing } from './reporter/Pricing.ts';
import { createReporter } from './reporter/Reporter.ts';
import { lateness, reportedBy, type ToReport } from './reporter/Risk.ts';
import { createSlots } from './reporter/Slots.ts';
import { createTakeOvers } from './reporter/TakeOvers.ts';
import { createTips } from './reporter/Tips.ts';
import { plainCatalog } from './runtime/models/Catalog.ts';
import { openModels } from './runtime/models/open.ts';
import { coinOnly, ratesOf } from './runtime/models/Rates.ts';
import type { Provider } from './runtime/provider/Provider.ts';
import { createRuntime } from './runtime/Runtime.ts';
import { sandboxOptions } from './runtime/sandbox/settings.ts';
import type { HostSettings } from './settings.ts';
import { hostFiles, readContract } from './setup.ts';
import { turnsBefore } from './store/applyUpdate.ts';
import { createJournal } from './store/Journal.ts';
import type { Life } from './store/Life.ts';
import { decisionFor } from './store/OfferBook.ts';

/** Earlier turns of a conversation with a script of the asker's own. */
const openModelTurns = 6;

export type Parts = Awaited<ReturnType<typeof openParts>>;

/** What comes from outside; each is opened from the settings unless it is given. Whoever gives the database sees to its lock. */
export type Given = {
  rpc?: Rpc;
  provider?: Provider;
  database?: DatabaseSync;
  log?: Log;
  elapsedMs?: () => number;
  env?: Environment;
};

/**
 * Everything that a host is made of, joined and not yet running.
 * @throws SettingsError, DeploymentError, KeyError, LockError, RpcError: the operator must act
 */
export async function openParts(settings: HostSettings, given: Given = {}) {
  const files = hostFiles(settings.HOST_DATA_DIR);
  mkdirSync(settings.HOST_DATA_DIR, { recursive: true, mode: 0o700 });
  if (settings.HOST_LOG_FILE) mkdirSync(dirname(settings.HOST_LOG_FILE), { recursive: true });
  const log =
    given.log ??
    createLog({
      name: 'host',
      level: settings.LOG_LEVEL,
      ...(settings.HOST_LOG_FILE && { file: settings.HOST_LOG_FILE }),
    });
  const unlock = given.database ? () => {} : takeLock(files.lock);

  const deployment = Deployment.read(settings.DEPLOYMENT_FILE);
  const hostContract = settings.HOST_CONTRACT ?? readContract(files.contract);
  if (hostContract === undefined)
    throw new SettingsError(
      `HOST_CONTRACT is not set and ${files.contract} names none: the host needs its contract's address. Example: HOST_CONTRACT=0x5FbDB2315678afecb367f032d93F642f64180aa3 (docs/host.md says how to deploy one)`,
    );
  const key = await loadOrCreateKey(files.key, await keyPassword(settings.HOST_KEY_PASSWORD_FILE, files.key));
  const operator = address(key.address);
  const [rpc, { catalog, file }] = await Promise.all([
    given.rpc ?? connect(settings.RPC_URLS, { chainId: deployment.chainId }),
    given.provider ? { catalog: plainCatalog(given.provider), file: undefined } : openModels(settings, given.env),
  ]);
  const { provider } = catalog;
  const runtime = createRuntime(sandboxOptions(settings));

  const database = given.database ?? open(files.journal);
  const journal = createJournal(database, hostContract);
  const sender = createSender({
    rpc,
    wallet: key.connect(rpc),
    database,
    chainId: deployment.chainId,
    log,
    // Play money needs no guard.
    ...(!deployment.embedded && { maxFeePerHour: parseEther(settings.HOST_MAX_FEE_PER_HOUR) }),
  });
  const market = createMarket(rpc, deployment);
  const registry = createRegistry(rpc, deployment);
  const oracle = createOracle(rpc, deployment);
  const governance = createGovernance(rpc, deployment);
  const host = createHost(rpc, hostContract, deployment);
  const scriptOf = cached((workload: Hex) => registry.scriptOf(workload));
  const slots = createSlots({ oracle, host, operator });
  const metrics = createMetrics();

  const actions = createActions({ journal, sender, log });
  const planner = createPlanner({ journal, actions, market, host, deployment, slots });
  const pricing: Pricing = {
    coin: amountOf('HOST_PRICE_COIN', settings.HOST_PRICE_COIN),
    token: amountOf('HOST_PRICE_TOKEN', settings.HOST_PRICE_TOKEN),
    royaltyFreeIsFree: settings.HOST_FREE ?? deployment.embedded === true,
  };
  // Play money is worth nothing, except where the operator says what.
  const rates = file ? ratesOf(file, deployment) : deployment.embedded ? undefined : coinOnly;
  if (rates === coinOnly)
    log.warn('there is no models file: an ask is weighed by gas alone, and only one that pays in coin is taken');
  const prices = createPrices(pricing, deployment, (model, token) => decisionFor(database, model, token));
  const economics = createEconomics({
    catalog,
    rates,
    prices,
    marginPercent: settings.HOST_MARGIN_PERCENT,
    maxAnswerBytes: settings.HOST_MAX_ANSWER_BYTES,
    rpc,
  });
  const turnsOf = ({ ask, parent }: Life) =>
    turnsBefore(journal, parent, ask.model === 0n ? openModelTurns : (journal.model(ask.model)?.turns ?? 0));
  /** Counted once a second: with thousands of asks it costs as much as the rest of the check. */
  let counted: { at: number; toReport: ToReport } | undefined;
  const toReport = (now: number): ToReport => {
    if (counted?.at !== now) counted = { at: now, toReport: journal.toReport(now) };
    return counted.toReport;
  };
  const checked = async (life: Life, now: number): Promise<Considered> => {
    const considered = await consider(life, {
      provider,
      maxInputBytes: settings.HOST_MAX_INPUT_BYTES,
      minSeconds: spareSeconds * 2,
      now,
      reportedBy: reportedBy(toReport(now), life.ask.byReport, await slots.recent(), now),
      deployment,
      runtime,
      scriptOf,
      turnsOf,
      economics,
      host: hostContract,
    });
    const { ok, arithmetic } = considered;
    if (arithmetic !== undefined)
      log.info({ queryId: life.queryId, arithmetic }, ok ? 'the ask pays' : 'the ask does not pay');
    return considered;
  };
  const takeOvers = createTakeOvers({ journal, actions, registry, host, consider: checked, log });
  const reporter = createReporter({
    journal,
    provider,
    runtime,
    actions,
    planner,
    takeOvers: settings.HOST_TAKE_OVER ? takeOvers : undefined,
    consider: checked,
    metrics,
    concurrency: settings.HOST_CONCURRENCY,
    servedBy: (model) => catalog.entryOf(model)?.servedBy ?? `${provider.name}/${model}`,
    modelTimeoutMs: settings.HOST_MODEL_TIMEOUT_SECONDS * 1_000,
    ...(given.elapsedMs && { elapsedMs: given.elapsedMs }),
    log,
  });
  const [{ staked }, oneStake] = await Promise.all([oracle.stakerInfo(hostContract), oracle.stakeAmount()]);
  const reportWithinSeconds = reportWithin(staked, oneStake);
  const offers = createOffers({
    registry,
    host,
    sender,
    catalog,
    economics,
    runtime,
    deployment,
    prices,
    terms: {
      maxInputBytes: settings.HOST_MAX_INPUT_BYTES,
      exclusiveSeconds: settings.HOST_EXCLUSIVE_SECONDS,
      reportWithinSeconds,
    },
    scriptOf,
    log,
  });
  const alerts = createAlerts({ url: settings.HOST_ALERT_URL, host: hostContract, journal, log });
  const examine = createEvidence({ journal, rpc, deployment, host: hostContract });
  const disputes = createDisputes({ rpc, deployment, governance, host, journal, sender, examine, alerts, log });
  const tipsStop = new AbortController();
  const tips =
    settings.HOST_AUTOPAY === undefined
      ? undefined
      : createTips({
          autopay: createAutopay(rpc, settings.HOST_AUTOPAY),
          oracle,
          host,
          journal,
          actions,
          sender,
          slots,
          fromBlock: deployment.fromBlock,
          least: amountOf('HOST_TIP_LEAST', settings.HOST_TIP_LEAST),
          answer: createAnswerTip({
            provider,
            runtime,
            economics,
            token: deployment.token,
            maxInputBytes: settings.HOST_MAX_INPUT_BYTES,
            timeoutMs: settings.HOST_MODEL_TIMEOUT_SECONDS * 1_000,
            scriptOf,
            turnsOf: (parent) => turnsBefore(journal, parent, openModelTurns),
            signal: tipsStop.signal,
          }),
          log,
        });
  const checkFitness = async (): Promise<Fitness> => {
    const [{ reasons, down }, terms] = await Promise.all([
      fitness({ catalog, rpc, oracle, host: hostContract, operator, embedded: deployment.embedded === true }),
      slots.terms(),
    ]);
    const now = reporter.now();
    const late =
      terms.staked < terms.stakeAmount ? undefined : lateness(journal.toReport(now), reportWithinSeconds, terms, now);
    return {
      fit: reasons.length === 0 && late === undefined,
      reasons: late === undefined ? reasons : [...reasons, late],
      down,
    };
  };
  const figures = { rpc, market, terms: slots.terms, deployment, hostContract, operator, journal, metrics };
  const close = async (): Promise<void> => {
    tipsStop.abort();
    await reporter.stop();
    await runtime.close();
    await alerts.idle();
    await sender.stop();
    if (!given.database) database.close();
    unlock();
  };
  return {
    log,
    deployment,
    hostContract,
    operator,
    rpc,
    provider,
    journal,
    sender,
    reporter,
    offers,
    disputes,
    tips,
    alerts,
    figures,
    checkFitness,
    close,
  };
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
