import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody, type UploadedFile } from './body.ts';
import { startGateway } from './discordGateway.ts';
import { asAttachment, type FakeFile, messageEvent } from './discordMessages.ts';
import { type Body, checkMessage, liveIn, Refusal } from './discordRules.ts';
import { bodyProblems } from './discordSpec.ts';

export { tooMany } from './discordRules.ts';

/** `visible`: whether the bot itself is there, or only a person who brought it along. */
export type FakeChannel = { id: string; kind: 'guild' | 'thread' | 'dm'; parent?: string; visible: boolean };
/** A message as the people in the channel see it. */
export type FakeMessage = {
  id: string;
  channel: string;
  author: { id: string; name: string };
  content: string;
  buttons: { label: string; url?: string; custom_id?: string }[];
  /** Sees it alone: the person of the interaction. */
  onlyFor: string | undefined;
  replyTo: string | undefined;
  /** "The bot is thinking…" */
  thinking: boolean;
  suppressed: boolean;
  edits: number;
  deleted: boolean;
  live: string[];
  nonce: string | undefined;
  files: UploadedFile[];
  /** The interaction that it answers. */
  interaction: string | undefined;
};
type Interaction = {
  id: string;
  token: string;
  kind: 'command' | 'autocomplete' | 'press' | 'form';
  channel: FakeChannel;
  person: string;
  at: number;
  acknowledgedAfter: number | undefined;
  original: FakeMessage | undefined;
  ephemeral: boolean;
  choices: { name: string; value: string }[] | undefined;
  /** The form that was opened for the person. */
  form: Form | undefined;
  /** The message whose button was pressed. */
  source: FakeMessage | undefined;
  expired: boolean;
};
type Form = {
  custom_id: string;
  components: {
    component: { type: number; custom_id: string; value?: string; max_length?: number; required?: boolean };
  }[];
};
export type DiscordFake = Awaited<ReturnType<typeof startDiscordFake>>;

const ephemeralFlag = 1 << 6;
const suppressFlag = 1 << 2;
const serverId = '900000000000000001';
const kindNumbers = { guild: 0, thread: 11, dm: 1 } as const;

/**
 * The part of Discord's API and gateway that the bot uses, with its limits and its words. Every body is checked against
 * Discord's own OpenAPI description (discord-api-spec); `stop` throws when one was wrong.
 */
