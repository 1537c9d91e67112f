import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { type Bot, createBot } from '../../../bot/Bot.ts';
import type { AskRecord } from '../../../bot/core/AskRecord.ts';
import type { Context } from '../../../bot/core/Context.ts';
import type { CommandEvent } from '../../../bot/core/commands/Command.ts';
import { hasAgreed } from '../../../bot/core/commands/privacy.ts';
import type { ChainUpdate } from '../../../bot/core/Follower.ts';
import type { MarketAccess } from '../../../bot/core/Market.ts';
import { createCatalog } from '../../../bot/core/marketCatalog.ts';
import type { Relayer } from '../../../bot/core/money/Accounts.ts';
import type { Adapter, Incoming, Person, Platform } from '../../../bot/core/types.ts';
import { askByToken } from '../../../bot/store/asks.ts';
import { setPreference } from '../../../bot/store/preferences.ts';
import { createStore } from '../../../bot/store/Store.ts';
import type { Db } from '../../../bot/store/Tables.ts';
import type { State } from '../../../contracts/client/Ask.ts';
import { type Address, type Hex, zeroAddress } from '../../../contracts/client/Hex.ts';
import { open } from '../../../contracts/client/support/Sqlite.ts';
import { chainId, genesis, lang, listing, marketAddress, type Placed, place } from './chainEvents.ts';
import { FakePlatform } from './FakePlatform.ts';
import { fakeAccounts } from './fakeAccounts.ts';

/** The process is dead: nothing it does from now on takes effect. */
export class Crash extends Error {
  override name = 'Crash';
}

/** The chain as the core reads it; tests change its fields. */
export class FakeMarket implements MarketAccess {
  chainId = chainId;
  market = marketAddress;
  time = genesis;
  down = false;
  balances = new Map<string, bigint>();
  allowances = new Map<string, bigint>();
  state: State = 'none';
  refundable = false;
  prices = new Map<string, { royalty: bigint; hostPrice: bigint }>();
  catalog = createCatalog();

  async now() {
    this.#reach();
    return this.time;
  }
  async quote({ model, token, host }: Parameters<MarketAccess['quote']>[0]) {
    this.#reach();
    const set = this.prices.get(`${model} ${host}`);
    if (set) return set;
    const royalty = this.catalog.models().find(({ id }) => id === model)?.royalty ?? 0n;
    const hostPrice = this.catalog.offers(model, token).find((one) => one.host === host)?.price ?? 0n;
    return { royalty, hostPrice };
  }
  async tokenInfo(token: Address) {
    this.#reach();
    return token === zeroAddress ? { symbol: 'ETH', decimals: 18 } : { symbol: 'LANG', decimals: 18 };
  }
  async balanceOf(token: Address, owner: Address) {
    this.#reach();
    return this.balances.get(`${token} ${owner}`) ?? 10n ** 20n;
  }
  async allowanceOf(token: Address, owner: Address) {
    this.#reach();
    return this.allowances.get(`${token} ${owner}`) ?? 0n;
  }
  async stateOf() {
    this.#reach();
    return this.state;
  }
  async isRefundable() {
    this.#reach();
    return this.refundable;
  }
  askAndPay(...args: Parameters<MarketAccess['askAndPay']>) {
    return { to: this.market, data: described('askAndPay', args), value: args[3] };
  }
  askAndPayWithPermit(...args: Parameters<MarketAccess['askAndPayWithPermit']>) {
    return { to: this.market, data: described('askAndPayWithPermit', args), value: 0n };
  }
  approve(token: Address, amount: bigint) {
    return { to: token, data: described('approve', [amount]), value: 0n };
  }
  refund(items: Parameters<MarketAccess['refund']>[0]) {
    return { to: this.market, data: described('refund', items), value: 0n };
  }
  published = new Set<Hex>();
  listing: MarketAccess['listing'] = {
    isPublished: async (workload) => this.published.has(workload),
    publish: (script) => this.#registry('publish', [script]),
    list: (listing) => this.#registry('list', [listing]),
    update: (model, listing) => this.#registry('update', [model, listing]),
    retire: (model) => this.#registry('retire', [model]),
  };
  disputed = false;
  disputes: MarketAccess['disputes'] = {
    token: lang,
    fee: async () => {
      this.#reach();
      return 10n ** 19n;
    },
    isDisputed: async () => this.disputed,
    approveFee: (amount) => this.approve(lang, amount),
    begin: (...args) => this.#registry('beginDispute', args),
  };
  #registry(name: string, args: readonly unknown[]) {
    return { to: this.market, data: described(name, args), value: 0n };
  }
  #reach() {
    if (this.down) throw Object.assign(new Error('no node'), { code: 'NETWORK_ERROR' });
  }
}

