import { cursorSchema, follow, type Update } from '../contracts/client/follow/follow.ts';
import { latest } from '../contracts/client/Rpc.ts';
import { hideSecret } from '../contracts/client/support/Log.ts';
import { onStop, ready } from '../contracts/client/support/Process.ts';
import { environment, parseSettings } from '../contracts/client/support/Settings.ts';
import { serveMetrics } from './metrics/server.ts';
import { openParts } from './Parts.ts';
import type { Fitness } from './reporter/Fitness.ts';
import { hostSettings } from './settings.ts';

const tickMs = 100;
const fitnessMs = 30_000;

/** The host's process: everything from settings to the line that says it is ready. Resolves then; stops on SIGINT and SIGTERM. */
export async function startHost(): Promise<void> {
  const env = environment();
  hideSecret(env['OPENAI_API_KEY']);
  const settings = parseSettings(hostSettings, env);
  const parts = await openParts(settings);
  const { log, deployment, journal, reporter, offers, disputes, provider, rpc } = parts;
  const abort = new AbortController();
  const { promise: caughtUp, resolve: nowCaughtUp } = Promise.withResolvers<void>();
  let live = false;
  let state: Fitness = { fit: true, reasons: [] };

  async function onUpdate(update: Update): Promise<void> {
    reporter.apply(update);
    if (update.type === 'undo') {
      disputes.undo(update.toBlock);
      return;
    }
    await checkLive();
    if (!live) return;
    void reporter.tick();
    for (const event of update.events)
      if (event.type === 'ModelListed' || event.type === 'ModelUpdated' || event.type === 'HostListed')
        quietly(offers.model(event.modelId, state.fit), 'the offer failed');
  }

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

  /** Offers stand only while their promises can be kept. */
  async function updateOffers(): Promise<void> {
    const before = state.fit;
    state = await parts.checkFitness();
    if (state.fit === before || abort.signal.aborted) return;
    if (state.fit) log.info('able to answer again: offers renewed');
    else log.warn({ reasons: state.reasons }, 'not able to answer: offers withdrawn');
    await offers.all(state.fit);
  }

  function quietly(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => {
      if (!abort.signal.aborted) log.warn({ err: error }, what);
    });
  }

  await parts.sender.resume();
  const cursor = journal.meta('cursor');
  const following = follow({
    rpc,
    deployment,
    start: cursor === undefined ? { fromBlock: deployment.fromBlock } : cursorSchema.parse(JSON.parse(cursor)),
    confirmations: settings.CONFIRMATIONS,
    pollMs: settings.CHAIN_POLL_MS ?? (deployment.embedded ? 100 : 500),
    ...(settings.RPC_WS_URL && { announcements: settings.RPC_WS_URL }),
    signal: abort.signal,
    log,
    onUpdate,
  });
  let turn = 0;
  let looking = false;
  const disputesEvery = deployment.embedded ? 20 : 300;
  // What became of a transaction, or the end of a pause, is known before the next block comes, which on an idle chain takes long.
  const wake = setInterval(() => {
    if (!live) {
      void checkLive();
      return;
    }
    turn++;
    if (turn % 10 === 0 || journal.actions('pending').length > 0) void reporter.tick();
    if (turn % disputesEvery !== 0 || looking) return;
    looking = true;
    const look = disputes.check(reporter.followed(), reporter.now()).finally(() => {
      looking = false;
    });
    quietly(look, 'disputes could not be looked at; trying again');
  }, tickMs);
  const health = setInterval(() => quietly(updateOffers(), 'the host could not be looked at; trying again'), fitnessMs);

  const page =
    settings.HOST_METRICS_PORT === undefined
      ? undefined
      : await serveMetrics(settings.HOST_METRICS_PORT, {
          metrics: parts.metrics,
          journal,
          facts: () => ({
            provider: provider.label,
            healthy: state.fit,
            reasons: state.reasons,
            running: reporter.running(),
            followed: reporter.followed(),
            chainTime: reporter.now(),
          }),
          money: parts.money,
        });

  const stop = async (): Promise<void> => {
    log.info('stopping');
    clearInterval(wake);
    clearInterval(health);
    abort.abort();
    await page?.close();
    await following.catch(() => undefined);
    await parts.close();
  };
  onStop(stop);
  following.catch(async (error: unknown) => {
    if (abort.signal.aborted) return;
    log.fatal({ err: error }, 'the chain can not be followed');
    await stop().catch(() => undefined);
    process.exit(1);
  });

  await caughtUp;
  state = await parts.checkFitness();
  if (!state.fit) log.warn({ reasons: state.reasons }, 'not able to answer: no offers');
  await offers.all(state.fit);
  const { hostContract, operator } = parts;
  log.info({ hostContract, operator, provider: provider.label }, 'ready');
  ready({
    provider: provider.name,
    label: provider.label,
    hostContract,
    operator,
    offering: state.fit,
    ...(state.fit ? {} : { reasons: state.reasons }),
    ...(page && { metrics: page.url }),
  });
}
