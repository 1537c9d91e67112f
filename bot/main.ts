import { join } from 'node:path';
import { parseEther } from 'ethers';
import { parse } from '../contracts/client/Amount.ts';
import * as Deployment from '../contracts/client/Deployment.ts';
import { cursorSchema, follow, RetryableError } from '../contracts/client/follow/follow.ts';
import { type Address, zeroAddress } from '../contracts/client/Hex.ts';
import { loadOrCreateKey } from '../contracts/client/Keystore.ts';
import { connect, latest, type Rpc } from '../contracts/client/Rpc.ts';
import { createSender } from '../contracts/client/send/Sender.ts';
import { createLog, hideSecret } from '../contracts/client/support/Log.ts';
import { onStop, ready } from '../contracts/client/support/Process.ts';
import { environment, SettingsError } from '../contracts/client/support/Settings.ts';
import { open } from '../contracts/client/support/Sqlite.ts';
import { info } from '../contracts/client/Token.ts';
import { createBot } from './Bot.ts';
import type { Connection } from './Connections.ts';
import { connectAll, createTelegramWebhook } from './connectAll.ts';
import type { Context } from './core/Context.ts';
import { createHealth } from './core/Health.ts';
import { isLocal } from './core/Links.ts';
import { createMarketAccess } from './core/marketAccess.ts';
import { createCatalog } from './core/marketCatalog.ts';
import { createAccounts } from './core/money/createAccounts.ts';
import { modelView } from './core/selling/ModelView.ts';
import type { Adapter, Platform } from './core/types.ts';
import { createEmbeddedTools } from './embedded.ts';
import { createLocalAdapter } from './local/adapter.ts';
import { startServer } from './local/server.ts';
import { createMetrics } from './metrics/Metrics.ts';
import { serveMetrics } from './metrics/server.ts';
import { createModeration } from './moderation.ts';
import { type BotSettings, leastCoin, readBotSettings } from './settings.ts';
import { createStore } from './store/Store.ts';

/** Waits this long for Discord, Telegram and the chain's past before saying that the bot is ready; they go on. Milliseconds. */
const connectWithinMs = 4_000;
/** A chain whose newest block is older than this is not to be trusted, seconds. */
const staleAfterSeconds = 300;

