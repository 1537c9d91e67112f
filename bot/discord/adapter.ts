import { setTimeout as pause } from 'node:timers/promises';
import { type APIInteraction, InteractionType, MessageFlags, Routes, SnowflakeUtil } from 'discord.js';
import { hideSecret, type Log } from '../../contracts/client/support/Log.ts';
import { commands as coreCommands } from '../core/commands/list.ts';
import { type Adapter, type Chat, DeliveryError, type Incoming, type MessageRef } from '../core/types.ts';
import { acknowledge, complete, isQuiet, type Suggest } from './acknowledge.ts';
import { discordCommands } from './commands.ts';
import { type Connection, connect } from './connect.ts';
import { toIncoming } from './events.ts';
import { failure } from './failure.ts';
import { createInteractions, type Open } from './Interactions.ts';
import { createLatest } from './Latest.ts';
import { type DiscordPayload, renderDiscord } from './payload.ts';
import { createWriter, type Written } from './rest.ts';

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

const isBefore = (snowflake: string, time: number) => SnowflakeUtil.timestampFrom(snowflake) < time;

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
  const startedAt = Date.now();
  let state = 'not connected';
  let trouble: string | undefined;
  let connection: Connection | undefined;

  const connected = (): Connection => {
    if (!connection) throw new DeliveryError('later', 'Discord is not connected');
    return connection;
  };
  const writer = () => createWriter(connected());

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

  /** The first answer to an interaction: in the place of "thinking…", or for one person alone. */
  async function answer(open: Open, payload: DiscordPayload, quietly: boolean): Promise<Written | undefined> {
    const ephemeral = { ...payload, flags: payload.flags | MessageFlags.Ephemeral };
    if (open.kind === 'command' && !open.used) {
      if (quietly && !open.ephemeral) {
        await writer().deleteOriginal(open.token);
        open.used = true;
        return writer().followUp(open.token, ephemeral);
      }
      const written = await writer().editThrough(open.token, '@original', payload);
      open.used = true;
      return written;
    }
    if (quietly || open.ephemeral) return writer().followUp(open.token, ephemeral);
    return open.visible ? undefined : writer().followUp(open.token, payload);
  }

  async function answerThrough(
    open: Open | undefined,
    payload: DiscordPayload,
    quietly: boolean,
  ): Promise<Written | undefined> {
    if (!open) return undefined;
    try {
      const written = await answer(open, payload, quietly);
      if (written) interactions.made(written.id, open);
      return written;
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.kind !== 'gone' || !open.visible || quietly) throw error;
      return undefined;
    }
  }

  async function change(ref: MessageRef, payload: DiscordPayload): Promise<void> {
    const open = interactions.madeThrough(ref.id);
    if (open && (open.ephemeral || !open.visible)) await writer().editThrough(open.token, ref.id, payload);
    else {
      try {
        await writer().editInChannel(ref.chat.thread ?? ref.chat.id, ref.id, payload);
      } catch (error) {
        if (!open || !(error instanceof DeliveryError) || error.kind !== 'gone') throw error;
        await writer().editThrough(open.token, ref.id, payload);
      }
    }
  }

  const latest = createLatest<{ ref: MessageRef; payload: DiscordPayload }>((_, { ref, payload }) =>
    change(ref, payload),
  );

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
        await connection.rest.put(Routes.applicationCommands(connection.application), {
          body: discordCommands(commands),
        });
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
    async send(chat, { payload }, { replyTo, updateId, nonce, onlyFor }) {
      const open = (await interactions.answerable(updateId)) ?? quietSource(replyTo);
      const through = await noting(chat, answerThrough(open, payload, onlyFor !== undefined));
      if (through) return { chat, id: through.id };
      const reference = replyTo && { message_reference: { message_id: replyTo.id, fail_if_not_exists: false } };
      const channel = chat.thread ?? chat.id;
      const earlier =
        updateId !== undefined && isBefore(updateId, startedAt)
          ? await writer().answerTo(updateId, channel)
          : undefined;
      if (earlier) {
        await change({ chat, id: earlier.id }, payload);
        return { chat, id: earlier.id };
      }
      const { id } = await noting(
        chat,
        writer().inChannel(channel, { ...payload, nonce: nonce.slice(0, 25), enforce_nonce: true, ...reference }),
      );
      return { chat, id };
    },
    edit: (ref, { payload }) =>
      noting(ref.chat, latest(`${ref.chat.thread ?? ref.chat.id}:${ref.id}`, { ref, payload })),
  };

  /** Where the first part went through an interaction that the channel doesn't see, so do the next ones. */
  function quietSource(replyTo: MessageRef | undefined): Open | undefined {
    const open = interactions.madeThrough(replyTo?.id);
    return open && (open.ephemeral || !open.visible) ? open : undefined;
  }
}
