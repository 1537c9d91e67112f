import {
  type APIMessage,
  MessageFlags,
  type RESTPostAPIChannelMessageJSONBody,
  Routes,
  SnowflakeUtil,
} from 'discord.js';
import { contentOf } from '../core/contentOf.ts';
import { DeliveryError, type MessageFile } from '../core/types.ts';
import type { Connection } from './connect.ts';
import { failure } from './failure.ts';
import type { DiscordPayload } from './payload.ts';

const clockSlackSeconds = 60;

export type Written = { id: string; channel: string };

/** The few calls that write messages. Every one throws what `failure` makes of Discord's refusal. */
export function createWriter({
  rest,
  open,
  application,
  self,
}: Pick<Connection, 'rest' | 'open' | 'application' | 'self'>) {
  async function written(call: Promise<unknown>): Promise<Written> {
    try {
      const { id, channel_id: channel } = (await call) as APIMessage;
      return { id, channel };
    } catch (error) {
      throw failure(error);
    }
  }

  /** None when the bot may not look. */
  async function messagesAfter(channel: string, snowflake: string): Promise<APIMessage[]> {
    const query = new URLSearchParams({ after: snowflake, limit: '100' });
    try {
      return (await rest.get(Routes.channelMessages(channel), { query })) as APIMessage[];
    } catch (error) {
      const why = failure(error);
      if (why instanceof DeliveryError && why.kind === 'gone') return [];
      throw why;
    }
  }

  return {
    async inChannel(
      channel: string,
      body: DiscordPayload & Pick<RESTPostAPIChannelMessageJSONBody, 'nonce' | 'enforce_nonce' | 'message_reference'>,
    ) {
      return written(rest.post(Routes.channelMessages(channel), await sending(body)));
    },
    async editInChannel(channel: string, message: string, body: DiscordPayload) {
      return written(rest.patch(Routes.channelMessage(channel, message), await replacing(body)));
    },
    /** @param message of that interaction; `@original` is its first answer */
    async editThrough(token: string, message: string, body: DiscordPayload) {
      return written(
        open.patch(Routes.webhookMessage(application, token, message), { ...(await replacing(body)), auth: false }),
      );
    },
    async followUp(token: string, body: Omit<DiscordPayload, 'flags'> & { flags: number }) {
      const query = new URLSearchParams({ wait: 'true' });
      return written(open.post(Routes.webhook(application, token), { ...(await sending(body)), query, auth: false }));
    },
    /**
     * The answer that a run of the bot before this one gave to an interaction whose token is lost.
     * Undefined when there is none, or when the bot may not look.
     */
    async answerTo(interaction: string, channel: string): Promise<Written | undefined> {
      const messages = await messagesAfter(channel, interaction);
      const found = messages.find(
        ({ interaction_metadata: asked, flags = 0 }) => asked?.id === interaction && !(flags & MessageFlags.Loading),
      );
      return found && { id: found.id, channel };
    },
    /** The bot's own messages since then that reply to `replyTo`, or to nothing. Oldest first. @param since unix seconds */
    async own(channel: string, since: number, replyTo: string | undefined): Promise<Written[]> {
      // Clocks differ; one message more to look at costs nothing.
      const from = SnowflakeUtil.generate({ timestamp: (since - clockSlackSeconds) * 1_000 });
      const messages = await messagesAfter(channel, String(from));
      return messages
        .filter(
          ({ author, message_reference: reference, flags = 0 }) =>
            author.id === self && reference?.message_id === replyTo && !(flags & MessageFlags.Loading),
        )
        .map(({ id }) => ({ id, channel }))
        .toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    },
    /** The channel with one person alone. */
    async directWith(person: string): Promise<string> {
      try {
        const { id } = (await rest.post(Routes.userChannels(), { body: { recipient_id: person } })) as { id: string };
        return id;
      } catch (error) {
        throw failure(error);
      }
    },
    async deleteOriginal(token: string): Promise<void> {
      await open
        .delete(Routes.webhookMessage(application, token, '@original'), { auth: false })
        .catch((error: unknown) => Promise.reject(failure(error)));
    },
  };
}

/** A body with its file beside it. */
async function sending<Body extends { file?: MessageFile }>({ file, ...body }: Body) {
  if (!file) return { body };
  const { bytes, type } = await contentOf(file);
  return { body: { ...body, ...attached(file) }, files: [{ name: file.name, data: bytes, contentType: type }] };
}

/** The same for an edit: what was attached before goes. */
async function replacing(payload: DiscordPayload) {
  const { body, ...files } = await sending(payload);
  return { body: { attachments: [], ...body }, ...files };
}

/** The description is what a screen reader says of a picture. */
function attached(file: MessageFile) {
  const description = 'picture' in file ? { description: file.picture.alt } : {};
  return { attachments: [{ id: '0', filename: file.name, ...description }] };
}

export type Writer = ReturnType<typeof createWriter>;