async function run(settings: BotSettings): Promise<void> {
  const { BOT_DATA_DIR: folder, LOG_LEVEL: level, BOT_LOG_FILE: logFile } = settings;
  for (const secret of [
    settings.DISCORD_TOKEN,
    settings.TELEGRAM_TOKEN,
    settings.BOT_KEY_PASSWORD,
    settings.MODERATION_KEY,
  ])
    hideSecret(secret);
  const log = createLog({ name: 'bot', level, ...(logFile && { file: logFile }) });
  const deployment = Deployment.read(settings.DEPLOYMENT_FILE);
  const rpc = await connect(settings.RPC_URLS, { chainId: deployment.chainId });
  const wallet = (await loadOrCreateKey(join(folder, 'key'), settings.BOT_KEY_PASSWORD)).connect(rpc);

  const database = open(join(folder, 'bot.sqlite'));
  // A file of its own: the sender's writes never fall into one of our transactions.
  const sendDatabase = open(join(folder, 'sender.sqlite'));
  const sender = createSender({
    rpc,
    wallet,
    database: sendDatabase,
    chainId: deployment.chainId,
    log,
    // Play money needs no guard.
    ...(!deployment.embedded && { maxFeePerHour: parseEther(settings.BOT_MAX_FEE_PER_HOUR) }),
  });
  const links: Context['links'] = {
    publicUrl: settings.PUBLIC_URL ?? `http://127.0.0.1:${settings.BOT_PORT}`,
    localOnly: settings.PUBLIC_URL === undefined || isLocal(settings.PUBLIC_URL),
    ...(settings.EXPLORER_URL && { explorer: settings.EXPLORER_URL }),
  };
  const moderate = createModeration({
    url: settings.MODERATION_URL,
    key: settings.MODERATION_KEY,
    wordsFile: settings.MODERATION_WORDS_FILE,
    log,
  });
  const connections = new Map<Platform, Connection>();
  const keyBalance = () => rpc.getBalance(wallet.address);
  const now = () => Math.floor(Date.now() / 1000);
  const health = createHealth({
    connections: () => new Map([...connections].map(([platform, connection]) => [platform, connection.connection()])),
    keyBalance,
    leastWei: leastCoin,
    now,
  });
  const context: Context = {
    ...(moderate && { moderate }),
    store: createStore(database),
    catalog: createCatalog(),
    market: createMarketAccess(rpc, deployment),
    accounts: createAccounts({
      rpc,
      deployment,
      spender: sender.address,
      ...(settings.RELAY_FEE_TO && { feePayee: settings.RELAY_FEE_TO }),
      relayFees: await relayFeesOf(settings, rpc),
    }),
    links,
    health,
    rules: {
      payLinkSeconds: settings.PAY_LINK_MINUTES * 60,
      answerSeconds: settings.ANSWER_MINUTES * 60,
      lateSeconds: settings.LATE_ANSWER_SECONDS,
      asksPerMinute: settings.ASKS_PER_MINUTE,
      ...(settings.DEFAULT_MODEL && { defaultModel: settings.DEFAULT_MODEL }),
    },
    now,
    log,
  };
  const adapters = new Map<Platform, Adapter>();
  const bot = createBot(context, { adapters, sender });
  const stored = await bot.follower.start();

  const local = createLocalAdapter({
    file: join(folder, 'local.sqlite'),
    log,
    suggest: (command, typed) => bot.suggest(command, typed),
  });
  adapters.set('local', local as Adapter);
  const metrics = createMetrics();
  const webhook = settings.TELEGRAM_WEBHOOK ? createTelegramWebhook(settings.TELEGRAM_WEBHOOK) : undefined;
  const server = await startServer({
    port: settings.BOT_PORT,
    ...(settings.PUBLIC_URL && { publicUrl: settings.PUBLIC_URL }),
    desk: bot.desk,
    requests: bot.requests,
    models: {
      view: (id, t) => modelView(context, id, t),
      links: (id) =>
        [...adapters].flatMap(([platform, adapter]) => {
          const url = adapter.modelLink?.(id);
          return url === undefined ? [] : [{ platform, url }];
        }),
    },
    createAsk: bot.createAsk,
    local,
    chain: {
      id: deployment.chainId,
      name: deployment.embedded ? 'Embedded chain' : `Chain ${deployment.chainId}`,
      // Nodes with credentials in their address are the operator's own.
      rpcUrls: deployment.embedded ? settings.RPC_URLS : [],
      ...(settings.EXPLORER_URL && { explorer: settings.EXPLORER_URL }),
      coin: await coinOf(context),
      market: deployment.market,
    },
    ...(deployment.embedded && { embedded: await createEmbeddedTools(rpc) }),
    ...(webhook && { webhook }),
    log,
  });
  if (!settings.PUBLIC_URL) links.publicUrl = server.url;

  const stopping = new AbortController();
  // Whoever asks in the first second should find what is for sale.
  const { promise: caughtUp, resolve: isCaughtUp } = Promise.withResolvers<void>();
  const target = (await latest(rpc)).number - settings.CONFIRMATIONS;
  const following = follow({
    rpc,
    deployment,
    start: stored === undefined ? { fromBlock: deployment.fromBlock } : cursorSchema.parse(JSON.parse(stored)),
    confirmations: settings.CONFIRMATIONS,
    // Blocks of the embedded chain come every second and looking costs nothing.
    pollMs: settings.CHAIN_POLL_MS ?? (deployment.embedded ? 100 : 500),
    ...(settings.RPC_WS_URL && { announcements: settings.RPC_WS_URL }),
    signal: stopping.signal,
    log,
    onUpdate: async (update) => {
      try {
        await bot.follower.onUpdate(update);
      } catch (error) {
        log.error({ err: error }, 'an update of the chain could not be written; it comes again');
        throw new RetryableError('The update was not written', { cause: error });
      }
      if (update.type === 'forward' && update.to >= target) isCaughtUp();
    },
  });
  following.catch((error: unknown) => {
    if (stopping.signal.aborted) return;
    log.fatal({ err: error }, 'following the chain ended');
    process.exit(1);
  });
  await sender.resume();
  await bot.start();
  await local.start(metrics.hearing(bot.receive));
  connectAll({ settings, context, bot, adapters, metrics, health, connections, webhook });
  const figures =
    settings.BOT_METRICS_PORT === undefined
      ? undefined
      : await serveMetrics(settings.BOT_METRICS_PORT, metrics.registry, {
          db: context.store.db,
          keyBalance,
          platforms: () => new Map([...connections].map(([platform, connection]) => [platform, connection.status()])),
          // Blocks of the embedded chain come only as they are needed.
          ...(!deployment.embedded && { staleAfter: staleAfterSeconds }),
          leastWei: leastCoin,
          now,
        });

  onStop(async () => {
    stopping.abort();
    await following.catch(() => {});
    // What is being sent is finished and noted while the platforms are still connected.
    await bot.stop();
    await Promise.all([...connections.values()].map((connection) => connection.stop()));
    await figures?.close();
    await server.stop();
    await local.stop();
    await sender.stop();
    database.close();
    sendDatabase.close();
    log.info('stopped');
  });

  await Promise.race([
    Promise.all([caughtUp, ...[...connections.values()].map((connection) => connection.tried)]),
    new Promise((resolve) => setTimeout(resolve, connectWithinMs).unref()),
  ]);
  ready({
    local: server.url,
    discord: connections.get('discord')?.status().line ?? 'off (set DISCORD_TOKEN)',
    telegram: connections.get('telegram')?.status().line ?? 'off (set TELEGRAM_TOKEN)',
    address: wallet.address,
    ...(figures && { metrics: figures.url }),
  });
}

/** The fees set in whole tokens, in smallest units. */
async function relayFeesOf({ RELAY_FEES }: BotSettings, rpc: Rpc): Promise<Map<Address, bigint>> {
  const fees = new Map<Address, bigint>();
  for (const { token, amount } of RELAY_FEES) {
    const { decimals, symbol } = await info(rpc, token);
    const fee = parse(amount, decimals);
    if (typeof fee === 'string') throw new SettingsError(`RELAY_FEES: ${symbol}: ${fee}`);
    fees.set(token, fee);
  }
  return fees;
}

async function coinOf({ market }: Context) {
  const { symbol, decimals } = await market.tokenInfo(zeroAddress);
  return { name: symbol, symbol, decimals };
}

try {
  await run(readBotSettings(environment()));
} catch (error) {
  const known =
    error instanceof SettingsError ||
    (error instanceof Error && /^(Deployment|Key|Port|Rpc|WrongChain)Error$/.test(error.name));
  process.stderr.write(
    `${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}
