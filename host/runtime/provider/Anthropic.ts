import { z } from 'zod';
import { type Connection, connection } from './Connection.ts';
import { optionalPackage } from './optionalPackage.ts';

export type AnthropicOptions = {
  apiKey: string;
  baseUrl?: string | undefined;
  /** Requests after the first one. */
  retries: number;
};

const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Anthropic's Messages API. @throws MissingPackageError */
export async function anthropicConnection(options: AnthropicOptions): Promise<Connection> {
  const { apiKey, retries } = options;
  const baseUrl = (options.baseUrl ?? 'https://api.anthropic.com').replace(/\/+$/, '');
  const { ChatAnthropic } = await optionalPackage(
    'Anthropic',
    '@langchain/anthropic',
    () => import('@langchain/anthropic'),
  );
  return connection(
    {
      url: `${baseUrl}/v1/models`,
      headers: { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' },
      read: (body) => listSchema.parse(body).data.map(({ id }) => id),
    },
    {
      lacks: new Set(['seed']),
      chat: (model, { temperature, max_tokens, top_p, stop }) =>
        new ChatAnthropic({
          model,
          apiKey,
          anthropicApiUrl: baseUrl,
          maxRetries: retries,
          ...(temperature !== undefined && { temperature }),
          ...(max_tokens !== undefined && { maxTokens: max_tokens }),
          ...(top_p !== undefined && { topP: top_p }),
          ...(stop !== undefined && { stopSequences: stop }),
        }),
    },
  );
}
