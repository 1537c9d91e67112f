import {
  AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages';
import { z } from 'zod';
import { valuesSchema } from '../../contracts/client/workload/Values.ts';
import { BoundedJsonError, boundedJson, type Json } from './boundedJson.ts';
import { type CompleteOptions, complete, finishOf } from './complete.ts';
import { textOf } from './provider/Provider.ts';

const json: z.ZodType<Json> = z.json();
const record = z.record(z.string(), json);
/** What every provider takes as the name of a tool. */
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -');
const id = z.string().min(1).max(200);
/** A model may make up a name that no tool could have. */
const toolCall = z.object({ id, name: z.string().min(1).max(200), args: record });

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('human'), content: z.string() }),
  z.strictObject({ role: z.literal('ai'), content: z.string(), tool_calls: z.array(toolCall).max(64).optional() }),
  z.strictObject({ role: z.literal('tool'), content: z.string(), tool_call_id: id }),
]);

const tool = z.strictObject({
  name: toolName,
  description: z.string().max(8_000),
  /** A JSON Schema. */
  parameters: record.refine(({ type }) => type === 'object', 'must be a JSON Schema of the type object'),
});

/** What a script in the sandbox asks the host to call. Settings have the bounds of a plain workload's. */
export const modelRequestSchema = z
  .strictObject({
    type: z.literal('model'),
    ...valuesSchema.pick({ model: true, temperature: true, max_tokens: true, top_p: true, stop: true, seed: true })
      .shape,
    messages: z.array(message).min(1).max(500),
    tools: z
      .array(tool)
      .max(64)
      .refine((tools) => new Set(tools.map(({ name }) => name)).size === tools.length, 'must have different names')
      .optional(),
    /** `any`: one of them; else the name of the one that must be called. */
    tool_choice: z.union([z.enum(['auto', 'none', 'any']), toolName]).optional(),
  })
  .refine(
    ({ tools = [], tool_choice: choice = 'auto' }) =>
      ['auto', 'none', 'any'].includes(choice) || tools.some(({ name }) => name === choice),
    { path: ['tool_choice'], error: 'must name one of the tools' },
  );
export type ModelRequest = z.output<typeof modelRequestSchema>;

const usage = z.object({ input_tokens: z.number(), output_tokens: z.number(), total_tokens: z.number() });

/** What the script gets. `code`: a ModelFailureCode, or `badCall`: the request itself is wrong. */
export const modelReplySchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    content: z.string(),
    tool_calls: z.array(toolCall),
    /** Calls whose arguments the model did not write as JSON. */
    invalid_tool_calls: z.array(z.object({ id: z.string(), name: z.string(), args: z.string() })).optional(),
    /** The provider's own word for why it stopped. */
    finish: z.string().optional(),
    usage: usage.optional(),
  }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type ModelReply = z.output<typeof modelReplySchema>;

/** Longest request. UTF-8 bytes. */
export const maxRequestBytes = 512 * 1024;

/**
 * Reads a request that a script wrote.
 * @returns the request, or one sentence that names what is wrong with it
 */
export function readModelRequest(text: string): { ok: true; request: ModelRequest } | { ok: false; message: string } {
  try {
    const result = modelRequestSchema.safeParse(boundedJson(text, maxRequestBytes));
    if (result.success) return { ok: true, request: result.data };
    const issue = result.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    return { ok: false, message: `The model can't be called like this: ${where}${issue?.message}.` };
  } catch (error) {
    if (error instanceof BoundedJsonError)
      return { ok: false, message: `The model can't be called like this. ${error.message}` };
    throw error;
  }
}

/** `model`: from `provider.serves(request.model)`. */
export type CallOptions = Omit<CompleteOptions, 'settings' | 'messages' | 'tools' | 'toolChoice'>;

/**
 * Makes the call that a script asked for, by LangChain and the host's provider.
 * @throws ModelFailure and nothing else
 */
export async function callModel(
  request: ModelRequest,
  options: CallOptions,
): Promise<Extract<ModelReply, { ok: true }>> {
  const { messages, tools = [], tool_choice: toolChoice, ...settings } = request;
  const whole = await complete({
    ...options,
    settings,
    messages: messages.map(messageOf),
    tools: tools.map(({ name, description, parameters }) => ({ name, description, schema: parameters })),
    ...(tools.length > 0 && toolChoice !== undefined && { toolChoice }),
  });
  return replyOf(whole);
}

function messageOf(given: ModelRequest['messages'][number]): BaseMessage {
  switch (given.role) {
    case 'system':
      return new SystemMessage(given.content);
    case 'human':
      return new HumanMessage(given.content);
    case 'ai':
      return new AIMessage({
        content: given.content,
        tool_calls: (given.tool_calls ?? []).map((call) => ({ ...call, type: 'tool_call' })),
      });
    case 'tool':
      return new ToolMessage({ content: given.content, tool_call_id: given.tool_call_id });
  }
}

function replyOf(whole: AIMessageChunk): Extract<ModelReply, { ok: true }> {
  const finish = finishOf(whole);
  const used = usage.safeParse(whole.usage_metadata);
  const invalid = (whole.invalid_tool_calls ?? []).map((call, index) => ({
    id: call.id ?? `invalid_${index}`,
    name: call.name ?? '',
    args: call.args ?? '',
  }));
  return {
    ok: true,
    content: textOf(whole.content).toWellFormed(),
    // Ollama gives its calls no id, and a tool's result must name one.
    tool_calls: (whole.tool_calls ?? []).map(({ name, args, id: given }, index) => ({
      id: given ?? `call_${index}`,
      name,
      args: record.parse(args),
    })),
    ...(invalid.length > 0 && { invalid_tool_calls: invalid }),
    ...(finish !== undefined && { finish }),
    ...(used.success && { usage: used.data }),
  };
}
