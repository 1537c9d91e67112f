import type { BindToolsInput } from '@langchain/core/language_models/chat_models';
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import { ModelFailure, modelFailure } from './ModelFailure.ts';
import type { Meter } from './models/Meter.ts';
import { type ChatSettings, type Provider, textOf } from './provider/Provider.ts';

export type CompleteOptions = {
  provider: Provider;
  /** From `provider.serves`. */
  model: string;
  settings: ChatSettings;
  messages: BaseMessage[];
  tools?: readonly BindToolsInput[];
  /** Where the ask's price bounds what its calls may cost. */
  meter?: Meter | undefined;
  /** `auto`, `any`, `none`, or the name of the tool that must be called. A provider may not heed it. */
  toolChoice?: string;
  /** Must end by itself: LangChain's own time-out does not cover a stream that stalls. */
  signal: AbortSignal;
  /** Most UTF-8 bytes of text and tool calls; more is a failure, never cut. */
  maxBytes: number;
};

/**
 * One call of a model, streamed and joined: under the provider's circuit breaker, ended by the signal, bounded.
 * @returns the whole message; its text may be empty, as when there are only tool calls
 * @throws ModelFailure and nothing else
 */
export async function complete(options: CompleteOptions): Promise<AIMessageChunk> {
  const { provider, model, signal, meter, settings, messages, tools = [] } = options;
  const charge = meter?.begin(model, messages, tools, settings.max_tokens);
  const call: CompleteOptions =
    charge?.maxTokens === undefined ? options : { ...options, settings: { ...settings, max_tokens: charge.maxTokens } };
  try {
    const message = await provider.guard(model, () =>
      // The race: a provider's own wait before a retry does not end with the signal.
      Promise.race([collect(call), aborted(signal)]).catch((error: unknown) => {
        throw modelFailure(signal.aborted && !(error instanceof ModelFailure) ? signal.reason : error);
      }),
    );
    charge?.end(message);
    return message;
  } catch (error) {
    throw modelFailure(error);
  }
}

async function collect(options: CompleteOptions): Promise<AIMessageChunk> {
  const { provider, model, settings, messages, tools = [], toolChoice, signal, maxBytes } = options;
  const chat = provider.chat(model, settings);
  if (tools.length > 0 && chat.bindTools === undefined) throw new ModelFailure('noTools');
  const choice = toolChoice === undefined ? {} : { tool_choice: toolChoice };
  const runnable = tools.length > 0 ? (chat.bindTools?.([...tools], choice) ?? chat) : chat;
  let whole: AIMessageChunk | undefined;
  let bytes = 0;
  for await (const chunk of await runnable.stream(messages, { signal })) {
    bytes += Buffer.byteLength(textOf(chunk.content));
    for (const { args } of chunk.tool_call_chunks ?? []) bytes += Buffer.byteLength(args ?? '');
    if (bytes > maxBytes) throw new ModelFailure('tooLong');
    if (filters.has(finishOf(chunk) ?? '')) throw new ModelFailure('filtered');
    whole = whole === undefined ? chunk : whole.concat(chunk);
  }
  signal.throwIfAborted();
  if (whole === undefined) throw new ModelFailure('empty');
  return whole;
}

/** What OpenAI, Anthropic and Google say when their filter stopped the answer. */
const filters: ReadonlySet<string> = new Set([
  'content_filter',
  'refusal',
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
]);

/** The provider's own word for why it stopped. */
export function finishOf(message: Pick<AIMessageChunk, 'response_metadata' | 'additional_kwargs'>): string | undefined {
  const { response_metadata: meta, additional_kwargs: more } = message;
  const finish: unknown =
    meta['finish_reason'] ?? meta['done_reason'] ?? meta['finishReason'] ?? meta['stop_reason'] ?? more['stop_reason'];
  return typeof finish === 'string' ? finish : undefined;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
