import { Api, GrammyError, InputFile } from 'grammy';
import type { BotCommand, Message, Update } from 'grammy/types';
import { hideSecret, type Log } from '../../contracts/client/support/Log.ts';
import { noteConnection } from '../core/ConnectionStatus.ts';
import { type MenuEntry, menu } from '../core/commands/menu.ts';
import { contentOf } from '../core/contentOf.ts';
import { languages } from '../core/I18n.ts';
import { type Adapter, DeliveryError, type GroupMove, type Incoming, type MessageFile } from '../core/types.ts';
import { createAdmins } from './Admins.ts';
import { failure, isNotModified, migratedTo, retryAfter } from './failure.ts';
import { fetchFile } from './files.ts';
import { createLanes, type Pace, pause } from './Lanes.ts';
import { createMembers } from './Members.ts';
import { renderTelegram, type TelegramPayload } from './payload.ts';
import { confirm, poll, sentence } from './poll.ts';
import { allowedUpdates, move, refOf, type Self, toIncoming, toMove } from './updates.ts';
import { createWebhook, secretOf, type Webhook } from './webhook.ts';

export type TelegramOptions = {
  /** From @BotFather. Secret: whoever has it is the bot. */
  token: string;
  /** Another Bot API server. Default: Telegram's. */
  apiRoot?: string;
  /** Whether the bot's own pages are on a public https address: else links are text, for Telegram refuses them in buttons. */
  publicUrlIsHttps: boolean;
  log: Log;
  pace?: Pace;
  /**
   * The public https address at which Telegram's requests reach `webhook`, instead of polling.
   * `secret` (1 to 256 of A-Z a-z 0-9 _ -) proves that they are Telegram's; default: made from the token.
   */
  webhook?: { url: string; secret?: string };
  /** How long one poll is held open, seconds. */
  pollSeconds?: number;
};

export type TelegramAdapter = Adapter<TelegramPayload> & {
  /** Answers a request of Telegram's, when `options.webhook` is set: 200 once the update is handled, 401 when it isn't Telegram's. */
  webhook(request: Request): Promise<Response>;
};

/**
 * Telegram by long polling, through grammY's client. Sends keep Telegram's pace and obey its `retry_after` however long (see Lanes.ts).
 * `start` rejects when the token is wrong; without a network it goes on trying.
 */
