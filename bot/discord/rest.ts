import { type APIMessage, MessageFlags, type RESTPostAPIChannelMessageJSONBody, Routes } from 'discord.js';
import { contentOf } from '../core/contentOf.ts';
import { DeliveryError, type MessageFile } from '../core/types.ts';
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
