import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InlineKeyboardMarkup, Message, MessageEntity, Update } from 'grammy/types';
import { readBody, type UploadedFile } from './body.ts';
import { checkKeyboard, checkText, createFloodControl, foundByTelegram, Refusal } from './telegramRules.ts';
import { loadTelegramSpec } from './telegramSpec.ts';

export type FakeChat = {
  id: number;
  type: 'private' | 'group' | 'supergroup';
  title?: string;
  first_name?: string;
  is_forum?: true;
  /** Ids of people who administer it. */
  admins?: number[];
  /** Ids of people who left it; everybody else is a member. */
  left?: number[];
};
/** A message as the people in the chat see it. */
export type FakeMessage = {
  id: number;
  chat: number;
  text: string;
  entities: MessageEntity[];
  keyboard: InlineKeyboardMarkup['inline_keyboard'];
  replyTo: number | undefined;
  thread: number | undefined;
  fromBot: boolean;
  edits: number;
  deleted: boolean;
  /** A document or photo with its content. */
  file?: UploadedFile;
  isPhoto?: true;
};
/** A file that a person sends. */
export type SentDocument = { name: string; content: string | Uint8Array };
export type FakeCall = { method: string; payload: Readonly<Record<string, unknown>>; at: number };
export type TelegramFake = Awaited<ReturnType<typeof startTelegramFake>>;

type Payload = Record<string, unknown>;

/**
 * The part of Telegram's Bot API that the bot uses, with its limits and its words. Every call and every update is checked
 * against the published API when TELEGRAM_API_SPEC names it; `stop` throws when something was wrong.
 */
