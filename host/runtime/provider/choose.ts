import { join } from 'node:path';
import { z } from 'zod';
import { guideProvider } from './Guide.ts';
import { ollamaProvider } from './Ollama.ts';
import { openAiProvider } from './OpenAi.ts';
import { type Provider, parseAliases } from './Provider.ts';

const aliases = z
  .string()
  .default('')
  .transform((text, context) => {
    try {
      return parseAliases(text);
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: `must be pairs of names (${error instanceof Error ? error.message : ''})`,
      });
      return z.NEVER;
    }
  });
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

/** The settings that decide which model answers. */
export const providerSettings = {
  HOST_PROVIDER: z.enum(['auto', 'openai', 'ollama', 'guide']).default('auto').describe('auto'),
  OPENAI_API_KEY: z.string().min(1).optional().describe('sk-...'),
  OPENAI_BASE_URL: url.optional().describe('http://127.0.0.1:8000/v1'),
  OPENAI_MODEL: z.string().min(1).optional().describe('gpt-4o-mini'),
  ANTHROPIC_API_KEY: z.string().min(1).optional().describe('sk-ant-...'),
  GOOGLE_API_KEY: z.string().min(1).optional().describe('AIza...'),
  HOST_MODELS_FILE: z.string().min(1).optional().describe('models.json'),
  OLLAMA_BASE_URL: url.default('http://127.0.0.1:11434').describe('http://127.0.0.1:11434'),
  OLLAMA_MODEL: z.string().min(1).optional().describe('llama3.2'),
  HOST_MODEL_ALIASES: aliases.describe('gpt-4o-mini=llama3.2'),
  HOST_MODEL_RETRIES: z.coerce.number().int().min(0).max(5).default(2).describe('2'),
};
const schema = z.object(providerSettings);
export type ProviderSettings = z.output<typeof schema>;

/** OpenAI or a compatible server when set, else an Ollama that answers on this machine, else the built-in guide. */
export async function chooseProvider(settings: ProviderSettings): Promise<Provider> {
  const common = { aliases: settings.HOST_MODEL_ALIASES, retries: settings.HOST_MODEL_RETRIES };
  const wanted = settings.HOST_PROVIDER;
  if (wanted === 'openai' || (wanted === 'auto' && (settings.OPENAI_API_KEY ?? settings.OPENAI_BASE_URL) !== undefined))
    return openAiProvider({
      baseUrl: settings.OPENAI_BASE_URL,
      apiKey: settings.OPENAI_API_KEY,
      model: settings.OPENAI_MODEL,
      ...common,
    });
  if (wanted !== 'guide') {
    const ollama = await ollamaProvider({ baseUrl: settings.OLLAMA_BASE_URL, model: settings.OLLAMA_MODEL, ...common });
    if (ollama !== undefined) return ollama;
    if (wanted === 'ollama')
      throw new Error(
        `No Ollama with a model answers at ${settings.OLLAMA_BASE_URL}. Start it and pull a model: ollama pull llama3.2`,
      );
  }
  return guideProvider(join(import.meta.dirname, '../../..'));
}