export function createTelegramAdapter(options: TelegramOptions): TelegramAdapter {
  const { token, apiRoot, publicUrlIsHttps, log, pollSeconds = 30 } = options;
  hideSecret(token);
  const api = new Api(token, {
    timeoutSeconds: pollSeconds + 30,
    ...(apiRoot && { apiRoot: apiRoot.replace(/\/+$/, '') }),
  });
  const lanes = createLanes(options.pace);
  const isAdmin = createAdmins(api);
  const isMember = createMembers(api);
  const stopping = new AbortController();
  const state = noteConnection();
  let username: string | undefined;
  let onMove: (move: GroupMove) => Promise<void> = async () => {};
  let webhook: Webhook | undefined;
  let polling: Promise<number | undefined> = Promise.resolve(undefined);

  /** Makes a call that is part of setting up until it works, or until it is clear that it can't. */
  async function insist<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        const problem = sentence(error);
        state.down(problem);
        const hopeless = error instanceof GrammyError && error.error_code < 500 && error.error_code !== 429;
        if (hopeless || stopping.signal.aborted) throw new Error(problem);
        const seconds = retryAfter(error) ?? Math.min(30, 2 ** (attempt - 1) / 2);
        log.warn({ seconds }, `Telegram: ${problem}`);
        await pause(seconds * 1_000, stopping.signal);
      }
    }
  }

  async function handle(update: Update, self: Self, receive: (event: Incoming) => Promise<void>): Promise<void> {
    if (update.callback_query) {
      api
        .answerCallbackQuery(update.callback_query.id)
        .catch((error: unknown) => log.debug(`Telegram: ${sentence(error)}`));
    }
    const moved = toMove(update);
    if (moved) return onMove(moved);
    const heard = toIncoming(update, self);
    if (!heard) return;
    const { event, file } = heard;
    const [standing, attachments] = await Promise.all([
      standingOf(event),
      file && fetchFile(api, { token, apiRoot }, file),
    ]);
    await receive(
      event.type === 'command'
        ? { ...event, ...standing, ...(attachments && { attachments }) }
        : { ...event, ...standing },
    );
  }

  async function standingOf({ chat, person }: Incoming): Promise<{ isAdmin?: true; group?: string }> {
    const isGroup = Number(chat.id) < 0;
    const [admin, member] = await Promise.all([
      isAdmin(chat.id, person.id),
      isGroup ? isMember(chat.id, person.id) : false,
    ]);
    return { ...(admin && { isAdmin: true }), ...(member && { group: chat.id }) };
  }

  /** Does it once more in the supergroup when that is what the group has become: the message that told of it may have been missed. */
  async function following<T>(chat: string, call: (chat: number, hasMoved: boolean) => Promise<T>): Promise<T> {
    try {
      return await call(Number(chat), false);
    } catch (error) {
      const supergroup = migratedTo(error);
      if (supergroup === undefined) throw failure(error);
      await onMove(move(Number(chat), supergroup));
      return call(supergroup, true).catch((again: unknown) => Promise.reject(failure(again)));
    }
  }

  return {
    platform: 'telegram',
    async start(receive, moved) {
      if (moved) onMove = moved;
      const me = await insist(() => api.getMe());
      const { en, ...others } = menu();
      await insist(() => api.setMyCommands(botCommands(en)));
      for (const language of languages) {
        if (language !== 'en')
          await insist(() => api.setMyCommands(botCommands(others[language]), { language_code: language }));
      }
      username = me.username;
      const connected = `connected as @${me.username}`;
      const self = { id: me.id, username: me.username, commands: new Set(en.map(({ name }) => name)) };
      const handleOne = (update: Update) => handle(update, self, receive);
      if (options.webhook) {
        const { url, secret = secretOf(token) } = options.webhook;
        hideSecret(secret);
        webhook = createWebhook({ secret, handle: handleOne, log });
        await insist(() => api.setWebhook(url, { secret_token: secret, allowed_updates: allowedUpdates }));
        state.up(connected);
        return;
      }
      await insist(() => api.deleteWebhook());
      state.up(connected);
      polling = poll({
        api,
        handle: handleOne,
        signal: stopping.signal,
        log,
        seconds: pollSeconds,
        trouble: (sentence) => (sentence === undefined ? state.up(connected) : state.down(sentence)),
      });
      polling.catch((error: unknown) => log.error({ err: error }, 'polling Telegram ended'));
    },
    webhook: async (request) => webhook?.(request) ?? new Response(null, { status: 503 }),
    async stop() {
      stopping.abort();
      webhook = undefined;
      lanes.stop();
      const offset = await polling.catch(() => undefined);
      if (offset !== undefined) await confirm(api, offset);
      state.down('stopped');
    },
    status: state.status,
    connection() {
      const since = state.since();
      return since === undefined ? undefined : { by: options.webhook ? 'webhook' : 'polling', since };
    },
    // What follows `start=` comes behind /start: https://core.telegram.org/bots/features#deep-linking
    modelLink: (model) => (username === undefined ? undefined : `https://t.me/${username}?start=m-${model}`),
    // A topic's group has the same members; the person alone hears the bot only once they have written to it.
    elsewhere: ({ id, thread }, person) => [
      ...(thread === undefined ? [] : [{ platform: 'telegram', id } as const]),
      ...(id === person.id || Number(person.id) < 0 ? [] : [{ platform: 'telegram', id: person.id } as const]),
    ],
    // A person's private chat with the bot has the person's own id; a group's is no person's.
    direct: ({ id }) => (Number(id) > 0 ? { chat: { platform: 'telegram', id } } : undefined),
    render: (message) => renderTelegram(message, publicUrlIsHttps),
    async send(chat, { payload }, { replyTo }) {
      const reply = replyTo && {
        reply_parameters: { message_id: Number(replyTo.id), allow_sending_without_reply: true },
      };
      const thread = chat.thread !== undefined && { message_thread_id: Number(chat.thread) };
      const sent = await following(chat.id, (id, hasMoved) =>
        lanes.run<Message>(id, undefined, async () => {
          // In a supergroup the same id is another message's.
          const more = { ...(hasMoved ? {} : reply), ...thread };
          if ('file' in payload) {
            const file = await asFile(payload.file);
            return 'picture' in payload.file ? api.sendPhoto(id, file, more) : api.sendDocument(id, file, more);
          }
          const { text, ...rest } = payload;
          return api.sendMessage(id, text, { ...rest, ...more });
        }),
      );
      return { ...refOf(sent), chat: { ...chat, id: String(sent.chat.id) } };
    },
    async edit(ref, { payload }) {
      await following(ref.chat.id, (id, hasMoved) =>
        lanes.run(id, `${id}:${ref.id}`, async () => {
          if (hasMoved) throw new DeliveryError('gone', 'Telegram moved the group and left the message behind');
          try {
            if ('file' in payload) {
              const type = 'picture' in payload.file ? 'photo' : 'document';
              await api.editMessageMedia(id, Number(ref.id), { type, media: await asFile(payload.file) });
            } else {
              const { text, ...rest } = payload;
              await api.editMessageText(id, Number(ref.id), text, rest);
            }
          } catch (error) {
            if (!isNotModified(error)) throw error;
          }
        }),
      );
    },
  };
}

async function asFile(file: MessageFile): Promise<InputFile> {
  return new InputFile((await contentOf(file)).bytes, file.name);
}

function botCommands(entries: readonly MenuEntry[]): BotCommand[] {
  return entries.map(({ name, description }) => ({ command: name, description }));
}
