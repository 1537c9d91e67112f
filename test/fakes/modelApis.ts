import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** What a fake provider says to a question. `stall`: the first piece, and then nothing. */
export type Reply =
  | { type: 'answer'; text: string; input?: number; output?: number; finish?: string }
  | { type: 'error'; status: number; message: string; headers?: Record<string, string> }
  | { type: 'stall' };

export type ApiName = 'openai' | 'anthropic' | 'google' | 'ollama';
export type SeenRequest = { api: ApiName; path: string; key: string | undefined; body: unknown };

export type ModelApis = {
  /** One address for all four. */
  url: string;
  requests: SeenRequest[];
  /** Names that each list of models holds. */
  listed: Record<ApiName, string[]>;
  /** Without it every question is answered with `Hello`. */
  reply(answer: (question: string, api: ApiName) => Reply): void;
  stop(): Promise<void>;
};

const text = z.union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() }))]);
const stop = z.array(z.string()).max(5);

/**
 * The parts of the published request formats that a text workload uses; an unknown field is refused as the real servers do.
 * - OpenAI: https://platform.openai.com/docs/api-reference/chat/create
 * - Anthropic: https://docs.anthropic.com/en/api/messages
 * - Google: https://ai.google.dev/api/generate-content
 * - Ollama: https://github.com/ollama/ollama/blob/main/docs/api.md
 */
const requestSchemas = {
  openai: z.strictObject({
    model: z.string(),
    messages: z
      .array(z.strictObject({ role: z.enum(['system', 'developer', 'user', 'assistant']), content: text }))
      .min(1),
    stream: z.literal(true),
    stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().optional(),
    max_tokens: z.number().int().min(1).optional(),
    max_completion_tokens: z.number().int().min(1).optional(),
    stop: stop.optional(),
    seed: z.number().int().optional(),
  }),
  anthropic: z.strictObject({
    model: z.string(),
    max_tokens: z.number().int().min(1),
    messages: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), content: text })).min(1),
    system: text.optional(),
    stream: z.literal(true),
    temperature: z.number().min(0).max(1).optional(),
    top_p: z.number().optional(),
    stop_sequences: stop.optional(),
  }),
  google: z.strictObject({
    contents: z
      .array(z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(z.strictObject({ text: z.string() })) }))
      .min(1),
    systemInstruction: z
      .object({ role: z.string().optional(), parts: z.array(z.strictObject({ text: z.string() })) })
      .optional(),
    safetySettings: z.array(z.unknown()).optional(),
    tools: z.array(z.unknown()).optional(),
    generationConfig: z
      .strictObject({
        temperature: z.number().optional(),
        topP: z.number().optional(),
        maxOutputTokens: z.number().int().optional(),
        stopSequences: stop.optional(),
      })
      .optional(),
  }),
  ollama: z.strictObject({
    model: z.string(),
    messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(1),
    stream: z.literal(true),
    options: z.record(z.string(), z.unknown()).optional(),
    keep_alive: z.union([z.string(), z.number()]).optional(),
  }),
} as const;

