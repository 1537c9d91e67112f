import type { Bot } from './Bot.ts';
import { type Connection, connectPlatform } from './Connections.ts';
import type { Context } from './core/Context.ts';
import type { Adapter, Platform } from './core/types.ts';
import type { BotSettings } from './settings.ts';

export type ConnectAll = {
  settings: BotSettings;
  context: Context;
  bot: Bot;
  /** A platform is in it from when it is connected. */
  adapters: Map<Platform, Adapter>;
};

/** Connects each platform whose token is set. */
export function connectAll({ settings, context, bot, adapters }: ConnectAll): Map<Platform, Connection> {
  const { log, links } = context;
  const { DISCORD_TOKEN, DISCORD_API_ROOT, TELEGRAM_TOKEN, TELEGRAM_API_ROOT } = settings;
  const suggest = (command: string, typed: string) => bot.suggest(command, typed);
  const connections = new Map<Platform, Connection>();
  const add = (platform: Platform, load: () => Promise<Adapter>) => {
    const onConnected = async (adapter: Adapter) => {
      adapters.set(platform, adapter);
      await bot.outbox.start();
    };
    connections.set(platform, connectPlatform({ platform, load, receive: bot.receive, onConnected, log }));
  };
  // Loaded only when wanted: discord.js alone takes a third of a second and 40 MB.
  if (DISCORD_TOKEN) {
    add('discord', async () => {
      const { createDiscordAdapter } = await import('./discord/adapter.ts');
      return createDiscordAdapter({
        token: DISCORD_TOKEN,
        ...(DISCORD_API_ROOT && { restApi: DISCORD_API_ROOT }),
        suggest,
        log,
      }) as Adapter;
    });
  }
  if (TELEGRAM_TOKEN) {
    add('telegram', async () => {
      const { createTelegramAdapter } = await import('./telegram/adapter.ts');
      return createTelegramAdapter({
        token: TELEGRAM_TOKEN,
        publicUrlIsHttps: !links.localOnly,
        ...(TELEGRAM_API_ROOT && { apiRoot: TELEGRAM_API_ROOT }),
        log,
      }) as Adapter;
    });
  }
  return connections;
}
