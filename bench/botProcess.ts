/**
 * The bot in a process of its own, as `bench/bot.ts` starts it: its core, its store on disk and a platform's adapter. What
 * happens on the chain comes from the parent, so that no chain and no host share the measurement.
 */
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { createBot } from '../bot/Bot.ts';
import type { Context } from '../bot/core/Context.ts';
import type { Adapter } from '../bot/core/types.ts';
import { askByToken } from '../bot/store/asks.ts';
import { setPreference } from '../bot/store/preferences.ts';
import { createStore } from '../bot/store/Store.ts';
import { open } from '../contracts/client/support/Sqlite.ts';
import { after, genesis, type Placed, payment } from '../test/bot/core/chainEvents.ts';
import { fakeAccounts } from '../test/bot/core/fakeAccounts.ts';
import { FakeMarket, shop } from '../test/bot/core/world.ts';

const [platform = '', url = '', token = '', folder = ''] = process.argv.slice(2);
const log = pino({ level: 'warn' }, pino.destination(2));
const database = open(join(folder, 'bot.sqlite'));
const market = new FakeMarket();
const context: Context = {
  store: createStore(database),
  catalog: market.catalog,
  market,
  accounts: fakeAccounts,
  health: { platforms: () => [], gas: async () => 'well' },
  links: { publicUrl: 'https://ask.example', localOnly: false },
  rules: { payLinkSeconds: 1_800, answerSeconds: 600, lateSeconds: 3_600, asksPerMinute: 10 },
  now: () => Math.floor(Date.now() / 1_000),
  log,
};
/** As in the bot itself, only the platform that is used is loaded. */
async function connect(): Promise<Adapter> {
  if (platform === 'discord') {
    const { createDiscordAdapter } = await import('../bot/discord/adapter.ts');
    return createDiscordAdapter({ token, restApi: url, log }) as Adapter;
  }
  const { createTelegramAdapter } = await import('../bot/telegram/adapter.ts');
  return createTelegramAdapter({ token, apiRoot: url, publicUrlIsHttps: true, log }) as Adapter;
}

const adapter = await connect();
const bot = createBot(context, {
  adapters: new Map([[adapter.platform, adapter]]),
  sender: { submit: () => Promise.reject(new Error('nothing is sent in this bench')) },
});
let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 100).unref();

const isNew = (await bot.follower.start()) === undefined;
let block = 10;
const tell = (events: readonly Placed[]) =>
  bot.follower.onUpdate({
    type: 'forward',
    from: block,
    to: block,
    timestamp: genesis + block,
    cursor: block,
    // A block's events have each a place of their own.
    events: events.map((event, logIndex) => ({ ...event, location: { ...event.location, logIndex } })),
  });
if (isNew) await tell(shop);
await bot.start();
await adapter.start(async (event) => {
  // Everybody has agreed before that questions are public.
  await setPreference(context.store.db, event.person, 'agreed', '1');
  await bot.receive(event);
});

type Paid = ReturnType<typeof payment>;

function answered(one: Paid): Placed[] {
  const { delivered, sealed } = after(one);
  return [delivered(block, 'An oracle.'), sealed(block)];
}

const order = z.object({ step: z.enum(['pay', 'answer', 'settle', 'idle', 'stop']) });
process.on('message', async (message) => {
  const { step } = order.parse(message);
  const happens = { pay: (one: Paid) => [one], answer: answered, settle: (one: Paid) => [after(one).settled(block)] };
  if (step in happens) {
    block += 1;
    const rows = await context.store.db.selectFrom('asks').select('token').execute();
    const records = await Promise.all(rows.map(({ token }) => askByToken(context.store.db, token)));
    const asked = records.flatMap((record) => (record ? [payment(record, block)] : []));
    const events = asked.flatMap(happens[step as keyof typeof happens]);
    process.send?.({ begun: Date.now() });
    await tell(events);
  }
  if (step === 'idle') await bot.outbox.idle();
  process.send?.({ done: step, peak, rss: process.memoryUsage().rss });
  if (step === 'stop') {
    await bot.stop();
    await adapter.stop();
    process.exit();
  }
});
process.send?.({ started: Date.now(), rss: process.memoryUsage().rss });
