import { MessageFlags, SnowflakeUtil } from 'discord.js';
import { type Adapter, DeliveryError, type MessageRef } from '../core/types.ts';
import type { createInteractions, Open } from './Interactions.ts';
import { createLatest } from './Latest.ts';
import type { DiscordPayload } from './payload.ts';
import { directPrefix, directWith } from './people.ts';
import type { Writer, Written } from './rest.ts';

export type Delivery = Required<Pick<Adapter<DiscordPayload>, 'send' | 'edit' | 'find' | 'elsewhere'>>;

const isBefore = (snowflake: string, time: number) => SnowflakeUtil.timestampFrom(snowflake) < time;

/**
 * Where a message goes: in the place of "thinking…", to one person alone, or into the channel as the bot's own.
 * @param writer throws DeliveryError `later` while there is no connection
 * @param startedAt interactions from before are a former run's, their tokens lost. Unix milliseconds
 */
export function createDelivery(
  writer: () => Writer,
  interactions: ReturnType<typeof createInteractions>,
  startedAt: number,
): Delivery {
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

  /** Where the first part went through an interaction that the channel doesn't see, so do the next ones. */
  function quietSource(replyTo: MessageRef | undefined): Open | undefined {
    const open = interactions.madeThrough(replyTo?.id);
    return open && (open.ephemeral || !open.visible) ? open : undefined;
  }

  return {
    async send(chat, { payload }, { replyTo, updateId, nonce, onlyFor }) {
      const open = (await interactions.answerable(updateId)) ?? quietSource(replyTo);
      const through = await answerThrough(open, payload, onlyFor !== undefined);
      if (through) return { chat, id: through.id };
      // The channel is no place for what is for one person's eyes.
      if (onlyFor) throw new DeliveryError('gone', 'the interaction is over, and this is for one person alone');
      const isDirect = chat.id.startsWith(directPrefix);
      const channel = isDirect
        ? await writer().directWith(chat.id.slice(directPrefix.length))
        : (chat.thread ?? chat.id);
      const isLost = updateId !== undefined && isBefore(updateId, startedAt);
      const earlier = isLost ? await writer().answerTo(updateId, channel) : undefined;
      if (earlier) {
        await change({ chat, id: earlier.id }, payload);
        return { chat, id: earlier.id };
      }
      const reference = replyTo && { message_reference: { message_id: replyTo.id, fail_if_not_exists: false } };
      const once = { nonce: nonce.slice(0, 25), enforce_nonce: true };
      const { id } = await writer().inChannel(channel, { ...payload, ...once, ...reference });
      return { chat: isDirect ? { ...chat, id: channel } : chat, id };
    },
    async find(chat, { since, replyTo }) {
      if (chat.id.startsWith(directPrefix)) return [];
      const found = await writer().own(chat.thread ?? chat.id, since, replyTo?.id);
      return found.map(({ id }) => ({ chat, id }));
    },
    elsewhere: (_, person) => [directWith(person)],
    edit: (ref, { payload }) => latest(`${ref.chat.thread ?? ref.chat.id}:${ref.id}`, { ref, payload }),
  };
}
