import { z } from 'zod';
import { createBreaker } from './Breaker.ts';
import { type Provider, pickModel } from './Provider.ts';

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
  /** `stop` is an option of each call there; a chat model that stands for a workload's settings has it always. */
  class Chat extends ChatOllama {
    readonly #stop: string[] | undefined;
    constructor(fields: ConstructorParameters<typeof ChatOllama>[0], stop: string[] | undefined) {
      super(fields);
      this.#stop = stop;
    }
    override invocationParams(options?: this['ParsedCallOptions']) {
      return super.invocationParams({ ...options, ...(this.#stop !== undefined && { stop: this.#stop }) });
    }
  }
  const breaker = createBreaker();
  return {
    name: 'ollama',
    label: `Ollama (${standard})`,
    serves: (model) => pickModel(model, standard, options.aliases, names),
    chat: (model, { temperature, max_tokens, top_p, stop, seed }) =>
      new Chat(
        {
          baseUrl,
          model,
          maxRetries: options.retries,
          ...(temperature !== undefined && { temperature }),
          ...(max_tokens !== undefined && { numPredict: max_tokens }),
          ...(top_p !== undefined && { topP: top_p }),
          ...(seed !== undefined && { seed }),
        },
        stop,
      ),
    guard: (_model, call) => breaker.guard(call),
    healthy: (signal) =>
      list(signal).then(
        (found) => found.length > 0,
        () => false,
      ),
  };
}
