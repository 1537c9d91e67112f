import { setTimeout as pause } from 'node:timers/promises';
import {
  type APIInteraction,
  Client,
  Events,
  GatewayDispatchEvents,
  GatewayIntentBits,
  type GatewayReadyDispatchData,
  Options,
  REST,
} from 'discord.js';
import type { Log } from '../../contracts/client/support/Log.ts';
import { operatorsFault } from './failure.ts';

export type ConnectOptions = {
  token: string;
  restApi?: string | undefined;
  log: Log;
  signal: AbortSignal;
  onInteraction(interaction: APIInteraction): void;
  /** A line for the status. */
  onState(state: string): void;
};

export type Connection = {
  rest: REST;
  /** For what goes through an interaction's own token: Discord counts that against no global limit. */
  open: REST;
  application: string;
  close(): Promise<void>;
};

/**
 * Connects to the gateway and stays connected. Asks for no privileged intent: interactions need none.
 * Reads interactions as they come off the wire: they must be acknowledged within 3 s, whatever else is loading.
 * @throws Error with what the operator must do, or when aborted
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { log, signal, onState } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectOnce(options);
    } catch (error) {
      const fault = operatorsFault(error);
      onState(fault ?? 'Discord is not reachable; trying again');
      if (fault !== undefined || signal.aborted) throw new Error(fault ?? 'stopped');
      const seconds = Math.min(60, 2 ** (attempt - 1) / 2);
      log.warn({ seconds }, 'Discord is not reachable; trying again');
      await pause(seconds * 1_000, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function connectOnce({
  token,
  restApi,
  log,
  signal,
  onInteraction,
  onState,
}: ConnectOptions): Promise<Connection> {
  const rest = { retries: 2, ...(restApi && { api: restApi.replace(/\/+$/, '') }) };
  const open = new REST({ ...rest, globalRequestsPerSecond: 1_000_000 });
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    shards: 'auto',
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      GuildMemberManager: 0,
      PresenceManager: 0,
    }),
    rest,
  });
  const closing = () => void client.destroy();
  signal.addEventListener('abort', closing, { once: true });
  const ready = new Promise<GatewayReadyDispatchData>((resolve) => {
    client.ws.once(GatewayDispatchEvents.Ready, (data: GatewayReadyDispatchData) => resolve(data));
  });
  let connected = 'connected';
  client.ws.on(GatewayDispatchEvents.InteractionCreate, (interaction: APIInteraction) => onInteraction(interaction));
  client.on(Events.ShardReconnecting, () => onState('connection to Discord lost; reconnecting'));
  client.on(Events.ShardResume, () => onState(connected));
  client.on(Events.ShardReady, () => onState(connected));
  client.on(Events.ShardDisconnect, ({ code }) => {
    onState(faultOfClose(code) ?? `Discord closed the connection for good (${code})`);
    log.error({ code }, 'Discord closed the connection for good');
  });
  client.on(Events.ShardError, (error) => log.warn({ err: error }, 'connection to Discord'));
  client.on(Events.Error, (error) => log.error({ err: error }, 'discord.js'));
  try {
    await client.login(token);
    const { application, user } = await ready;
    connected = `connected as ${user.username}`;
    onState(connected);
    return { rest: client.rest, open, application: application.id, close: () => client.destroy() };
  } catch (error) {
    signal.removeEventListener('abort', closing);
    await client.destroy().catch(() => undefined);
    throw error;
  }
}

function faultOfClose(code: number): string | undefined {
  if (code === 4004) return operatorsFault(new Error('Authentication failed'));
  if (code === 4013 || code === 4014) return operatorsFault(new Error('Disallowed intents'));
  return code === 4010 || code === 4011 ? operatorsFault(new Error('Sharding required')) : undefined;
}
