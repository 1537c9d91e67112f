import { type APIMessage, type RESTPostAPIChannelMessageJSONBody, Routes } from 'discord.js';
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
      return written(rest.post(Routes.channelMessages(channel), { body }));
    },
    editInChannel(channel: string, message: string, body: DiscordPayload) {
      return written(rest.patch(Routes.channelMessage(channel, message), { body }));
    },
    /** @param message of that interaction; `@original` is its first answer */
    editThrough(token: string, message: string, body: DiscordPayload) {
      return written(open.patch(Routes.webhookMessage(application, token, message), { body, auth: false }));
    },
    followUp(token: string, body: Omit<DiscordPayload, 'flags'> & { flags: number }) {
      const query = new URLSearchParams({ wait: 'true' });
      return written(open.post(Routes.webhook(application, token), { body, query, auth: false }));
    },
    async deleteOriginal(token: string): Promise<void> {
      await open
        .delete(Routes.webhookMessage(application, token, '@original'), { auth: false })
        .catch((error: unknown) => Promise.reject(failure(error)));
    },
  };
}

export type Writer = ReturnType<typeof createWriter>;
