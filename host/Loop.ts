import { setTimeout as wait } from 'node:timers/promises';
import { cursorSchema, follow, type Update } from '../contracts/client/follow/follow.ts';
import { latest } from '../contracts/client/Rpc.ts';
import type { Parts } from './Parts.ts';
import type { Fitness } from './reporter/Fitness.ts';
import type { HostSettings } from './settings.ts';
import { bookText, changedModels } from './store/OfferBook.ts';

const tickMs = 100;
const fitnessMs = 30_000;
/** So long without a block is told. */
const stalledSeconds = 600;
/** A block's time may be so far ahead of this machine's clock, seconds. */
const mostAhead = 900;

export type Loop = {
  /** The host knows what happened while it was stopped, and its offers are up to date. */
  ready: Promise<void>;
  /** Rejects when the chain can not be followed any more: the process must be started again. */
  ended: Promise<void>;
  fitness(): Fitness;
  /** No new work from here on. Resolves when the follower has stopped; the parts are still open. */
  stop(): Promise<void>;
};

/** Runs a host's parts: follows the chain, and does what is due when blocks come and when time passes. */
export async function startLoop(parts: Parts, settings: HostSettings): Promise<Loop> {
  const { log, deployment, journal, reporter, offers, disputes, tips, alerts, rpc } = parts;
  const abort = new AbortController();
  const { promise: caughtUp, resolve: nowCaughtUp } = Promise.withResolvers<void>();
  let live = false;
  let stalled = false;
  /** From then on models that are new get their offers one by one. */
  let offering = false;
  let state: Fitness = { fit: true, reasons: [], down: new Map() };

  async function onUpdate(update: Update): Promise<void> {
    reporter.apply(update);
    if (update.type === 'undo') {
      disputes.undo(update.toBlock);
      tips?.undo(update.toBlock);
      return;
    }
    await checkLive();
    if (!live) return;
    void reporter.tick();
    if (!offering) return;
    for (const event of update.events)
      if (event.type === 'ModelListed' || event.type === 'ModelUpdated' || event.type === 'HostListed')
        quietly(offers.model(event.modelId, state), 'the offer failed');
  }

  /** Nothing is begun on old news: a stopped host first learns what happened meanwhile. */
  async function checkLive(): Promise<void> {
    if (live) return;
    const head = await latest(rpc).then(
      ({ number }) => number,
      () => Number.POSITIVE_INFINITY,
    );
    live = head - reporter.followed() <= settings.CONFIRMATIONS + 2;
    if (!live) return;
    log.info({ block: reporter.followed() }, 'caught up with the chain');
    nowCaughtUp();
  }

  /** Offers stand only while their promises can be kept. */
  async function updateOffers(): Promise<void> {
    const before = state;
    state = await parts.checkFitness();
    if (abort.signal.aborted) return;
    if (state.fit === before.fit && sameKeys(state.down, before.down)) return offers.again(state);
    tellFitness();
    await offers.all(state);
  }

  function tellFitness(): void {
    const missing = [...state.down].map(([model, why]) => `${model} (${why})`).join(', ');
    if (!state.fit) {
      log.warn({ reasons: state.reasons }, 'not able to answer: offers withdrawn');
      alerts.tell('unfit', `It can not answer; its offers are withdrawn. ${state.reasons.join(' ')}`);
    } else if (state.down.size > 0) {
      log.warn({ down: Object.fromEntries(state.down) }, 'some models can not answer: their offers withdrawn');
      alerts.tell('unfit', `Some of its models can not answer; their offers are withdrawn: ${missing}`);
    } else {
      log.info('able to answer again: offers renewed');
      alerts.tell('fit', 'It can answer again; its offers are renewed.');
    }
  }

  /** An operator wants to know of a chain that stands still, and that it goes on again. */
  function watchChain(): void {
    const seconds = reporter.quietFor();
    if (seconds > stalledSeconds === stalled) return;
    stalled = !stalled;
    if (stalled) {
      log.warn({ seconds }, 'the chain stands still, or its node does');
      alerts.tell('stalled', `No new block for ${seconds} s. Check the node, or wait for the chain.`);
    } else log.info('the chain goes on');
  }

  function quietly(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => {
      if (!abort.signal.aborted) log.warn({ err: error }, what);
    });
  }

  let book = bookText(journal.database);
  let bookAt = 0;
  /** Takes up what `npm run host -- offer` wrote into the journal meanwhile; what could not be done is tried again. */
  async function readBook(): Promise<void> {
    const now = bookText(journal.database);
    if (now === book || performance.now() < bookAt) return;
    bookAt = performance.now() + fitnessMs;
    await Promise.all(changedModels(book, now).map((id) => offers.model(id, state)));
    book = now;
    bookAt = 0;
  }

  await parts.sender.resume();
  const cursor = journal.meta('cursor');
  const following = follow({
    rpc,
    deployment,
    start: cursor === undefined ? { fromBlock: deployment.fromBlock } : cursorSchema.parse(JSON.parse(cursor)),
    confirmations: settings.CONFIRMATIONS,
    pollMs: settings.CHAIN_POLL_MS ?? (deployment.embedded ? 100 : 500),
    // A node that lies about the time would have every ask given up as overdue. On a chain of play money time is skipped.
    ...(!deployment.embedded && { mostAhead }),
    ...(settings.RPC_WS_URL && { announcements: settings.RPC_WS_URL }),
    signal: abort.signal,
    log,
    onUpdate,
  });
  let turn = 0;
  let looking = false;
  let tipping: Promise<void> | undefined;
  const tipsEvery = deployment.embedded ? 5 : 100;
  const disputesEvery = deployment.embedded ? 20 : 300;
  // What became of a transaction, or the end of a pause, is known before the next block comes, which on an idle chain takes long.
  const wake = setInterval(() => {
    watchChain();
    if (!live) {
      void checkLive();
      return;
    }
    turn++;
    if (turn % 10 === 0) quietly(readBook(), 'the offer failed');
    if (turn % 10 === 0 || journal.actions('pending').length > 0) void reporter.tick();
    if (tips !== undefined && turn % tipsEvery === 0 && tipping === undefined) {
      tipping = tips.check(reporter.followed(), reporter.now()).finally(() => {
        tipping = undefined;
      });
      quietly(tipping, 'tips could not be looked at; trying again');
    }
    if (turn % disputesEvery !== 0 || looking) return;
    looking = true;
    const look = disputes.check(reporter.followed(), reporter.now()).finally(() => {
      looking = false;
    });
    quietly(look, 'disputes could not be looked at; trying again');
  }, tickMs);
  const health = setInterval(() => quietly(updateOffers(), 'the host could not be looked at; trying again'), fitnessMs);

  /** A node that fails at this moment is asked again: the asks that are worked on by now must not pay for it. */
  async function begin(): Promise<void> {
    await caughtUp;
    for (let pause = 250; !abort.signal.aborted; pause = Math.min(pause * 2, 10_000)) {
      try {
        state = await parts.checkFitness();
        if (!state.fit) log.warn({ reasons: state.reasons }, 'not able to answer: no offers');
        else if (state.down.size > 0)
          log.warn({ down: Object.fromEntries(state.down) }, 'some models can not answer: no offers of them');
        offering = true;
        await offers.all(state);
        return;
      } catch (error) {
        log.warn({ err: error }, 'the offers could not be made; trying again');
        await wait(pause, undefined, { signal: abort.signal }).catch(() => undefined);
      }
    }
  }
  const ended = following.catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  const ready = begin();
  ready.catch(() => undefined);
  ended.catch(() => undefined);
  return {
    ready,
    ended,
    fitness: () => state,
    stop: async () => {
      clearInterval(wake);
      clearInterval(health);
      abort.abort();
      await ended.catch(() => undefined);
    },
  };
}

function sameKeys(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
