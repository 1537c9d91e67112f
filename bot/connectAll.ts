import type { Bot } from './Bot.ts';
import { type Connection, connectPlatform } from './Connections.ts';
import type { Context } from './core/Context.ts';
import type { HealthTracker } from './core/Health.ts';
import { languageOf } from './core/languageOf.ts';
import type { Adapter, Platform } from './core/types.ts';
import type { Inbound } from './local/server.ts';
import type { Metrics } from './metrics/Metrics.ts';
import type { BotSettings } from './settings.ts';

export type ConnectAll = {
  settings: BotSettings;
  context: Context;
  bot: Bot;
  /** A platform is in it from when it is connected. */
  adapters: Map<Platform, Adapter>;
  metrics: Metrics;
  health: HealthTracker;
  /** Each platform whose token is set is put in it. */
  connections: Map<Platform, Connection>;
  /** Where Telegram's requests arrive, when a webhook is set. */
  webhook: TelegramWebhook | undefined;
};

/** Hands Telegram's requests to whichever attempt to connect is the newest; before one is ready Telegram sends again. */
export type TelegramWebhook = Inbound & { to(handle: Inbound['handle']): void };

/** @param url the public address; its path is where the requests arrive */
export function createTelegramWebhook(url: string): TelegramWebhook {
  let handler: Inbound['handle'] = async () => new Response(null, { status: 503 });
  return {
    path: new URL(url).pathname,
    handle: (request) => handler(request),
    to(handle) {
      handler = handle;
    },
  };
}

/** Connects each platform whose token is set. */
export function connectAll({
  settings,
  context,
  bot,
  adapters,
  metrics,
  health,
  connections,
  webhook,
}: ConnectAll): void {
  const { log, links } = context;
  const { DISCORD_TOKEN, DISCORD_API_ROOT, TELEGRAM_TOKEN, TELEGRAM_API_ROOT, TELEGRAM_WEBHOOK } = settings;
  const suggest = (command: string, typed: string) => bot.suggest(command, typed);
  const receive = health.hearing(metrics.hearing(bot.receive));
  const add = (platform: Platform, load: () => Promise<Adapter>) => {
    const onConnected = async (adapter: Adapter) => {
      adapters.set(platform, metrics.counting(adapter));
      await bot.outbox.start();
    };
    connections.set(platform, connectPlatform({ platform, load, receive, moved: bot.moved, onConnected, log }));
  };
  // Loaded only when wanted: discord.js alone takes a third of a second and 40 MB.
  if (DISCORD_TOKEN) {
    add('discord', async () => {
      const { createDiscordAdapter } = await import('./discord/adapter.ts');
      return createDiscordAdapter({
        token: DISCORD_TOKEN,
        ...(DISCORD_API_ROOT && { restApi: DISCORD_API_ROOT }),
        suggest,
        languageOf: (of) => languageOf(context.store.db, of),
        log,
      }) as Adapter;
    });
  }
  if (TELEGRAM_TOKEN) {
    add('telegram', async () => {
      const { createTelegramAdapter } = await import('./telegram/adapter.ts');
      const adapter = createTelegramAdapter({
        token: TELEGRAM_TOKEN,
        publicUrlIsHttps: !links.localOnly,
        ...(TELEGRAM_API_ROOT && { apiRoot: TELEGRAM_API_ROOT }),
        ...(TELEGRAM_WEBHOOK && { webhook: { url: TELEGRAM_WEBHOOK } }),
        log,
      });
      webhook?.to(adapter.webhook);
      return adapter as Adapter;
    });
  }
}
