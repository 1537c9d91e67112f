import { z } from 'zod';
import { type Connection, connection } from './Connection.ts';
import { type Provider, pickModel } from './Provider.ts';

export type OpenAiOptions = {
  /** Undefined: OpenAI itself. */
  baseUrl?: string | undefined;
  /** Servers of one's own often want none. */
  apiKey?: string | undefined;
  /** What answers a workload that names no model. */
  model?: string | undefined;
  aliases: ReadonlyMap<string, string>;
  /** Requests after the first one, for errors that may pass (429, 5xx, no connection). */
  retries: number;
  fetch?: typeof fetch;
};

const openAiUrl = 'https://api.openai.com/v1';
const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** OpenAI, or any server that speaks its protocol. */
export async function openAiConnection(
  options: Pick<OpenAiOptions, 'baseUrl' | 'apiKey' | 'retries' | 'fetch'>,
): Promise<Connection> {
  const baseUrl = (options.baseUrl ?? openAiUrl).replace(/\/+$/, '');
  const apiKey = options.apiKey ?? 'none';
  // Loaded only where it answers: the providers' packages together cost half a second and much memory.
  const { ChatOpenAI } = await import('@langchain/openai');
  return connection(
    {
      url: `${baseUrl}/models`,
      headers: { authorization: `Bearer ${apiKey}` },
      ...(options.fetch && { fetch: options.fetch }),
      read: (body) => listSchema.parse(body).data.map(({ id }) => id),
      // A server without a list of models may still answer; only one that can't be reached or refuses the key is down.
      optional: true,
    },
    {
      chat: (model, { temperature, max_tokens, top_p, stop, seed }) =>
        new ChatOpenAI({
          model,
          apiKey,
          configuration: { baseURL: baseUrl },
          maxRetries: options.retries,
          // Servers of one's own may refuse the option that asks for the count of tokens.
          streamUsage: options.baseUrl === undefined,
          ...(temperature !== undefined && { temperature }),
          ...(max_tokens !== undefined && { maxTokens: max_tokens }),
          ...(top_p !== undefined && { topP: top_p }),
          ...(stop !== undefined && { stop }),
          // LangChain takes a seed only with each call.
          ...(seed !== undefined && { modelKwargs: { seed } }),
        }),
    },
  );
}

/** The one provider of the environment's settings. Asks once which models there are. */
export async function openAiProvider(options: OpenAiOptions): Promise<Provider> {
  const own = options.baseUrl !== undefined;
  const { chat, look, breaker } = await openAiConnection(options);
  const found = await look(AbortSignal.timeout(5_000));
  const listed = found.ok ? found.models : undefined;
  const [first] = listed ?? [];
  const standard = options.model ?? (own && first !== undefined && !listed?.has('gpt-4o-mini') ? first : 'gpt-4o-mini');
  return {
    name: own ? 'compatible' : 'openai',
    label: own ? `${new URL(options.baseUrl ?? openAiUrl).host} (${standard})` : `OpenAI (${standard})`,
    serves: (model) => pickModel(model, standard, options.aliases, listed),
    chat,
    guard: (_model, call) => breaker.guard(call),
    healthy: async (signal) => (await look(signal)).ok && !breaker.resting(),
  };
}
