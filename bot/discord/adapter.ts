import { setTimeout as pause } from 'node:timers/promises';
import { type APIInteraction, DiscordAPIError, InteractionType, Routes } from 'discord.js';
import { hideSecret, type Log } from '../../contracts/client/support/Log.ts';
import { commands as coreCommands } from '../core/commands/list.ts';
import { type Adapter, type Chat, DeliveryError, type Incoming } from '../core/types.ts';
import { acknowledge, complete, isQuiet, type Suggest } from './acknowledge.ts';
import { discordCommands } from './commands.ts';
import { type Connection, connect } from './connect.ts';
import { createDelivery } from './delivery.ts';
import { toIncoming } from './events.ts';
import { failure } from './failure.ts';
import { createInteractions } from './Interactions.ts';
import { type DiscordPayload, renderDiscord } from './payload.ts';
import { createWriter } from './rest.ts';

export type DiscordOptions = {
  /** From the developer portal. Secret: whoever has it is the bot. */
  token: string;
  /** Another API root, such as `http://127.0.0.1:1234/api`; the gateway's address comes from there. Default: Discord's. */
  restApi?: string;
  log: Log;
  /** Completions for the option `model`. */
  suggest?: Suggest;
  /** The menu of commands. */
  commands?: readonly { name: string; description: string }[];
};

const tries = 5;

/**
 * Discord through discord.js: interactions in by the gateway, messages out by REST (which keeps Discord's rate limits).
 * A command is acknowledged at once; its first answer takes the place of "thinking…", later ones are ordinary messages.
 * `start` rejects when the operator must act; without a network it goes on trying.
 */
export function createDiscordAdapter({
  token,
  restApi,
  log,
  suggest,
  commands = coreCommands,
}: DiscordOptions): Adapter<DiscordPayload> {
  hideSecret(token);
  const interactions = createInteractions();
  const stopping = new AbortController();
  const handling = new Set<Promise<void>>();
  let state = 'not connected';
  let trouble: string | undefined;
  let connection: Connection | undefined;

  const connected = (): Connection => {
    if (!connection) throw new DeliveryError('later', 'Discord is not connected');
    return connection;
  };
  const delivery = createDelivery(() => createWriter(connected()), interactions, Date.now());

  async function hear(interaction: APIInteraction, receive: (event: Incoming) => Promise<void>): Promise<void> {
    const { open: rest } = await ready.promise;
    if (interaction.type === InteractionType.ApplicationCommandAutocomplete)
      return complete(rest, interaction, suggest, log);
    const event = toIncoming(interaction);
    if (!event) return;
    if (!interactions.has(interaction.id)) {
      const acknowledged = acknowledge(rest, interaction, log);
      interactions.open(interaction, { kind: event.type, ephemeral: isQuiet(interaction), acknowledged });
    }
    for (let attempt = 1; attempt <= tries && !stopping.signal.aborted; attempt++) {
      try {
        return await receive(event);
      } catch (error) {
        log.error({ err: error, updateId: event.updateId, attempt }, 'the core failed on an interaction');
        if (attempt < tries)
          await pause(100 * 2 ** attempt, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** Puts the menu of commands. An application whose page in the portal has *User Install* off may refuse the whole of it. */
  async function register({ rest, application }: Connection): Promise<void> {
    const put = (userInstall: boolean) =>
      rest.put(Routes.applicationCommands(application), { body: discordCommands(commands, userInstall) });
    await put(true).catch((error: unknown) => {
      if (!(error instanceof DiscordAPIError) || error.status !== 400) throw error;
      log.warn(
        `commands only for servers: ${failure(error).message}. Is "User Install" ticked in the developer portal, under Installation?`,
      );
      return put(false);
    });
  }

  const ready = Promise.withResolvers<Connection>();
  ready.promise.catch(() => undefined);

  /** Notes in the status what only a server's administrator can mend. */
  async function noting<T>(chat: Chat, call: Promise<T>): Promise<T> {
    try {
      const result = await call;
      trouble = undefined;
      return result;
    } catch (error) {
      if (error instanceof DeliveryError && /\((?:50001|50013)\)/.test(error.message)) {
        trouble = `may not write in channel ${chat.thread ?? chat.id}: it needs View Channel, Send Messages and Read Message History`;
      }
      throw error;
    }
  }

  return {
    platform: 'discord',
    dropsRepeats: true,
    async start(receive) {
      const onInteraction = (interaction: APIInteraction) => {
        const heard = hear(interaction, receive)
          .catch((error: unknown) => log.error({ err: failure(error) }, 'an interaction was lost'))
          .finally(() => handling.delete(heard));
        handling.add(heard);
      };
      const onState = (next: string) => {
        state = next;
      };
      connection = await connect({ token, restApi, log, signal: stopping.signal, onInteraction, onState });
      ready.resolve(connection);
      try {
        await register(connection);
      } catch (error) {
        await connection.close();
        throw failure(error);
      }
    },
    async stop() {
      stopping.abort();
      ready.reject(new Error('stopped'));
      await Promise.all(handling);
      await connection?.close();
      connection = undefined;
      state = 'stopped';
    },
    status: () => (trouble === undefined ? state : `${state}; ${trouble}`),
    render: renderDiscord,
    send: (chat, part, about) => noting(chat, delivery.send(chat, part, about)),
    edit: (ref, part) => noting(ref.chat, delivery.edit(ref, part)),
  };
}