/** Stands for calldata: readable, and different for different arguments. */
function described(name: string, args: readonly unknown[]): Hex {
  const text = JSON.stringify([name, args], (_, item: unknown) => (typeof item === 'bigint' ? `${item}` : item));
  return `0x${Buffer.from(text).toString('hex')}`;
}

export function undescribed(data: Hex): unknown {
  return JSON.parse(Buffer.from(data.slice(2), 'hex').toString());
}

export const shop = [
  place({ type: 'WorkloadPublished', workload: `0x${'0'.repeat(64)}`, publisher: marketAddress }, 1, 0),
  ...listing(1n, 'guide', { token: lang, royalty: 50_000_000_000_000_000n, price: 200_000_000_000_000_000n }).map(
    (event, index) => place(event, 1, index + 1),
  ),
  ...listing(2n, 'gratis').map((event, index) => place(event, 1, index + 5)),
  ...listing(3n, 'coin *expert*', { royalty: 1n, price: 10n ** 15n }).map((event, index) => place(event, 1, index + 9)),
];

export type World = {
  platform: FakePlatform;
  market: FakeMarket;
  clock: { now: number };
  context: Context;
  bot: Bot;
  /** Blocks that the follower has not been told of yet come from here. */
  chain: ChainUpdate[];
  sent: { key: string; data: Hex }[];
  /** Dies at the `n`th store write or platform call from now. */
  crashAt(n: number | undefined): void;
  crashed(): boolean;
  steps(): number;
  /** Tells the follower what it has not handled. */
  follow(): Promise<void>;
  mine(...events: readonly Placed[]): void;
  undo(toBlock: number): void;
  receive(event: Incoming): Promise<void>;
  ask(text: string, more?: Partial<Incoming & { type: 'command' }>): Promise<AskRecord>;
  record(token: string): Promise<AskRecord>;
  /** Ends the process as it is and starts another over the same store and platforms. */
  restart(change?: () => void | Promise<void>): Promise<void>;
  end(): Promise<void>;
};

type WorldOptions = {
  platform?: FakePlatform;
  /** A platform's own adapter, in the place of the one in memory; it can die at every call, too. */
  adapter?: Adapter;
  rules?: Partial<Context['rules']>;
  links?: Partial<Context['links']>;
  /** Nobody has agreed yet that questions are public; else everybody has. */
  isFirstUse?: boolean;
};

