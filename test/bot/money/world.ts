import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TypedDataDomain, TypedDataField, Wallet } from 'ethers';
import { type Bot, createBot } from '../../../bot/Bot.ts';
import type { Context } from '../../../bot/core/Context.ts';
import { createMarketAccess } from '../../../bot/core/marketAccess.ts';
import { createCatalog } from '../../../bot/core/marketCatalog.ts';
import { createAccounts } from '../../../bot/core/money/createAccounts.ts';
import type { PaymentRequest } from '../../../bot/core/money/PaymentRequest.ts';
import type { Adapter, Person, Platform } from '../../../bot/core/types.ts';
import type { Advance, StepResult, WalletStep } from '../../../bot/pay/request/types.ts';
import { createRequest } from '../../../bot/store/requests.ts';
import { createStore } from '../../../bot/store/Store.ts';
import { follow } from '../../../contracts/client/follow/follow.ts';
import { type Address, address, type Hex, hex } from '../../../contracts/client/Hex.ts';
import type { LocalChain } from '../../../contracts/client/LocalChain.ts';
import { latest } from '../../../contracts/client/Rpc.ts';
import { createSender } from '../../../contracts/client/send/Sender.ts';
import { open } from '../../../contracts/client/support/Sqlite.ts';
import { devWallet, quiet, startChain } from '../../client/chain.ts';
import { createWorld as createMarketWorld, type World as MarketWorld } from '../../client/market.ts';
import { FakePlatform } from '../core/FakePlatform.ts';
import { agree } from '../core/world.ts';

export const ada: Person = { platform: 'telegram', id: 'ada', name: 'Ada' };
export const bob: Person = { platform: 'telegram', id: 'bob', name: 'Bob' };

export type MoneyWorld = {
  chain: LocalChain;
  market: MarketWorld;
  platform: FakePlatform;
  context: Context;
  bot: Bot;
  /** Makes no block while `work` is done; what it sent goes into the next one together. */
  inOneBlock(work: () => Promise<void>): Promise<void>;
  /** The bot's own key. */
  key: Wallet;
  /** What the bot takes for a relayed transaction, by token; empty at first. */
  relayFees: Map<Address, bigint>;
  /** The follower has seen every block there is. */
  caughtUp(): Promise<void>;
  /** Gives a person a link and goes through it with a wallet. @returns the last thing the page was told */
  go(person: Person, request: PaymentRequest, wallet: Wallet, fields?: Record<string, string>): Promise<Advance>;
  link(person: Person, request: PaymentRequest): Promise<string>;
  perform(step: WalletStep, wallet: Wallet): Promise<StepResult>;
  /** Stops the bot as it is and starts another over the same stores. */
  restart(how?: { forgetSent: boolean }): Promise<void>;
  stop(): Promise<void>;
};