/** OpenAI, Anthropic, Google and Ollama as far as a streamed text needs them. */
export async function startModelApis(): Promise<ModelApis> {
  const requests: SeenRequest[] = [];
  const listed = {
    openai: ['gpt-4o-mini'],
    anthropic: ['claude-haiku'],
    google: ['gemini-flash'],
    ollama: ['llama3.2:latest'],
  };
  let answer: (question: string, api: ApiName) => Reply = () => ({ type: 'answer', text: 'Hello' });
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://fake');
    const header = (name: string): string | undefined => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const key = header('authorization') ?? header('x-api-key') ?? header('x-goog-api-key');
    if (request.method === 'GET') {
      const list = listOf(pathname, header('x-api-key') !== undefined, listed);
      response.writeHead(list === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(list ?? {}));
      return;
    }
    const api = apiOf(pathname);
    let raw = '';
    for await (const chunk of request) raw += String(chunk);
    const body: unknown = JSON.parse(raw);
    if (api === undefined) {
      response.writeHead(404).end();
      return;
    }
    requests.push({ api, path: request.url ?? '', key, body });
    const parsed = requestSchemas[api].safeParse(body);
    if (!parsed.success || (api === 'anthropic' && header('anthropic-version') === undefined)) {
      fail(api, response, {
        type: 'error',
        status: 400,
        message: parsed.error?.message ?? 'anthropic-version is missing',
      });
      return;
    }
    const reply = answer(questionOf(body), api);
    if (reply.type === 'error') fail(api, response, reply);
    else stream(api, response, reply);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    listed,
    reply: (next) => {
      answer = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function apiOf(path: string): ApiName | undefined {
  if (path === '/v1/chat/completions') return 'openai';
  if (path === '/v1/messages') return 'anthropic';
  if (/^\/v1beta\/models\/[^:]+:streamGenerateContent$/.test(path)) return 'google';
  return path === '/api/chat' ? 'ollama' : undefined;
}

function listOf(path: string, anthropic: boolean, listed: ModelApis['listed']): unknown {
  if (path === '/v1/models')
    return anthropic
      ? {
          data: listed.anthropic.map((id) => ({
            type: 'model',
            id,
            display_name: id,
            created_at: '2025-01-01T00:00:00Z',
          })),
          has_more: false,
        }
      : { object: 'list', data: listed.openai.map((id) => ({ id, object: 'model', created: 1, owned_by: 'fake' })) };
  if (path === '/v1beta/models')
    return { models: listed.google.map((name) => ({ name: `models/${name}`, version: '1' })) };
  return path === '/api/tags' ? { models: listed.ollama.map((name) => ({ name, model: name, size: 1 })) } : undefined;
}

/** The last text in it, whatever the format. */
function questionOf(body: unknown): string {
  const parsed = z
    .object({
      messages: z.array(z.object({ content: text })).optional(),
      contents: z.array(z.object({ parts: z.array(z.object({ text: z.string() })) })).optional(),
    })
    .parse(body);
  const content = parsed.messages?.at(-1)?.content ?? parsed.contents?.at(-1)?.parts.at(-1)?.text ?? '';
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}

function fail(
  api: ApiName,
  response: ServerResponse,
  { status, message, headers = {} }: Extract<Reply, { type: 'error' }>,
): void {
  const body = {
    openai: { error: { message, type: 'invalid_request_error', param: null, code: null } },
    anthropic: { type: 'error', error: { type: 'invalid_request_error', message } },
    google: { error: { code: status, message, status: 'INVALID_ARGUMENT' } },
    ollama: { error: message },
  }[api];
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function stream(api: ApiName, response: ServerResponse, reply: Exclude<Reply, { type: 'error' }>): void {
  response.writeHead(200, { 'content-type': api === 'ollama' ? 'application/x-ndjson' : 'text/event-stream' });
  const { text: whole = 'Hel', input = 11, output = 7, finish } = reply.type === 'answer' ? reply : {};
  const pieces = whole.match(/[\s\S]{1,4}/gu) ?? [];
  const { first, piece, last } = {
    openai: openAiEvents(input, output, finish ?? 'stop'),
    anthropic: anthropicEvents(input, output, finish ?? 'end_turn'),
    google: googleEvents(input, output, finish ?? 'STOP'),
    ollama: ollamaEvents(input, output, finish ?? 'stop'),
  }[api];
  response.write(first);
  for (const part of pieces) response.write(piece(part));
  if (reply.type === 'answer') response.end(last);
}

type Events = { first: string; piece(text: string): string; last: string };
const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

function openAiEvents(input: number, output: number, finish: string): Events {
  const chunk = (choices: unknown[], more: object = {}): string =>
    data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...more });
  return {
    first: chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
    piece: (content) => chunk([{ index: 0, delta: { content }, finish_reason: null }]),
    last: `${chunk([{ index: 0, delta: {}, finish_reason: finish }])}${chunk([], {
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    })}data: [DONE]\n\n`,
  };
}

function anthropicEvents(input: number, output: number, finish: string): Events {
  const event = (type: string, more: object): string => `event: ${type}\n${data({ type, ...more })}`;
  return {
    first:
      event('message_start', {
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          content: [],
          model: 'm',
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: input, output_tokens: 0 },
        },
      }) + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    piece: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    last:
      event('content_block_stop', { index: 0 }) +
      event('message_delta', {
        delta: { stop_reason: finish, stop_sequence: null },
        usage: { output_tokens: output },
      }) +
      event('message_stop', {}),
  };
}

function googleEvents(input: number, output: number, finish: string): Events {
  const usageMetadata = { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output };
  const event = (text: string, more: object = {}): string =>
    data({
      candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...more }],
      usageMetadata,
      modelVersion: 'm',
    });
  return { first: '', piece: (text) => event(text), last: event('', { finishReason: finish }) };
}

function ollamaEvents(input: number, output: number, finish: string): Events {
  const line = (content: string, more: object): string =>
    `${JSON.stringify({ model: 'm', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content }, ...more })}\n`;
  return {
    first: '',
    piece: (content) => line(content, { done: false }),
    last: line('', {
      done: true,
      done_reason: finish,
      prompt_eval_count: input,
      eval_count: output,
      total_duration: 1,
    }),
  };
}
