import { setTimeout as pause } from 'node:timers/promises';
import { type APIInteraction, DiscordAPIError, InteractionType, Routes } from 'discord.js';
import { hideSecret, type Log } from '../../contracts/client/support/Log.ts';
import { noteConnection } from '../core/ConnectionStatus.ts';
import { type Language, languageOfTag, type Translate, translator } from '../core/I18n.ts';
import { type Adapter, type Chat, DeliveryError, type Incoming, type Person } from '../core/types.ts';
import { acknowledge, complete, isQuiet, openForm, type Suggest } from './acknowledge.ts';
import { discordCommands } from './commands.ts';
import { type Connection, connect } from './connect.ts';
import { createDelivery } from './delivery.ts';
import { baseOf, type Heard, toIncoming } from './events.ts';
import { failure } from './failure.ts';
import { fetchFiles } from './files.ts';
import type { Opener } from './form.ts';
import { createInteractions } from './Interactions.ts';
import { type DiscordMessage, isForBot, questionOf } from './messages.ts';
import { type DiscordPayload, renderDiscord } from './payload.ts';
import { directWith } from './people.ts';
import { createWriter } from './rest.ts';
import { createTurns } from './Turns.ts';

export type DiscordOptions = {
  /** From the developer portal. Secret: whoever has it is the bot. */
  token: string;
  /** Another API root, such as `http://127.0.0.1:1234/api`; the gateway's address comes from there. Default: Discord's. */
  restApi?: string;
  log: Log;
  /** Completions for the option `model`. */
  suggest?: Suggest;
  /** The language to speak to a person; `hint` is Discord's word on it. Default: the hint's. */
  languageOf?: (of: { person: Person; chat: Chat; hint: string | undefined }) => Promise<Language>;
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
  languageOf,
}: DiscordOptions): Adapter<DiscordPayload> {
  hideSecret(token);
  const interactions = createInteractions();
  const turns = createTurns();
  const stopping = new AbortController();
  const handling = new Set<Promise<void>>();
  const state = noteConnection();
  let trouble: string | undefined;
  let connection: Connection | undefined;

  const connected = (): Connection => {
    if (!connection) throw new DeliveryError('later', 'Discord is not connected');
    return connection;
  };
  const delivery = createDelivery(() => createWriter(connected()), interactions, Date.now());

  type Receive = (event: Incoming) => Promise<void>;

  /** What a form is written in: what the person or the chat's admins chose, else the language of the person's client. */
  async function speak(opener: Opener): Promise<Translate> {
    const base = baseOf(opener);
    const hint = base?.locale;
    return translator(base && languageOf ? await languageOf({ ...base, hint }) : (languageOfTag(hint) ?? 'en'));
  }

  async function hear(interaction: APIInteraction, receive: Receive): Promise<void> {
    const { open: rest } = await ready.promise;
    if (interaction.type === InteractionType.ApplicationCommandAutocomplete)
      return complete(rest, interaction, suggest, log);
    if (await openForm(rest, interaction, speak, log)) return;
    const heard = toIncoming(interaction);
    if (!heard) return;
    if (!interactions.has(interaction.id)) {
      const acknowledged = acknowledge(rest, interaction, log);
      interactions.open(interaction, { kind: heard.event.type, ephemeral: isQuiet(interaction), acknowledged });
      turns.acknowledging(acknowledged);
      await turns.mine();
    }
    await insist(interaction.id, () => hand(heard, receive));
  }

  async function read(message: DiscordMessage, receive: Receive): Promise<void> {
    const { self, chatOf } = await ready.promise;
    if (!isForBot(message, self)) return;
    const { guild_id: server, channel_id: channel } = message;
    await insist(message.id, async () => {
      const chat: Chat = server === undefined ? { platform: 'discord', id: channel } : await chatOf(channel);
      await hand(questionOf(message, chat, self), receive);
    });
  }

  async function hand({ event, files }: Heard, receive: Receive): Promise<void> {
    const attachments = files.length > 0 ? await fetchFiles(files, restApi) : [];
    await receive(event.type === 'command' && attachments.length > 0 ? { ...event, attachments } : event);
  }

  async function insist(updateId: string, work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; attempt <= tries && !stopping.signal.aborted; attempt++) {
      try {
        return await work();
      } catch (error) {
        log.error({ err: error, updateId, attempt }, 'an event of Discord could not be handled');
        if (attempt < tries)
          await pause(100 * 2 ** attempt, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** Puts the menu of commands. An application whose page in the portal has *User Install* off may refuse the whole of it. */
  async function register({ rest, application }: Connection): Promise<void> {
    const put = (userInstall: boolean) =>
      rest.put(Routes.applicationCommands(application), { body: discordCommands(userInstall) });
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
      const track = (heard: Promise<void>) => {
        const tracked = heard
          .catch((error: unknown) => log.error({ err: failure(error) }, 'an event of Discord was lost'))
          .finally(() => handling.delete(tracked));
        handling.add(tracked);
      };
      const onInteraction = (interaction: APIInteraction) => track(hear(interaction, receive));
      const onMessage = (message: DiscordMessage) => track(read(message, receive));
      connection = await connect({
        token,
        restApi,
        log,
        signal: stopping.signal,
        onInteraction,
        onMessage,
        state,
      });
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
      state.down('stopped');
    },
    status() {
      const { isConnected, line } = state.status();
      return { isConnected, line: trouble === undefined ? line : `${line}; ${trouble}` };
    },
    connection() {
      const since = state.since();
      return since === undefined ? undefined : { by: 'gateway', since };
    },
    render: renderDiscord,
    send: (chat, part, about) => noting(chat, delivery.send(chat, part, about)),
    edit: (ref, part) => noting(ref.chat, delivery.edit(ref, part)),
    find: delivery.find,
    elsewhere: delivery.elsewhere,
    direct: (person) => ({ chat: directWith(person) }),
  };
}
