import { z } from 'zod';
import { createBreaker } from './Breaker.ts';
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

const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** OpenAI, or any server that speaks its protocol. Asks once which models there are. */
export async function openAiProvider(options: OpenAiOptions): Promise<Provider> {
  const own = options.baseUrl !== undefined;
  const baseUrl = (options.baseUrl ?? 'https://api.openai.com/v1').replace(/\/+$/, '');
  const apiKey = options.apiKey ?? 'none';
  const list = async (signal: AbortSignal): Promise<Set<string> | undefined> => {
    const response = await (options.fetch ?? fetch)(`${baseUrl}/models`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal,
    });
    if (!response.ok) throw new Error(`models: status ${response.status}`);
    const parsed = listSchema.safeParse(await response.json());
    return parsed.success ? new Set(parsed.data.data.map(({ id }) => id)) : undefined;
  };
  // Loaded only where it answers: the providers' packages together cost half a second and much memory.
  const [{ ChatOpenAI }, listed] = await Promise.all([
    import('@langchain/openai'),
    list(AbortSignal.timeout(5_000)).catch(() => undefined),
  ]);
  const breaker = createBreaker();
  const [first] = listed ?? [];
  const standard = options.model ?? (own && first !== undefined && !listed?.has('gpt-4o-mini') ? first : 'gpt-4o-mini');
  return {
    name: own ? 'compatible' : 'openai',
    label: own ? `${new URL(baseUrl).host} (${standard})` : `OpenAI (${standard})`,
    serves: (model) => pickModel(model, standard, options.aliases, listed),
    chat: (model, { temperature, max_tokens, top_p, stop, seed }) =>
      new ChatOpenAI({
        model,
        apiKey,
        configuration: { baseURL: baseUrl },
        maxRetries: options.retries,
        streamUsage: false,
        ...(temperature !== undefined && { temperature }),
        ...(max_tokens !== undefined && { maxTokens: max_tokens }),
        ...(top_p !== undefined && { topP: top_p }),
        ...(stop !== undefined && { stop }),
        // LangChain takes a seed only with each call.
        ...(seed !== undefined && { modelKwargs: { seed } }),
      }),
    guard: (_model, call) => breaker.guard(call),
    // A server without a list of models may still answer; only one that can't be reached or refuses the key is down.
    healthy: (signal) =>
      list(signal).then(
        () => true,
        (error: unknown) => /status (404|405|501)/.test(String(error)),
      ),
  };
}
