import type { BindToolsInput } from '@langchain/core/language_models/chat_models';
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import { ModelFailure, modelFailure } from './ModelFailure.ts';
import { type ChatSettings, type Provider, textOf } from './provider/Provider.ts';

export type CompleteOptions = {
  provider: Provider;
  /** From `provider.serves`. */
  model: string;
  settings: ChatSettings;
  messages: BaseMessage[];
  tools?: readonly BindToolsInput[];
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
  const { provider, model, signal } = options;
  try {
    return await provider.guard(model, () =>
      // The race: a provider's own wait before a retry does not end with the signal.
      Promise.race([collect(options), aborted(signal)]).catch((error: unknown) => {
        throw modelFailure(signal.aborted && !(error instanceof ModelFailure) ? signal.reason : error);
      }),
    );
  } catch (error) {
    throw modelFailure(error);
  }
}

async function collect(options: CompleteOptions): Promise<AIMessageChunk> {
  const { provider, model, settings, messages, tools = [], signal, maxBytes } = options;
  const chat = provider.chat(model, settings);
  if (tools.length > 0 && chat.bindTools === undefined) throw new ModelFailure('noTools');
  const runnable = tools.length > 0 ? (chat.bindTools?.([...tools]) ?? chat) : chat;
  let whole: AIMessageChunk | undefined;
  let bytes = 0;
  for await (const chunk of await runnable.stream(messages, { signal })) {
    bytes += Buffer.byteLength(textOf(chunk.content));
    for (const { args } of chunk.tool_call_chunks ?? []) bytes += Buffer.byteLength(args ?? '');
    if (bytes > maxBytes) throw new ModelFailure('tooLong');
    if (finishOf(chunk) === 'content_filter') throw new ModelFailure('filtered');
    whole = whole === undefined ? chunk : whole.concat(chunk);
  }
  signal.throwIfAborted();
  if (whole === undefined) throw new ModelFailure('empty');
  return whole;
}

/** The provider's own word for why it stopped. */
export function finishOf({ response_metadata }: Pick<AIMessageChunk, 'response_metadata'>): string | undefined {
  const finish: unknown = response_metadata['finish_reason'] ?? response_metadata['done_reason'];
  return typeof finish === 'string' ? finish : undefined;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
