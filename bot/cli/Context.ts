import { join } from 'node:path';
import { REST } from 'discord.js';
import { Api } from 'grammy';
import * as Deployment from '../../contracts/client/Deployment.ts';
import { type Address, address } from '../../contracts/client/Hex.ts';
import { loadOrCreateKey } from '../../contracts/client/Keystore.ts';
import { connect, type Rpc } from '../../contracts/client/Rpc.ts';
import { hideSecret } from '../../contracts/client/support/Log.ts';
import { environment } from '../../contracts/client/support/Settings.ts';
import { type BotSettings, readBotSettings } from '../settings.ts';

/** What the bot's commands look at. The chain is connected to when it is first needed. */
export type CliContext = {
  settings: BotSettings;
  deployment(): Deployment.Deployment;
  rpc(): Promise<Rpc>;
  /** The address of the bot's key, which is made when there is none. */
  keyAddress(): Promise<Address>;
  telegram?: Api;
  discord?: REST;
};

/** Reads the settings of `npm run bot`. @throws SettingsError */
export function openContext(env = environment()): CliContext {
  const settings = readBotSettings(env);
  const { TELEGRAM_TOKEN, TELEGRAM_API_ROOT, DISCORD_TOKEN, DISCORD_API_ROOT } = settings;
  for (const secret of [TELEGRAM_TOKEN, DISCORD_TOKEN, settings.BOT_KEY_PASSWORD]) hideSecret(secret);
  const deployment = () => Deployment.read(settings.DEPLOYMENT_FILE);
  return {
    settings,
    deployment,
    rpc: () => connect(settings.RPC_URLS, { chainId: deployment().chainId }),
    keyAddress: async () =>
      address((await loadOrCreateKey(join(settings.BOT_DATA_DIR, 'key'), settings.BOT_KEY_PASSWORD)).address),
    ...(TELEGRAM_TOKEN && {
      telegram: new Api(TELEGRAM_TOKEN, {
        timeoutSeconds: 10,
        ...(TELEGRAM_API_ROOT && { apiRoot: TELEGRAM_API_ROOT }),
      }),
    }),
    ...(DISCORD_TOKEN && {
      discord: new REST({ retries: 1, timeout: 10_000, ...(DISCORD_API_ROOT && { api: DISCORD_API_ROOT }) }).setToken(
        DISCORD_TOKEN,
      ),
    }),
  };
}