/** A bot with its real store, sender and follower on a real chain; only the chat platform is a stand-in. */
export async function createMoneyWorld(): Promise<MoneyWorld> {
  // Its own pace is as good as none: blocks are made here, so that a test can say what goes into one.
  const chain = await startChain({ blockTime: 3_600 });
  const blocks = makeBlocks(chain);
  const market = await createMarketWorld(chain);
  const folder = mkdtempSync(join(tmpdir(), 'bot-money-'));
  const platform = new FakePlatform();
  const key = devWallet(chain, 5);
  const relayFees = new Map<Address, bigint>();
  const { rpc } = chain;
  const { deployment } = market;

  async function begin() {
    const database = open(join(folder, 'bot.sqlite'));
    const sendDatabase = open(join(folder, 'sender.sqlite'));
    const sender = createSender({
      rpc,
      wallet: key,
      database: sendDatabase,
      chainId: chain.chainId,
      log: quiet,
      pollMs: 20,
    });
    const context: Context = {
      store: createStore(database),
      catalog: createCatalog(),
      market: createMarketAccess(rpc, deployment),
      accounts: createAccounts({ rpc, deployment, spender: sender.address, relayFees }),
      health: { platforms: () => [], gas: async () => 'well' },
      links: { publicUrl: 'https://ask.example', localOnly: false },
      rules: { payLinkSeconds: 1_800, answerSeconds: 600, lateSeconds: 90, asksPerMinute: 1_000 },
      now: () => Math.floor(Date.now() / 1000),
      log: quiet,
    };
    const adapters = new Map<Platform, Adapter>([['telegram', platform as Adapter]]);
    const bot = createBot(context, { adapters, sender, retryAfterMs: 5, refundRetryMs: 50, transferPollMs: 20 });
    const stopping = new AbortController();
    let seen = -1;
    await bot.follower.start();
    const stored = await context.store.db.selectFrom('cursor').select('body').executeTakeFirst();
    const following = follow({
      rpc,
      deployment,
      start: stored ? JSON.parse(stored.body) : { fromBlock: deployment.fromBlock },
      confirmations: 0,
      pollMs: 10,
      signal: stopping.signal,
      log: quiet,
      onUpdate: async (update) => {
        await bot.follower.onUpdate(update);
        seen = update.type === 'forward' ? update.to : update.toBlock;
      },
    });
    await sender.resume();
    await bot.start();
    const receive: Bot['receive'] = async (event) => {
      await agree(context.store.db, event.person);
      await bot.receive(event);
    };
    return {
      context,
      bot: { ...bot, receive },
      caughtUp: async () => {
        const { number } = await latest(rpc);
        while (seen < number) await new Promise((resolve) => setTimeout(resolve, 5));
      },
      end: async () => {
        stopping.abort();
        await following;
        await bot.stop();
        await sender.stop();
        database.close();
        sendDatabase.close();
      },
    };
  }

  let running = await begin();
  const world: MoneyWorld = {
    chain,
    market,
    platform,
    key,
    relayFees,
    get context() {
      return running.context;
    },
    get bot() {
      return running.bot;
    },
    caughtUp: () => running.caughtUp(),
    inOneBlock: blocks.inOne,
    async link(person, request) {
      const { store, now } = world.context;
      return (await store.commit((db) => createRequest(db, person, request, now()))).token;
    },
    async perform(step, wallet) {
      switch (step.type) {
        case 'message':
          return { id: step.id, value: hex(await wallet.signMessage(step.text)), text: step.text };
        case 'typedData': {
          const { domain, message } = step.payload;
          const { EIP712Domain: _, ...types } = step.payload.types;
          return { id: step.id, value: await signTyped(wallet, domain, types, message) };
        }
        case 'transaction': {
          const { to, data, value } = step;
          // As wallets do: what a call needs can grow until its block.
          const gasLimit = ((await wallet.estimateGas({ to, data, value })) * 3n) / 2n;
          const sent = await wallet.sendTransaction({ to, data, value, gasLimit });
          await sent.wait();
          return { id: step.id, value: hex(sent.hash) };
        }
      }
    },
    async go(person, request, wallet, fields = {}) {
      const token = await world.link(person, request);
      const results: StepResult[] = [];
      for (;;) {
        const of = { wallet: address(wallet.address), fields, results };
        const next = await world.bot.requests.advance(token, of);
        if (!next.ok || next.type === 'done') return next;
        results.push(await world.perform(next.step, wallet));
      }
    },
    async restart({ forgetSent } = { forgetSent: false }) {
      await running.end();
      if (forgetSent)
        for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `sender.sqlite${end}`), { force: true });
      running = await begin();
    },
    async stop() {
      await running.end();
      await blocks.stop();
      await chain.stop();
      rmSync(folder, { recursive: true });
    },
  };
  await world.caughtUp();
  return world;
}

/** A block as soon as there is something to put into it. */
function makeBlocks({ rpc, mine }: LocalChain) {
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  const look = async () => {
    const { pending } = await rpc.send('txpool_status', []);
    if (Number(pending) > 0) await mine();
  };
  const loop = async () => {
    while (!stopped) {
      turn = turn.then(look);
      await turn;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const done = loop();
  return {
    inOne(work: () => Promise<void>): Promise<void> {
      turn = turn.then(work);
      return turn;
    },
    async stop() {
      stopped = true;
      await done;
    },
  };
}

async function signTyped(
  wallet: Wallet,
  domain: TypedDataDomain,
  types: Record<string, TypedDataField[]>,
  message: Record<string, unknown>,
): Promise<Hex> {
  return hex(await wallet.signTypedData(domain, types, message));
}
