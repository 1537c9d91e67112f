import { z } from 'zod';
import { type Connection, connection } from './Connection.ts';
import { optionalPackage } from './optionalPackage.ts';

export type GoogleOptions = {
  apiKey: string;
  baseUrl?: string | undefined;
  /** Requests after the first one. */
  retries: number;
};

const listSchema = z.object({ models: z.array(z.object({ name: z.string() })) });

/** Google's Gemini API. @throws MissingPackageError */
export async function googleConnection(options: GoogleOptions): Promise<Connection> {
  const { apiKey, retries } = options;
  const baseUrl = (options.baseUrl ?? 'https://generativelanguage.googleapis.com').replace(/\/+$/, '');
  const { ChatGoogleGenerativeAI } = await optionalPackage(
    'Google',
    '@langchain/google-genai',
    () => import('@langchain/google-genai'),
  );
  return connection(
    {
      url: `${baseUrl}/v1beta/models?pageSize=1000`,
      // In a header: an address is written to logs.
      headers: { 'x-goog-api-key': apiKey },
      read: (body) => listSchema.parse(body).models.map(({ name }) => name.replace(/^models\//, '')),
    },
    {
      lacks: new Set(['seed']),
      chat: (model, { temperature, max_tokens, top_p, stop }) => {
        const chat = new ChatGoogleGenerativeAI({
          model,
          apiKey,
          baseUrl,
          maxRetries: retries,
          ...(temperature !== undefined && { temperature }),
          ...(max_tokens !== undefined && { maxOutputTokens: max_tokens }),
          ...(top_p !== undefined && { topP: top_p }),
          ...(stop !== undefined && { stopSequences: stop }),
        });
        tame(Reflect.get(chat, 'client'));
        return chat;
      },
    },
  );
}

/**
 * Google's client makes, beside the stream, a promise of the whole response that LangChain never looks at. When a stream is aborted
 * it rejects, and a rejection that nobody handles ends a Node process: so somebody handles it.
 */
function tame(client: unknown): void {
  if (typeof client !== 'object' || client === null || !('generateContentStream' in client)) return;
  const original: unknown = client.generateContentStream;
  if (typeof original !== 'function') return;
  client.generateContentStream = async (...parameters: unknown[]): Promise<unknown> => {
    const result: unknown = await Reflect.apply(original, client, parameters);
    if (typeof result === 'object' && result !== null && 'response' in result)
      Promise.resolve(result.response).catch(() => undefined);
    return result;
  };
}
