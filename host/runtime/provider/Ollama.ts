import { z } from 'zod';
import { type Connection, connection } from './Connection.ts';
import { type Provider, pickModel } from './Provider.ts';

export type OllamaOptions = {
  baseUrl: string;
  /** What answers a workload that names no model. Default: the first one that was pulled. */
  model?: string | undefined;
  aliases: ReadonlyMap<string, string>;
  retries: number;
};

const tagsSchema = z.object({ models: z.array(z.object({ name: z.string() })) });

/** An Ollama server. */
export async function ollamaConnection(options: Pick<OllamaOptions, 'baseUrl' | 'retries'>): Promise<Connection> {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  // Loaded only where it answers: the providers' packages together cost half a second and much memory.
  const { ChatOllama } = await import('@langchain/ollama');
  /** `stop` is an option of each call there; a chat model that stands for a workload's settings has it always. */
  class Chat extends ChatOllama {
    readonly #stop: string[] | undefined;
    constructor(fields: ConstructorParameters<typeof ChatOllama>[0], stop: string[] | undefined) {
      super(fields);
      this.#stop = stop;
    }
    override invocationParams(call?: this['ParsedCallOptions']) {
      return super.invocationParams({ ...call, ...(this.#stop !== undefined && { stop: this.#stop }) });
    }
  }
  return connection(
    { url: `${baseUrl}/api/tags`, read: (body) => tagsSchema.parse(body).models.map(({ name }) => name) },
    {
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
    },
  );
}

/** The models of an Ollama; undefined when none answers at this address, or it has no models. */
export async function ollamaProvider(options: OllamaOptions): Promise<Provider | undefined> {
  const { chat, look, breaker } = await ollamaConnection(options);
  const found = await look(AbortSignal.timeout(1_500));
  const names = found.ok ? (found.models ?? new Set<string>()) : new Set<string>();
  const [first] = names;
  if (first === undefined) return undefined;
  const standard = options.model ?? first;
  return {
    name: 'ollama',
    label: `Ollama (${standard})`,
    serves: (model) => pickModel(model, standard, options.aliases, names),
    chat,
    guard: (_model, call) => breaker.guard(call),
    healthy: async (signal) => {
      const health = await look(signal);
      return health.ok && (health.models?.size ?? 0) > 0 && !breaker.resting();
    },
  };
}
