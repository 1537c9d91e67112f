import { type APIMessage, MessageFlags, type RESTPostAPIChannelMessageJSONBody, Routes } from 'discord.js';
import type { Attachment } from '../core/markdown/attachment.ts';
import { DeliveryError } from '../core/types.ts';
import type { Connection } from './connect.ts';
import { failure } from './failure.ts';
import type { DiscordPayload } from './payload.ts';

export type Written = { id: string; channel: string };

/** The few calls that write messages. Every one throws what `failure` makes of Discord's refusal. */
export function createWriter({ rest, open, application }: Pick<Connection, 'rest' | 'open' | 'application'>) {
  async function written(call: Promise<unknown>): Promise<Written> {
    try {
      const { id, channel_id: channel } = (await call) as APIMessage;
      return { id, channel };
    } catch (error) {
      throw failure(error);
    }
  }

  return {
    inChannel(
      channel: string,
      body: DiscordPayload & Pick<RESTPostAPIChannelMessageJSONBody, 'nonce' | 'enforce_nonce' | 'message_reference'>,
    ) {
      return written(rest.post(Routes.channelMessages(channel), sending(body)));
    },
    editInChannel(channel: string, message: string, body: DiscordPayload) {
      return written(rest.patch(Routes.channelMessage(channel, message), replacing(body)));
    },
    /** @param message of that interaction; `@original` is its first answer */
    editThrough(token: string, message: string, body: DiscordPayload) {
      return written(
        open.patch(Routes.webhookMessage(application, token, message), { ...replacing(body), auth: false }),
      );
    },
    followUp(token: string, body: Omit<DiscordPayload, 'flags'> & { flags: number }) {
      const query = new URLSearchParams({ wait: 'true' });
      return written(open.post(Routes.webhook(application, token), { ...sending(body), query, auth: false }));
    },
    /**
     * The answer that a run of the bot before this one gave to an interaction whose token is lost.
     * Undefined when there is none, or when the bot may not look.
     */
    async answerTo(interaction: string, channel: string): Promise<Written | undefined> {
      const query = new URLSearchParams({ after: interaction, limit: '50' });
      try {
        const messages = (await rest.get(Routes.channelMessages(channel), { query })) as APIMessage[];
        const found = messages.find(
          ({ interaction_metadata: asked, flags = 0 }) => asked?.id === interaction && !(flags & MessageFlags.Loading),
        );
        return found && { id: found.id, channel };
      } catch (error) {
        const why = failure(error);
        if (why instanceof DeliveryError && why.kind === 'gone') return undefined;
        throw why;
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
function sending<Body extends { file?: Attachment }>({ file, ...body }: Body) {
  return {
    body,
    ...(file && { files: [{ name: file.name, data: Buffer.from(file.text, 'utf8'), contentType: 'text/markdown' }] }),
  };
}

/** The same for an edit: what was attached before goes. */
function replacing(payload: DiscordPayload) {
  const { body, ...files } = sending(payload);
  return { body: { ...body, attachments: payload.file ? [{ id: '0', filename: payload.file.name }] : [] }, ...files };
}

export type Writer = ReturnType<typeof createWriter>;
