import type { ConnectionStatus } from '../core/ConnectionStatus.ts';
import { readCursor } from '../store/events.ts';
import type { Db } from '../store/Tables.ts';

/** How the bot stands when somebody looks. Times are unix seconds. */
export type BotState = {
  /** Asks by what became of them. */
  asks: ReadonlyMap<string, number>;
  /** Messages that aren't shown as they should be. */
  waiting: number;
  /** Chats in which something was asked. */
  chats: number;
  /** Timestamp of the newest block that was handled. */
  chainTime: number;
  /** Wei of the bot's key; absent: the chain can't be asked. */
  keyWei?: bigint;
  /** A line for each platform, as its adapter says it. */
  platforms: ReadonlyMap<string, ConnectionStatus>;
  /** What is wrong now, in words; none: all is well. */
  problems: readonly string[];
};

export type StateSource = {
  db: Db;
  keyBalance: () => Promise<bigint>;
  platforms: () => ReadonlyMap<string, ConnectionStatus>;
  /** The newest block may be so old, seconds; absent: any age, on a chain that stands still between asks. */
  staleAfter?: number;
  /** Below it the bot can't go on sending transactions. Wei. */
  leastWei: bigint;
  now: () => number;
};

/** Reads everything anew. */
export async function readState(source: StateSource): Promise<BotState> {
  const { db, keyBalance, staleAfter, leastWei, now } = source;
  const count = (rows: { n: number | string | bigint } | undefined) => Number(rows?.n ?? 0);
  const byState = await db
    .selectFrom('asks')
    .select(['state', (each) => each.fn.countAll().as('n')])
    .groupBy('state')
    .execute();
  const waiting = await db
    .selectFrom('posts')
    .select((each) => each.fn.countAll().as('n'))
    .where('state', '=', 'live')
    .whereRef('shown', '<', 'version')
    .executeTakeFirst();
  const chats = await db
    .selectFrom('posts')
    .select((each) => each.fn.count('chat').distinct().as('n'))
    .executeTakeFirst();
  const chainTime = (await readCursor(db))?.clock ?? 0;
  const keyWei = await keyBalance().catch(() => undefined);
  const platforms = source.platforms();
  const age = now() - chainTime;
  return {
    asks: new Map(byState.map(({ state, n }) => [state, Number(n)])),
    waiting: count(waiting),
    chats: count(chats),
    chainTime,
    ...(keyWei !== undefined && { keyWei }),
    platforms,
    problems: [
      ...[...platforms].flatMap(([name, { isConnected, line }]) => (isConnected ? [] : [`${name}: ${line}`])),
      ...(staleAfter !== undefined && age > staleAfter ? [`the newest block that was handled is ${age} s old`] : []),
      ...(keyWei === undefined ? ['the chain can’t be reached'] : []),
      ...(keyWei !== undefined && keyWei < leastWei ? ['the bot’s key has hardly any coin left for gas'] : []),
    ],
  };
}