/** A bot over a real store, with platforms, chain and clock in the test's hands. */
export async function createWorld({
  platform = new FakePlatform(),
  adapter,
  rules = {},
  links = {},
  isFirstUse = false,
}: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'bot-core-'));
  const clock = { now: genesis + 2 };
  const chain: ChainUpdate[] = [];
  const sent: World['sent'] = [];
  let steps = 0;
  let crashStep: number | undefined;
  let dead = false;
  const tick = () => {
    if (dead) throw new Crash();
    steps += 1;
    if (crashStep !== undefined && steps >= crashStep) {
      dead = true;
      throw new Crash();
    }
  };
  platform.around = () => tick();
  const sender: Relayer = {
    async submit({ key, call }) {
      tick();
      if (!sent.some((one) => one.key === key)) sent.push({ key, data: call.data });
      return { type: 'mined', hash: '0x', block: 0, timestamp: 0, gasUsed: 0n };
    },
  };
  let database: DatabaseSync;

  function begin() {
    database = open(join(folder, 'bot.sqlite'));
    const market = new FakeMarket();
    const context: Context = {
      store: createStore(mortal(database, tick)),
      catalog: market.catalog,
      market,
      accounts: fakeAccounts,
      health: { platforms: () => [], gas: async () => 'well' },
      links: { publicUrl: 'https://ask.example', localOnly: false, ...links },
      rules: { payLinkSeconds: 1_800, answerSeconds: 600, lateSeconds: 90, asksPerMinute: 3, ...rules },
      now: () => clock.now,
      log: pino({ level: 'silent' }),
    };
    const shown = adapter ? mortalAdapter(adapter, tick) : (platform as Adapter);
    const adapters = new Map<Platform, Adapter>([[shown.platform, shown]]);
    const bot = createBot(context, { adapters, sender, retryAfterMs: 1, refundRetryMs: 20 });
    const receive = async (event: Incoming) => {
      if (!isFirstUse) await agree(context.store.db, event.person);
      await bot.receive(event);
    };
    return { market, context, bot: { ...bot, receive } };
  }

  async function start(change: () => void | Promise<void>): Promise<void> {
    Object.assign(world, begin());
    await world.bot.follower.start();
    await change();
    await world.bot.start();
  }

  const world: World = {
    platform,
    clock,
    chain,
    sent,
    ...begin(),
    crashAt(n) {
      crashStep = n === undefined ? undefined : steps + n;
    },
    crashed: () => dead,
    steps: () => steps,
    async follow() {
      const stored = await world.context.store.db.selectFrom('cursor').select('body').executeTakeFirst();
      const from = stored ? Number(JSON.parse(stored.body)) : -1;
      for (const update of chain.slice(from + 1)) await world.bot.follower.onUpdate(update);
    },
    mine(...events) {
      const blocks = events.map((event) => event.location.block);
      const to = Math.max(...blocks);
      chain.push({
        type: 'forward',
        from: Math.min(...blocks),
        to,
        timestamp: genesis + to,
        events,
        cursor: chain.length,
      });
    },
    undo(toBlock) {
      chain.push({ type: 'undo', toBlock, cursor: chain.length });
    },
    receive: (event) => world.bot.receive(event),
    async ask(text, more = {}) {
      const known = new Set(await tokens());
      await world.receive(command('ask', text, more));
      const token = (await tokens()).find((one) => !known.has(one));
      if (!token) throw new Error('no ask was made');
      return world.record(token);
    },
    async record(token) {
      const record = await askByToken(world.context.store.db, token);
      if (!record) throw new Error('no such ask');
      return record;
    },
    async restart(change = () => {}) {
      await world.bot.stop().catch(() => {});
      database.close();
      dead = false;
      crashStep = undefined;
      await start(change);
    },
    async end() {
      await world.bot.stop().catch(() => {});
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
  const tokens = async () =>
    (await world.context.store.db.selectFrom('asks').select('token').execute()).map(({ token }) => token);

  world.mine(...shop);
  const ada = { platform: platform.platform, id: 'ada', name: 'Ada' };
  if (!isFirstUse) await agree(world.context.store.db, ada);
  await world.bot.follower.start();
  await world.bot.start();
  await world.follow();
  return world;
}

/** The person has agreed before that questions are public. */
export async function agree(db: Db, person: Person): Promise<void> {
  if (!(await hasAgreed(db, person))) await setPreference(db, person, 'agreed', String(genesis));
}

let updates = 0;

export function command(name: string, text: string, more: Partial<CommandEvent> = {}): CommandEvent {
  updates += 1;
  const chat = { platform: 'telegram' as const, id: 'group' };
  return {
    type: 'command',
    updateId: `u${updates}`,
    chat,
    person: { platform: 'telegram', id: 'ada', name: 'Ada' },
    name,
    text,
    options: {},
    message: { chat, id: `question-${updates}` },
    ...more,
  };
}

/** An adapter of a process that can die before and after every call. */
function mortalAdapter(adapter: Adapter, tick: () => void): Adapter {
  const around = async <T>(call: () => Promise<T>): Promise<T> => {
    tick();
    const result = await call();
    tick();
    return result;
  };
  return {
    ...adapter,
    send: (...args) => around(() => adapter.send(...args)),
    edit: (...args) => around(() => adapter.edit(...args)),
  };
}

/** A database of a process that can die at any write. */
function mortal(database: DatabaseSync, tick: () => void): DatabaseSync {
  return new Proxy(database, {
    get(target, name) {
      if (name === 'prepare') {
        return (sql: string) => {
          const statement = target.prepare(sql);
          if (/^\s*(select|pragma)/i.test(sql)) return statement;
          return new Proxy(statement, {
            get(inner, key) {
              const value: unknown = Reflect.get(inner, key, inner);
              if (typeof value !== 'function') return value;
              if (key === 'run' || key === 'all') {
                return (...args: unknown[]) => {
                  tick();
                  return value.apply(inner, args);
                };
              }
              return value.bind(inner);
            },
          });
        };
      }
      if (name === 'exec') {
        return (sql: string) => {
          if (sql === 'COMMIT') tick();
          return target.exec(sql);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

let presses = 0;

/** Somebody presses a button of a message that the platform shows. @returns what is shown since */
export async function press(world: World, label: string | RegExp, options: { by?: Person; at?: number } = {}) {
  const { platform } = world;
  await world.bot.outbox.idle();
  const shown = platform.shown.at(options.at ?? -1);
  const button = shown?.message.buttons?.find((one) =>
    label instanceof RegExp ? label.test(one.label) : one.label === label,
  );
  if (!shown || button?.type !== 'press') throw new Error(`there is no button ${label}`);
  presses += 1;
  const before = platform.shown.length;
  const person = options.by ?? { platform: platform.platform, id: 'ada', name: 'Ada' };
  const { chat, id } = shown;
  await world.receive({
    type: 'press',
    updateId: `p${presses}`,
    chat,
    person,
    message: { chat, id },
    data: button.data,
  });
  await world.bot.outbox.idle();
  return platform.shown.slice(before);
}
