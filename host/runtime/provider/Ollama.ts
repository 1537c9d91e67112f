import type { BaseMessage } from '@langchain/core/messages';
import type { ChatOllama } from '@langchain/ollama';
import { z } from 'zod';
import type { Values } from '../../../contracts/client/workload/PlainWorkload.ts';
import { type Piece, type Provider, pickModel, textOf } from './Provider.ts';

export type OllamaOptions = {
  baseUrl: string;
  /** What answers a workload that names no model. Default: the first one that was pulled. */
  model?: string | undefined;
  aliases: ReadonlyMap<string, string>;
  retries: number;
};

const tagsSchema = z.object({ models: z.array(z.object({ name: z.string() })) });

/** The models of an Ollama; undefined when none answers at this address, or it has no models. */
export async function ollamaProvider(options: OllamaOptions): Promise<Provider | undefined> {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const list = async (signal: AbortSignal): Promise<string[]> => {
    const response = await fetch(`${baseUrl}/api/tags`, { signal });
    return tagsSchema.parse(await response.json()).models.map(({ name }) => name);
  };
  const listed = await list(AbortSignal.timeout(1_500)).catch(() => []);
  const standard = options.model ?? listed[0];
  if (standard === undefined || listed.length === 0) return undefined;
  const names = new Set(listed);
  // Loaded only where it answers: the providers' packages together cost half a second and much memory.
  const { ChatOllama } = await import('@langchain/ollama');
  return {
    name: 'ollama',
    label: `Ollama (${standard})`,
    serves: (model) => pickModel(model, standard, options.aliases, names),
    stream: (model, values, messages, signal) =>
      stream(ChatOllama, baseUrl, model, values, messages, signal, options.retries),
    healthy: (signal) =>
      list(signal).then(
        (found) => found.length > 0,
        () => false,
      ),
  };
}

async function* stream(
  Chat: typeof ChatOllama,
  baseUrl: string,
  model: string,
  values: Values,
  messages: BaseMessage[],
  signal: AbortSignal,
  retries: number,
): AsyncGenerator<Piece> {
  const chat = new Chat({
    baseUrl,
    model,
    maxRetries: retries,
    ...(values.temperature !== undefined && { temperature: values.temperature }),
    ...(values.max_tokens !== undefined && { numPredict: values.max_tokens }),
    ...(values.top_p !== undefined && { topP: values.top_p }),
    ...(values.seed !== undefined && { seed: values.seed }),
  });
  for await (const chunk of await chat.stream(messages, {
    signal,
    ...(values.stop !== undefined && { stop: values.stop }),
  })) {
    const finish: unknown = chunk.response_metadata['done_reason'];
    yield { text: textOf(chunk.content), ...(typeof finish === 'string' && { finish }) };
  }
}