export async function startDiscordFake({
  token = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDe.fake-token-of-the-discord-server-00',
  shards = 1,
} = {}) {
  const application = '123456789012345678';
  const problems: string[] = [];
  const calls: { method: string; path: string; body: unknown; at: number }[] = [];
  const refusals: { method: string; path: RegExp; refusal: Refusal }[] = [];
  const messages: FakeMessage[] = [];
  const interactions: Interaction[] = [];
  const channels = new Map<string, FakeChannel>();
  const people: { id: string; name: string }[] = [];
  const served = new Map<string, FakeFile>();
  const directs = new Map<string, FakeChannel>();
  const blocked = new Set<string>();
  const lostAnswers: { method: string; path: RegExp }[] = [];
  let commands: unknown[] = [];
  let contentIntent = false;
  let installs = ['0', '1'];
  let servers: { id: string; name: string; permissions: string }[] = [];
  let count = 0;
  const snowflake = () => String(((BigInt(Date.now()) - 1_420_070_400_000n) << 22n) + BigInt(++count));

  const check = (schema: string, body: unknown) => {
    const wrong = bodyProblems(schema, body);
    problems.push(...wrong);
    if (wrong.length > 0) throw new Refusal(400, 50035, 'Invalid Form Body', { errors: wrong });
  };

  function content(body: Body): Pick<FakeMessage, 'content' | 'buttons' | 'live' | 'files'> {
    const files = filesOf(body).map((file, index) => {
      const description = body.attachments?.[index]?.description;
      return { ...file, ...(description && { description }) };
    });
    checkMessage(body, files.length);
    const buttons = (body.components ?? [])
      .flatMap((row) => row.components)
      .map(({ label = '', url, custom_id }) => ({ label, ...(url && { url }), ...(custom_id && { custom_id }) }));
    return { content: body.content ?? '', buttons, live: liveIn(body), files };
  }

  function add(message: Pick<FakeMessage, 'channel'> & Partial<FakeMessage>): FakeMessage {
    const blank = {
      author: { id: application, name: 'Market' },
      content: '',
      buttons: [],
      onlyFor: undefined,
      replyTo: undefined,
      thinking: false,
      suppressed: false,
      edits: 0,
      deleted: false,
      live: [],
      nonce: undefined,
      interaction: undefined,
      files: [],
    };
    const whole = { id: snowflake(), ...blank, ...message };
    messages.push(whole);
    return whole;
  }

  function rewrite(message: FakeMessage | undefined, body: Body): unknown {
    if (!message || message.deleted) throw new Refusal(404, 10008, 'Unknown Message');
    Object.assign(message, content(body), {
      edits: message.thinking ? 0 : message.edits + 1,
      thinking: false,
      suppressed: Boolean((body.flags ?? 0) & suppressFlag),
    });
    return asMessage(message);
  }

  const asMessage = ({ id, channel, content, author }: FakeMessage) => ({
    id,
    channel_id: channel,
    content,
    type: 0,
    author: { id: author.id, username: author.name, discriminator: '0' },
    timestamp: new Date().toISOString(),
  });

  function interactionOf(key: string, value: string, late: [number, string]): Interaction {
    const found = interactions.find((each) => (key === 'id' ? each.id : each.token) === value);
    if (!found || found.expired || Date.now() - found.at > 15 * 60_000)
      throw new Refusal(late[0] === 10062 ? 404 : 401, ...late);
    return found;
  }

  function callback(
    id: string,
    body: { type: number; data?: Body & Partial<Form> & { choices?: Interaction['choices'] } },
  ): undefined {
    const interaction = interactionOf('id', id, [10062, 'Unknown interaction']);
    if (Date.now() - interaction.at > 3_000) throw new Refusal(404, 10062, 'Unknown interaction');
    if (interaction.acknowledgedAfter !== undefined)
      throw new Refusal(400, 40060, 'Interaction has already been acknowledged.');
    check(
      body.type === 8
        ? 'ApplicationCommandAutocompleteCallbackRequest'
        : body.type === 9
          ? 'ModalInteractionCallbackRequest'
          : body.type === 6
            ? 'UpdateMessageInteractionCallbackRequest'
            : 'CreateMessageInteractionCallbackRequest',
      body,
    );
    const allowed = { command: [5, 9], press: [6, 9], autocomplete: [8], form: [5] }[interaction.kind];
    if (!allowed.includes(body.type)) throw new Refusal(400, 50035, 'Invalid Form Body');
    interaction.acknowledgedAfter = Date.now() - interaction.at;
    interaction.choices = body.data?.choices;
    if (body.type === 9) interaction.form = body.data as Form;
    interaction.ephemeral = Boolean((body.data?.flags ?? 0) & ephemeralFlag);
    if (body.type === 5)
      interaction.original = add({
        channel: interaction.channel.id,
        thinking: true,
        interaction: id,
        onlyFor: interaction.ephemeral ? interaction.person : undefined,
      });
    return undefined;
  }

  function followUp(interactionToken: string, body: Body): unknown {
    const interaction = interactionOf('token', interactionToken, [50027, 'Invalid Webhook Token']);
    check('IncomingWebhookRequestPartial', body);
    const alone = Boolean((body.flags ?? 0) & ephemeralFlag);
    const message =
      interaction.original?.thinking && !interaction.original.deleted
        ? interaction.original
        : add({ channel: interaction.channel.id });
    Object.assign(message, content(body), {
      thinking: false,
      suppressed: Boolean((body.flags ?? 0) & suppressFlag),
      onlyFor: alone ? interaction.person : message.onlyFor,
    });
    return asMessage(message);
  }

  function throughWebhook(method: string, interactionToken: string, id: string, body: Body): unknown {
    const interaction = interactionOf('token', interactionToken, [50027, 'Invalid Webhook Token']);
    const message = id === '@original' ? interaction.original : messages.find((each) => each.id === id);
    if (method === 'DELETE' && message) return void Object.assign(message, { deleted: true });
    check('IncomingWebhookUpdateRequestPartial', body);
    return rewrite(message, body);
  }

  /** The channel with one person alone, opened when first wanted. */
  function directWith(person: string): FakeChannel {
    const known = directs.get(person);
    if (known) return known;
    const channel: FakeChannel = { id: snowflake(), kind: 'dm', visible: true };
    directs.set(person, channel);
    channels.set(channel.id, channel);
    return channel;
  }

  function visible(channel: string): void {
    const known = channels.get(channel);
    if (!known) throw new Refusal(404, 10003, 'Unknown Channel');
    if (!known.visible) throw new Refusal(403, 50001, 'Missing Access');
    if (blocked.has(channel)) throw new Refusal(403, 50007, 'Cannot send messages to this user');
  }

  function create(channel: string, body: Body): unknown {
    visible(channel);
    check('MessageCreateRequest', body);
    const same =
      body.enforce_nonce &&
      messages.find(({ nonce, channel: where }) => nonce !== undefined && nonce === body.nonce && where === channel);
    if (same) return asMessage(same);
    const target = messages.find(
      ({ id, deleted, onlyFor }) => id === body.message_reference?.message_id && !deleted && onlyFor === undefined,
    );
    if (body.message_reference && !target && body.message_reference.fail_if_not_exists !== false) {
      throw new Refusal(400, 50035, 'Invalid Form Body', {
        errors: {
          message_reference: { _errors: [{ code: 'MESSAGE_REFERENCE_UNKNOWN_MESSAGE', message: 'Unknown message' }] },
        },
      });
    }
    return asMessage(
      add({
        channel,
        ...content(body),
        replyTo: target?.id,
        nonce: body.nonce,
        suppressed: Boolean((body.flags ?? 0) & suppressFlag),
      }),
    );
  }

  function change(channel: string, id: string, body: Body): unknown {
    visible(channel);
    check('MessageEditRequestPartial', body);
    return rewrite(
      messages.find((each) => each.id === id && each.channel === channel && each.onlyFor === undefined),
      body,
    );
  }

  function list(channel: string): unknown {
    visible(channel);
    const seen = messages.filter(
      (message) => message.channel === channel && !message.deleted && message.onlyFor === undefined,
    );
    return seen.slice(-50).map((message) => ({
      ...(asMessage(message) as object),
      ...(message.replyTo && { message_reference: { message_id: message.replyTo, channel_id: channel } }),
      flags: message.thinking ? 1 << 7 : 0,
      ...(message.interaction && { interaction_metadata: { id: message.interaction } }),
    }));
  }

  function route(method: string, path: string, body: unknown, authorised: boolean): unknown {
    const [first, second = '', third = '', fourth, fifth = ''] = path.split('/').map(decodeURIComponent);
    if (first === 'interactions') return callback(second, body as Parameters<typeof callback>[1]);
    if (first === 'webhooks' && method === 'POST') return followUp(third, body as Body);
    if (first === 'webhooks' && fourth === 'messages') return throughWebhook(method, third, fifth, body as Body);
    if (!authorised) throw new Refusal(401, 0, '401: Unauthorized');
    if (path === 'gateway/bot')
      return {
        url: gatewayUrl(),
        shards,
        session_start_limit: { total: 1_000, remaining: 999, reset_after: 0, max_concurrency: shards },
      };
    if (first === 'applications' && third === 'commands' && method === 'PUT') {
      for (const command of body as unknown[]) check('ApplicationCommandUpdateRequest', command);
      commands = body as unknown[];
      return commands;
    }
    if (path === 'applications/@me') {
      return {
        id: application,
        name: 'Market',
        flags: contentIntent ? 1 << 19 : 0,
        bot_public: true,
        integration_types_config: Object.fromEntries(installs.map((kind) => [kind, {}])),
      };
    }
    if (path === 'users/@me/guilds') return servers;
    if (path === 'users/@me/channels' && method === 'POST') {
      check('CreatePrivateChannelRequest', body);
      const person = (body as { recipient_id: string }).recipient_id;
      return { id: directWith(person).id, type: 1 };
    }
    if (first === 'channels' && third === '' && method === 'GET') {
      visible(second);
      const { id, kind, parent } = channels.get(second) ?? {};
      return { id, type: kindNumbers[kind ?? 'guild'], ...(parent && { parent_id: parent }) };
    }
    if (first === 'channels' && third === 'messages' && method === 'POST') return create(second, body as Body);
    if (first === 'channels' && third === 'messages' && method === 'GET') return list(second);
    if (first === 'channels' && third === 'messages' && method === 'PATCH')
      return change(second, fourth ?? '', body as Body);
    problems.push(`${method} ${path} is not part of the fake`);
    throw new Refusal(404, 0, '404: Not Found');
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const file = served.get(request.url ?? '');
    if (file) return void response.end(file.content);
    const path = (request.url ?? '').replace(/^\/api\/v10\//, '').replace(/\?.*$/, '');
    const { json: body, files } = await readBody(request);
    calls.push({ method, path, body, at: Date.now() });
    try {
      const scripted = refusals.findIndex((each) => each.method === method && each.path.test(path));
      if (scripted >= 0) throw refusals.splice(scripted, 1)[0]?.refusal;
      const result = route(method, path, withFiles(body, files), request.headers.authorization === `Bot ${token}`);
      const lost = lostAnswers.findIndex((each) => each.method === method && each.path.test(path));
      if (lost >= 0) {
        lostAnswers.splice(lost, 1);
        return void request.socket.destroy();
      }
      if (result === undefined) return void response.writeHead(204).end();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
    } catch (error) {
      if (error === dropped) return void request.socket.destroy();
      if (!(error instanceof Refusal)) problems.push(`the fake itself failed: ${String(error)}`);
      const { status, body } = error instanceof Refusal ? error : new Refusal(500, 0, '500: Internal Server Error');
      const wait = body['retry_after'];
      response
        .writeHead(status, {
          'content-type': 'application/json',
          ...(wait !== undefined && { 'retry-after': String(wait), 'x-ratelimit-scope': 'user' }),
        })
        .end(JSON.stringify(body));
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  // Node's 5 s close connections that a client is about to use again.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const gatewayUrl = () => `ws://127.0.0.1:${port}`;
  const bot = { id: application, username: 'Market', discriminator: '0', global_name: null, avatar: null, bot: true };
  const gateway = startGateway(server, { token, url: gatewayUrl, user: bot, application });

  type Member = { id: string; name: string; roles: readonly string[]; manages: boolean; locale: string };

  /** Puts a file where the bot can fetch it, as Discord does with what people send along. */
  function upload(file: FakeFile) {
    const id = snowflake();
    const path = `/attachments/${id}/${encodeURIComponent(file.name)}`;
    served.set(path, file);
    return asAttachment(id, file, `http://127.0.0.1:${port}${path}`);
  }

  function interact(
    person: Member,
    channel: FakeChannel,
    kind: Interaction['kind'],
    more: Readonly<Record<string, unknown>>,
  ): Interaction {
    const id = snowflake();
    const interaction: Interaction = {
      id,
      token: `interaction-token-${id}`,
      kind,
      channel,
      person: person.id,
      at: Date.now(),
      acknowledgedAfter: undefined,
      original: undefined,
      ephemeral: false,
      choices: undefined,
      form: undefined,
      source: undefined,
      expired: false,
    };
    interactions.push(interaction);
    const user = {
      id: person.id,
      username: person.name.toLowerCase(),
      global_name: person.name,
      discriminator: '0',
      avatar: null,
    };
    const inGuild = channel.kind !== 'dm';
    const data = {
      id,
      application_id: application,
      type: { command: 2, press: 3, autocomplete: 4, form: 5 }[kind],
      token: interaction.token,
      version: 1,
      channel_id: channel.id,
      channel: {
        id: channel.id,
        type: kindNumbers[channel.kind],
        ...(channel.parent && { parent_id: channel.parent }),
      },
      ...(inGuild
        ? {
            guild_id: serverId,
            member: {
              user,
              nick: null,
              roles: person.roles,
              permissions: person.manages ? '32' : '0',
              joined_at: new Date().toISOString(),
              deaf: false,
              mute: false,
              flags: 0,
            },
          }
        : { user }),
      app_permissions: '0',
      locale: person.locale,
      entitlements: [],
      attachment_size_limit: 10_485_760,
      authorizing_integration_owners: channel.visible && inGuild ? { '0': serverId } : { '1': person.id },
      context: inGuild ? 0 : channel.visible ? 1 : 2,
      ...more,
    };
    gateway.dispatch('INTERACTION_CREATE', data);
    return interaction;
  }

  function options(text: string, given: Readonly<Record<string, string>>, file: FakeFile | undefined) {
    const [, name = '', rest = ''] = /^\/(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
    const typed = rest === '' ? {} : { [name === 'models' ? 'search' : 'prompt']: rest };
    const list: object[] = Object.entries({ ...typed, ...given }).map(([name, value]) => ({ type: 3, name, value }));
    if (!file) return { name, options: list };
    const attachment = upload(file);
    const attachments = { [attachment.id]: attachment };
    return { name, options: [...list, { type: 11, name: 'file', value: attachment.id }], resolved: { attachments } };
  }

  return {
    url: `http://127.0.0.1:${port}/api`,
    token,
    /** The bot's own account, for mentions. */
    self: application,
    calls,
    gateway,
    problems,
    commands: () => commands,
    channel(
      kind: FakeChannel['kind'] = 'guild',
      { parent, visible = true }: { parent?: FakeChannel; visible?: boolean } = {},
    ): FakeChannel {
      const channel = { id: snowflake(), kind, visible, ...(parent && { parent: parent.id }) };
      channels.set(channel.id, channel);
      return channel;
    },
    /** @param roles ids of roles in the server @param manages may manage the server @param locale of the person's client */
    user(
      name: string,
      {
        roles = [],
        manages = false,
        locale = 'en-US',
      }: { roles?: readonly string[]; manages?: boolean; locale?: string } = {},
    ) {
      const person = { id: snowflake(), name, roles, manages, locale };
      people.push(person);
      return {
        ...person,
        /** `/ask What is …?` in a channel. */
        says(
          text: string,
          channel: FakeChannel,
          given: Readonly<Record<string, string>> = {},
          file?: FakeFile,
        ): Interaction {
          return interact(person, channel, 'command', {
            data: { id: snowflake(), type: 1, ...options(text, given, file) },
          });
        },
        /** An ordinary message; `<@…>` in it mentions somebody. */
        writes(
          content: string,
          channel: FakeChannel,
          {
            replyTo,
            ping = true,
            files = [],
            shard = 0,
            as,
          }: {
            replyTo?: FakeMessage;
            ping?: boolean;
            files?: readonly FakeFile[];
            shard?: number;
            as?: 'bot' | 'webhook';
          } = {},
        ): FakeMessage {
          const message = add({
            channel: channel.id,
            content,
            author: person,
            ...(replyTo && { replyTo: replyTo.id }),
          });
          const inServer = channel.kind !== 'dm';
          const needed = inServer ? 1 << 9 : 1 << 12;
          if (!(gateway.intents() & needed)) return message;
          const { data, problems: wrong } = messageEvent(
            {
              id: message.id,
              channel: channel.id,
              ...(inServer && { guild: serverId, roles: person.roles }),
              author: as === 'bot' ? { ...person, bot: true } : person,
              ...(as === 'webhook' && { webhook: person.id }),
              content,
              attachments: files.map(upload),
              ...(replyTo && { replyTo: { id: replyTo.id, author: replyTo.author, ping } }),
            },
            { id: application, name: 'Market', bot: true },
            people,
            Boolean(gateway.intents() & (1 << 15)),
          );
          problems.push(...wrong);
          gateway.dispatch('MESSAGE_CREATE', data, shard);
          return message;
        },
        /** Fills in and sends the form that an interaction opened. */
        fills(
          { form, channel, source }: Interaction,
          fields: Readonly<Record<string, string>>,
          files: readonly FakeFile[] = [],
        ) {
          if (!form) throw new Error('No form was opened');
          const attachments = files.map(upload);
          const components = form.components.map(
            ({ component: { type, custom_id, value = '', max_length } }, index) => {
              const text = fields[custom_id] ?? value;
              if (max_length !== undefined && text.length > max_length) throw new Error(`${custom_id} takes no more`);
              const given = type === 19 ? { values: attachments.map(({ id }) => id) } : { value: text };
              return { type: 18, id: index * 2 + 1, component: { type, id: index * 2 + 2, custom_id, ...given } };
            },
          );
          return interact(person, channel, 'form', {
            data: {
              custom_id: form.custom_id,
              components,
              ...(attachments.length > 0 && {
                resolved: { attachments: Object.fromEntries(attachments.map((each) => [each.id, each])) },
              }),
            },
            ...(source && { message: asMessage(source) }),
          });
        },
        /** What is typed into the option `model`. */
        types(typed: string, channel: FakeChannel): Interaction {
          return interact(person, channel, 'autocomplete', {
            data: {
              id: snowflake(),
              name: 'ask',
              type: 1,
              options: [{ type: 3, name: 'model', value: typed, focused: true }],
            },
          });
        },
        presses(message: FakeMessage, label: string, channel: FakeChannel): Interaction {
          const custom_id = message.buttons.find((button) => button.label === label)?.custom_id;
          if (custom_id === undefined) throw new Error(`The message has no button ${label} to press`);
          const press = interact(person, channel, 'press', {
            data: { custom_id, component_type: 2 },
            message: asMessage(message),
          });
          press.source = message;
          return press;
        },
        /** Uses the message's menu. */
        picks(menu: string, text: string, channel: FakeChannel, files: readonly FakeFile[] = []): Interaction {
          const message = add({ channel: channel.id, content: text, author: person });
          const attachments = files.map(upload);
          return interact(person, channel, 'command', {
            data: {
              id: snowflake(),
              name: menu,
              type: 3,
              target_id: message.id,
              resolved: { messages: { [message.id]: { ...asMessage(message), attachments } } },
            },
          });
        },
      };
    },
    /** What stands in a channel, as `viewer` sees it; oldest first. */
    messages: (channel: FakeChannel, viewer?: { id: string }) =>
      messages.filter(
        (message) =>
          message.channel === channel.id &&
          !message.deleted &&
          (message.onlyFor === undefined || message.onlyFor === viewer?.id),
      ),
    /** The next such call is refused, before it does anything. */
    refuse(method: string, path: RegExp, status: number, code: number, message: string) {
      refusals.push({ method, path, refusal: new Refusal(status, code, message) });
    },
    refuseWith(method: string, path: RegExp, refusal: Refusal) {
      refusals.push({ method, path, refusal });
    },
    /** The connection of the next such call breaks, before it does anything. */
    drop(method: string, path: RegExp) {
      refusals.push({ method, path, refusal: dropped });
    },
    /** The connection of the next such call breaks after it did what it does. */
    loseAnswer(method: string, path: RegExp) {
      lostAnswers.push({ method, path });
    },
    /** Minutes pass: the nonces of messages sent before are not compared any more. */
    forgetNonces() {
      for (const message of messages) message.nonce = undefined;
    },
    /** A quarter of an hour passes for an interaction's token. */
    expire(interaction: Interaction) {
      interaction.expired = true;
    },
    /** The channel or thread is deleted, with all that stands in it. */
    deleteChannel({ id }: FakeChannel) {
      channels.delete(id);
      for (const message of messages) if (message.channel === id) message.deleted = true;
    },
    /** The bot may not see the channel any more: a permission is taken away, or the bot is removed; `true` gives it back. */
    permit(channel: FakeChannel, may: boolean) {
      channel.visible = may;
    },
    /** How the application is set up in the developer portal, and what its servers granted. */
    setUp(set: { contentIntent?: boolean; installs?: string[]; servers?: { name: string; permissions: string }[] }) {
      contentIntent = set.contentIntent ?? contentIntent;
      installs = set.installs ?? installs;
      servers = (set.servers ?? []).map((server) => ({ id: snowflake(), ...server }));
    },
    /** The channel with one person alone. */
    direct: (person: { id: string }) => directWith(person.id),
    /** The person takes no messages from the bot any more. */
    block(person: { id: string }) {
      blocked.add(directWith(person.id).id);
    },
    deleteMessage(message: FakeMessage) {
      message.deleted = true;
    },
    /** @throws when a body broke the published API */
    async stop(): Promise<void> {
      gateway.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (problems.length > 0) throw new Error(`Against Discord's API:\n${[...new Set(problems)].join('\n')}`);
    },
  };
}

const uploads = new WeakMap<object, UploadedFile[]>();

/** Remembers what was uploaded beside a body. */
function withFiles(body: unknown, files: UploadedFile[]): unknown {
  if (typeof body === 'object' && body !== null) uploads.set(body, files);
  return body;
}

const filesOf = (body: object) => uploads.get(body) ?? [];

const dropped = new Refusal(0, 0, 'dropped');
