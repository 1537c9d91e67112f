import { setTimeout as pause } from 'node:timers/promises';
import {
  type APIChannel,
  type APIInteraction,
  Client,
  Events,
  GatewayDispatchEvents,
  GatewayIntentBits,
  type GatewayMessageCreateDispatchData,
  type GatewayReadyDispatchData,
  Options,
  REST,
  Routes,
} from 'discord.js';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { ConnectionNotes } from '../core/ConnectionStatus.ts';
import type { Chat } from '../core/types.ts';
import { chatOf } from './events.ts';
import { operatorsFault } from './failure.ts';

export type ConnectOptions = {
  token: string;
  restApi?: string | undefined;
  log: Log;
  signal: AbortSignal;
  onInteraction(interaction: APIInteraction): void;
  onMessage(message: GatewayMessageCreateDispatchData): void;
  /** A line for the status. */
  state: Pick<ConnectionNotes, 'up' | 'down'>;
};

export type Connection = {
  rest: REST;
  /** For what goes through an interaction's own token: Discord counts that against no global limit. */
  open: REST;
  application: string;
  /** The bot's own account. */
  self: string;
  /** Where a message stands: the thread told from its channel. @throws what Discord says when it must be asked and refuses */
  chatOf(channel: string): Promise<Chat>;
  close(): Promise<void>;
};

/**
 * Connects to the gateway and stays connected. Asks for no privileged intent: neither interactions nor the text of messages
 * that mention the bot or are for it alone need one.
 * Reads interactions as they come off the wire: they must be acknowledged within 3 s, whatever else is loading.
 * @throws Error with what the operator must do, or when aborted
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { log, signal, state } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectOnce(options);
    } catch (error) {
      const fault = operatorsFault(error);
      state.down(fault ?? 'Discord is not reachable; trying again');
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
  onMessage,
  state,
}: ConnectOptions): Promise<Connection> {
  const rest = { retries: 2, ...(restApi && { api: restApi.replace(/\/+$/, '') }) };
  const open = new REST({ ...rest, globalRequestsPerSecond: 1_000_000 });
  const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
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
  client.ws.on(GatewayDispatchEvents.MessageCreate, (message: GatewayMessageCreateDispatchData) => onMessage(message));
  client.on(Events.ShardReconnecting, () => state.down('connection to Discord lost; reconnecting'));
  client.on(Events.ShardResume, () => state.up(connected));
  client.on(Events.ShardReady, () => state.up(connected));
  client.on(Events.ShardDisconnect, ({ code }) => {
    state.down(faultOfClose(code) ?? `Discord closed the connection for good (${code})`);
    log.error({ code }, 'Discord closed the connection for good');
  });
  client.on(Events.ShardError, (error) => log.warn({ err: error }, 'connection to Discord'));
  client.on(Events.Error, (error) => log.error({ err: error }, 'discord.js'));
  try {
    await client.login(token);
    const { application, user } = await ready;
    connected = `connected as ${user.username}`;
    state.up(connected);
    const asked = new Map<string, Promise<Chat>>();
    const chatOfChannel = (id: string): Promise<Chat> => {
      const known = client.channels.cache.get(id);
      if (known) return Promise.resolve(chatOf(id, known.type, known.isThread() ? known.parentId : undefined));
      const asking = asked.get(id) ?? askFor(client.rest, id);
      asked.set(id, asking);
      asking.catch(() => asked.delete(id));
      return asking;
    };
    return {
      rest: client.rest,
      open,
      application: application.id,
      self: user.id,
      chatOf: chatOfChannel,
      close: () => client.destroy(),
    };
  } catch (error) {
    signal.removeEventListener('abort', closing);
    await client.destroy().catch(() => undefined);
    throw error;
  }
}

async function askFor(rest: REST, id: string): Promise<Chat> {
  const channel = (await rest.get(Routes.channel(id))) as APIChannel;
  return chatOf(id, channel.type, 'parent_id' in channel ? channel.parent_id : undefined);
}

function faultOfClose(code: number): string | undefined {
  if (code === 4004) return operatorsFault(new Error('Authentication failed'));
  if (code === 4013 || code === 4014) return operatorsFault(new Error('Disallowed intents'));
  return code === 4010 || code === 4011 ? operatorsFault(new Error('Sharding required')) : undefined;
}