export async function startTelegramFake({
  token = '123456789:AAtest-token-of-the-fake-telegram-server',
  username = 'market_bot',
  /** As BotFather sets it for new bots: in groups only commands and replies to the bot are handed out. */
  privacy = true,
  /** Whether too much at once is refused. */
  flood = true,
} = {}) {
  const spec = loadTelegramSpec();
  const problems: string[] = [];
  const calls: FakeCall[] = [];
  const chats = new Map<number, FakeChat>();
  const messages: FakeMessage[] = [];
  const refusals: { method: string; refusal: Refusal }[] = [];
  const blocked = new Set<number>();
  const lostAnswers: string[] = [];
  const answered = new Set<string>();
  const documents = new Map<string, SentDocument>();
  const closedTopics = new Set<number>();
  const upgraded = new Map<number, number>();
  const checkFlood = flood ? createFloodControl() : () => undefined;
  let queue: Update[] = [];
  let wake: (() => void) | undefined;
  let terminate: (() => void) | undefined;
  let webhook: { url: string; secret: string } | undefined;
  let webhookError: string | undefined;
  let nextUpdate = 1_000;
  let nextMessage = 1;

  function post(update: Omit<Update, 'update_id'>): Update {
    const whole = { update_id: nextUpdate++, ...update } as Update;
    problems.push(...spec.typeProblems('Update', whole));
    queue.push(whole);
    wake?.();
    return whole;
  }

  const asMessage = (message: FakeMessage): Message => {
    const { admins: _, left: __, ...chat } = chats.get(message.chat) ?? { id: message.chat, type: 'private' as const };
    const repliedTo = messages.find(({ id, chat }) => id === message.replyTo && chat === message.chat);
    return {
      message_id: message.id,
      date: Math.floor(Date.now() / 1_000),
      chat,
      ...(message.file ? asMedia(message.id, message.file, message.isPhoto) : { text: message.text }),
      ...(message.entities.length > 0 && { entities: message.entities }),
      ...(message.thread !== undefined && { message_thread_id: message.thread, is_topic_message: true }),
      ...(message.keyboard.length > 0 && { reply_markup: { inline_keyboard: message.keyboard } }),
      ...(message.fromBot && { from: self }),
      ...(repliedTo && { reply_to_message: asMessage({ ...repliedTo, replyTo: undefined }) }),
    } as unknown as Message;
  };

  function chatOf(payload: Payload): FakeChat {
    const chat = chats.get(Number(payload['chat_id']));
    if (!chat) throw new Refusal(400, 'Bad Request: chat not found');
    const supergroup = upgraded.get(chat.id);
    if (supergroup !== undefined)
      throw new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        migrate_to_chat_id: supergroup,
      });
    if (blocked.has(chat.id)) {
      throw new Refusal(
        403,
        chat.id > 0 ? 'Forbidden: bot was blocked by the user' : 'Forbidden: bot was kicked from the supergroup chat',
      );
    }
    return chat;
  }

  function repliedTo(payload: Payload, chat: FakeChat): number | undefined {
    const reply = payload['reply_parameters'] as
      | { message_id: number; allow_sending_without_reply?: boolean }
      | undefined;
    const found = messages.find(
      ({ id, chat: where, deleted }) => id === reply?.message_id && where === chat.id && !deleted,
    );
    if (reply && !found && !reply.allow_sending_without_reply)
      throw new Refusal(400, 'Bad Request: message to be replied not found');
    return found?.id;
  }

  const self = { id: 42, is_bot: true, first_name: 'Market', username };

  const methods: Readonly<Record<string, (payload: Payload, files: readonly UploadedFile[]) => unknown>> = {
    getMe: () => ({
      ...self,
      can_join_groups: true,
      can_read_all_group_messages: !privacy,
      supports_inline_queries: false,
    }),
    getChatAdministrators: (payload) =>
      (chatOf(payload).admins ?? []).map((id) => ({
        status: 'creator',
        is_anonymous: false,
        user: { id, is_bot: false, first_name: String(id) },
      })),
    getChatMember: (payload) => {
      const { left = [], admins = [] } = chatOf(payload);
      const id = Number(payload['user_id']);
      const user = { id, is_bot: false, first_name: String(id) };
      if (left.includes(id)) return { status: 'left', user };
      return admins.includes(id) ? { status: 'creator', is_anonymous: false, user } : { status: 'member', user };
    },
    getFile: (payload) => {
      const id = String(payload['file_id']);
      const file = documents.get(id);
      if (!file) throw new Refusal(400, 'Bad Request: wrong file_id or the file is temporarily unavailable');
      return {
        file_id: id,
        file_unique_id: id,
        file_size: Buffer.byteLength(file.content),
        file_path: `documents/${id}`,
      };
    },
    getWebhookInfo: () => ({
      url: webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: queue.length,
      ...(webhookError && { last_error_date: Math.floor(Date.now() / 1_000), last_error_message: webhookError }),
    }),
    deleteWebhook: () => {
      webhook = undefined;
      return true;
    },
    setWebhook: (payload) => {
      const url = String(payload['url']);
      if (!url.startsWith('https://'))
        throw new Refusal(400, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook');
      webhook = { url, secret: String(payload['secret_token']) };
      return true;
    },
    setMyCommands: (payload) => {
      for (const { command, description } of payload['commands'] as { command: string; description: string }[]) {
        if (!/^[a-z0-9_]{1,32}$/.test(command)) throw new Refusal(400, 'Bad Request: BOT_COMMAND_INVALID');
        if (description.length < 1 || description.length > 256)
          throw new Refusal(400, 'Bad Request: BOT_COMMAND_DESCRIPTION_INVALID');
      }
      return true;
    },
    answerCallbackQuery: (payload) => {
      const id = String(payload['callback_query_id']);
      if (answered.has(id))
        throw new Refusal(400, 'Bad Request: query is too old and response timeout expired or query ID is invalid');
      answered.add(id);
      return true;
    },
    sendDocument: (payload, files) => {
      const chat = chatOf(payload);
      const file = fileOf(payload['document'], files);
      const replyTo = repliedTo(payload, chat);
      checkFlood(chat.id);
      const thread = payload['message_thread_id'] as number | undefined;
      return asMessage(
        add({ chat: chat.id, text: '', entities: [], keyboard: [], replyTo, thread, fromBot: true, file }),
      );
    },
    sendPhoto: (payload, files) => {
      const chat = chatOf(payload);
      const file = fileOf(payload['photo'], files);
      const replyTo = repliedTo(payload, chat);
      checkFlood(chat.id);
      const thread = payload['message_thread_id'] as number | undefined;
      return asMessage(
        add({
          chat: chat.id,
          text: '',
          entities: [],
          keyboard: [],
          replyTo,
          thread,
          fromBot: true,
          file,
          isPhoto: true,
        }),
      );
    },
    editMessageMedia: (payload, files) => {
      const chat = chatOf(payload);
      const file = fileOf((payload['media'] as { media?: unknown }).media, files);
      const message = messages.find(({ id, chat: where }) => id === payload['message_id'] && where === chat.id);
      if (!message || message.deleted) throw new Refusal(400, 'Bad Request: message to edit not found');
      if (!message.file) throw new Refusal(400, "Bad Request: message can't be edited");
      checkFlood(chat.id);
      Object.assign(message, { file, edits: message.edits + 1 });
      return asMessage(message);
    },
    sendMessage: (payload) => {
      const chat = chatOf(payload);
      const entities = (payload['entities'] ?? []) as MessageEntity[];
      const text = checkText(payload['text'], entities);
      const markup = payload['reply_markup'] as InlineKeyboardMarkup | undefined;
      checkKeyboard(markup);
      const thread = payload['message_thread_id'] as number | undefined;
      if (thread !== undefined && (!chat.is_forum || closedTopics.has(thread)))
        throw new Refusal(400, 'Bad Request: message thread not found');
      const replyTo = repliedTo(payload, chat);
      checkFlood(chat.id);
      const message = add({
        chat: chat.id,
        text,
        entities,
        keyboard: markup?.inline_keyboard ?? [],
        replyTo,
        thread,
        fromBot: true,
      });
      return asMessage(message);
    },
    editMessageText: (payload) => {
      const chat = chatOf(payload);
      const entities = (payload['entities'] ?? []) as MessageEntity[];
      const text = checkText(payload['text'], entities);
      const markup = payload['reply_markup'] as InlineKeyboardMarkup | undefined;
      checkKeyboard(markup);
      const message = messages.find(({ id, chat: where }) => id === payload['message_id'] && where === chat.id);
      if (!message || message.deleted) throw new Refusal(400, 'Bad Request: message to edit not found');
      if (message.file) throw new Refusal(400, 'Bad Request: there is no text in the message to edit');
      if (!message.fromBot) throw new Refusal(400, "Bad Request: message can't be edited");
      const changed = { text, entities, keyboard: markup?.inline_keyboard ?? [] };
      const { text: oldText, entities: oldEntities, keyboard } = message;
      if (JSON.stringify(changed) === JSON.stringify({ text: oldText, entities: oldEntities, keyboard })) {
        throw new Refusal(
          400,
          'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
        );
      }
      checkFlood(chat.id);
      Object.assign(message, changed, { edits: message.edits + 1 });
      return asMessage(message);
    },
  };

  function add(message: Omit<FakeMessage, 'id' | 'edits' | 'deleted'>): FakeMessage {
    const whole = { id: nextMessage++, edits: 0, deleted: false, ...message };
    messages.push(whole);
    return whole;
  }

  async function getUpdates(payload: Payload, gone: Promise<void>): Promise<Update[]> {
    if (webhook) {
      throw new Refusal(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    terminate?.();
    const offset = payload['offset'] as number | undefined;
    if (offset !== undefined) queue = queue.filter(({ update_id }) => update_id >= offset);
    if (queue.length === 0 && payload['timeout']) {
      const conflict = new Promise<never>((_, reject) => {
        terminate = () =>
          reject(
            new Refusal(
              409,
              'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
            ),
          );
      });
      const news = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const late = new Promise<void>((resolve) => setTimeout(resolve, Number(payload['timeout']) * 1_000).unref());
      await Promise.race([news, conflict, gone, late]).finally(() => {
        terminate = undefined;
      });
    }
    return queue.slice(0, Number(payload['limit'] ?? 100));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, asked, document = ''] = /^\/file\/bot([^/]+)\/documents\/(\w+)$/.exec(request.url ?? '') ?? [];
    if (asked === token) return void response.end(documents.get(document)?.content ?? '');
    const [, bot = '', method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? [];
    const { json, files } = await readBody(request);
    const payload = json as Payload;
    const gone = new Promise<void>((resolve) => response.on('close', () => resolve()));
    try {
      if (bot !== token) throw new Refusal(401, 'Unauthorized');
      calls.push({ method, payload, at: Date.now() });
      const wrong = spec.callProblems(method, payload);
      problems.push(...wrong);
      if (wrong.length > 0) throw new Refusal(400, `Bad Request: ${wrong.join(', ')}`);
      const scripted = refusals.findIndex((each) => each.method === method);
      if (scripted >= 0) throw refusals.splice(scripted, 1)[0]?.refusal;
      const known = methods[method];
      if (method !== 'getUpdates' && !known) throw new Refusal(404, 'Not Found: method not found');
      const result = method === 'getUpdates' ? await getUpdates(payload, gone) : known?.(payload, files);
      const lost = lostAnswers.indexOf(method);
      if (lost >= 0) {
        lostAnswers.splice(lost, 1);
        throw dropped;
      }
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, result }));
    } catch (error) {
      if (error === dropped) return void request.socket.destroy();
      const { code, message, parameters } =
        error instanceof Refusal ? error : new Refusal(500, 'Internal Server Error');
      if (!(error instanceof Refusal)) problems.push(`the fake itself failed: ${String(error)}`);
      response.statusCode = code;
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ ok: false, error_code: code, description: message, ...(parameters && { parameters }) }));
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  // Node's 5 s close connections that a client is about to use again.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    token,
    username,
    calls,
    /** A person, with a private chat of the same id. */
    user(first_name: string, id = 7_000 + chats.size) {
      const privateChat: FakeChat = { id, type: 'private', first_name };
      chats.set(id, privateChat);
      const from = { id, is_bot: false, first_name };
      return {
        id,
        chat: privateChat,
        /** Writes in `chat` (default: to the bot alone). With a file the text is its caption. */
        says(
          text: string,
          {
            chat = privateChat,
            thread,
            replyTo,
            file,
          }: { chat?: FakeChat; thread?: number; replyTo?: FakeMessage; file?: SentDocument } = {},
        ): Update {
          const message = add({
            chat: chat.id,
            text,
            entities: entitiesIn(text),
            keyboard: [],
            replyTo: replyTo?.id,
            thread,
            fromBot: false,
          });
          const { text: _, entities, ...whole } = { ...asMessage(message), from };
          const document = file && {
            file_id: `d${message.id}`,
            file_unique_id: `d${message.id}`,
            file_name: file.name,
          };
          if (file && document) documents.set(document.file_id, file);
          const caption = text === '' ? {} : { caption: text, ...(entities && { caption_entities: entities }) };
          const update = {
            message: document ? { ...whole, document, ...caption } : { ...whole, text, ...(entities && { entities }) },
          } as Omit<Update, 'update_id'>;
          const isHandedOut =
            chat.type === 'private' ||
            !privacy ||
            replyTo?.fromBot === true ||
            message.entities.some(({ type }) => type === 'bot_command');
          return isHandedOut ? post(update) : ({ update_id: 0, ...update } as Update);
        },
        /** Presses the button with this label. */
        presses(message: FakeMessage, label: string): Update {
          const button = message.keyboard.flat().find(({ text }) => text === label);
          if (!button || !('callback_data' in button)) throw new Error(`The message has no button ${label} to press`);
          const id = String(90_000 + nextUpdate);
          return post({
            callback_query: {
              id,
              from,
              chat_instance: '1',
              data: button.callback_data,
              message: asMessage(message),
            } as NonNullable<Update['callback_query']>,
          });
        },
      };
    },
    /** @param options.isBasic what groups are until they become supergroups */
    group(
      title: string,
      { forum = false, admins = [], isBasic = false }: { forum?: boolean; admins?: number[]; isBasic?: boolean } = {},
    ): FakeChat {
      const chat: FakeChat = {
        id: isBasic ? -5_000 - chats.size : -1_000_000_000_000 - chats.size,
        type: isBasic ? 'group' : 'supergroup',
        title,
        admins,
        ...(forum && { is_forum: true }),
      };
      chats.set(chat.id, chat);
      return chat;
    },
    /** A basic group becomes a supergroup: another id, other ids of its messages, and a service message in both. */
    upgrade(old: FakeChat, { isTold = true }: { isTold?: boolean } = {}): { chat: FakeChat; updates: Update[] } {
      const chat: FakeChat = { ...old, id: -1_000_000_000_000 - chats.size, type: 'supergroup' };
      chats.set(chat.id, chat);
      upgraded.set(old.id, chat.id);
      if (!isTold) return { chat, updates: [] };
      const service = (of: FakeChat, fields: object) => {
        const { admins: _, left: __, ...where } = of;
        const from = { id: 1_087_968_824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' };
        const message = {
          message_id: nextMessage++,
          date: Math.floor(Date.now() / 1_000),
          chat: where,
          from,
          ...fields,
        };
        return post({ message } as unknown as Omit<Update, 'update_id'>);
      };
      return {
        chat,
        updates: [service(old, { migrate_to_chat_id: chat.id }), service(chat, { migrate_from_chat_id: old.id })],
      };
    },
    /** What stands in a chat, oldest first. */
    messages: (chat: FakeChat) => messages.filter((message) => message.chat === chat.id && !message.deleted),
    /** What the bot wrote in a chat, oldest first. */
    replies: (chat: FakeChat) =>
      messages.filter((message) => message.chat === chat.id && message.fromBot && !message.deleted),
    /** Mentions and commands that Telegram would make of the bot's messages. */
    live: (chat: FakeChat) =>
      messages
        .filter((message) => message.chat === chat.id && message.fromBot)
        .flatMap(({ text, entities }) => foundByTelegram(text, entities)),
    /** The next call of `method` is refused, before it does anything. */
    refuse(method: string, code: number, description: string, parameters?: Refusal['parameters']) {
      refusals.push({ method, refusal: new Refusal(code, description, parameters) });
    },
    /** The connection of the next call of `method` breaks, before it does anything. */
    drop(method: string) {
      refusals.push({ method, refusal: dropped });
    },
    /** A topic is closed or deleted. */
    closeTopic(thread: number) {
      closedTopics.add(thread);
    },
    /** The connection of the next call of `method` breaks after it did what it does. */
    loseAnswer(method: string) {
      lostAnswers.push(method);
    },
    webhook: () => webhook,
    /** What Telegram says of its last request to the webhook. */
    failWebhook(message: string) {
      webhookError = message;
    },
    /** The request that Telegram makes to the webhook for the oldest waiting update; a 2xx answer confirms it. */
    async deliver(handler: (request: Request) => Promise<Response>): Promise<number> {
      const [update] = queue;
      if (!webhook || !update) throw new Error('There is no webhook, or nothing to deliver');
      const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': webhook.secret };
      const { ok, status } = await handler(
        new Request(webhook.url, { method: 'POST', headers, body: JSON.stringify(update) }),
      );
      if (ok) queue.shift();
      return status;
    },
    /** Hands out an update as it is, unchecked: what an attacker wishes that Telegram would pass on. */
    hand(update: Omit<Update, 'update_id'>) {
      queue.push({ update_id: nextUpdate++, ...update } as Update);
      wake?.();
    },
    /** Telegram hands out an update again. */
    repeat(update: Update) {
      queue.push(update);
      wake?.();
    },
    deleteMessage(message: FakeMessage) {
      message.deleted = true;
    },
    block(chat: FakeChat) {
      blocked.add(chat.id);
    },
    unblock(chat: FakeChat) {
      blocked.delete(chat.id);
    },
    /** Updates not confirmed yet. */
    pending: () => queue.length,
    answeredPresses: () => answered.size,
    problems,
    /** @throws when a call broke the published API */
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (problems.length > 0) throw new Error(`Against the Bot API:\n${[...new Set(problems)].join('\n')}`);
    },
  };
}

const dropped = new Refusal(0, 'dropped');

function fileOf(reference: unknown, files: readonly UploadedFile[]): UploadedFile {
  const file = files.find(({ field }) => reference === `attach://${field}`);
  if (!file) throw new Refusal(400, 'Bad Request: there is no document in the request');
  if (file.text === '') throw new Refusal(400, 'Bad Request: file must be non-empty');
  return file;
}

function entitiesIn(text: string): MessageEntity[] {
  const found = [...text.matchAll(/(?<![\w/])(?:\/[A-Za-z0-9_]{1,32}(?:@\w+)?|@\w{5,32})/g)];
  return found.map((match) => ({
    type: match[0].startsWith('/') ? 'bot_command' : 'mention',
    offset: match.index,
    length: match[0].length,
  }));
}

/** A photo comes in sizes; a document has its name. */
function asMedia(id: number, { name }: UploadedFile, isPhoto: true | undefined) {
  const ids = { file_id: `f${id}`, file_unique_id: `u${id}` };
  return isPhoto ? { photo: [{ ...ids, width: 1_440, height: 320 }] } : { document: { ...ids, file_name: name } };
}
