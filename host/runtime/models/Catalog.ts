import { hideSecret } from '../../../contracts/client/support/Log.ts';
import { type Environment, SettingsError } from '../../../contracts/client/support/Settings.ts';
import { ModelFailure } from '../ModelFailure.ts';
import { anthropicConnection } from '../provider/Anthropic.ts';
import type { Connection } from '../provider/Connection.ts';
import { googleConnection } from '../provider/Google.ts';
import { ollamaConnection } from '../provider/Ollama.ts';
import { openAiConnection } from '../provider/OpenAi.ts';
import { type ChatSettings, notServed, type Provider } from '../provider/Provider.ts';
import type { ModelEntry, ModelsFile, ProviderEntry } from './ModelsFile.ts';
import type { Terms } from './Terms.ts';

/** One of the models of a host, by the name that workloads use. */
export type CatalogEntry = {
  name: string;
  /** For logs and the journal: `openai/gpt-4o-mini-2024-07-18`. */
  servedBy: string;
  terms: Terms;
  /** Settings that its provider has nothing for. */
  lacks: ReadonlySet<keyof ChatSettings>;
  /** What the host asks for an answer of it, smallest units, where the models file says so; keys as in the file. */
  offer: ReadonlyMap<string, bigint>;
};

/** What a host serves. */
export type Catalog = {
  /** Every call goes through it. */
  provider: Provider;
  /** Undefined for names that are not on it, and always without a models file. */
  entryOf(model: string): CatalogEntry | undefined;
  /** Public names; empty without a models file. */
  names: readonly string[];
  /** Which models can't answer now and why, for the operator. Without a models file the key is `*` and stands for all. */
  down(signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
};

/** The catalog of a host without a models file: one provider, no price list. */
export function plainCatalog(provider: Provider): Catalog {
  return {
    provider,
    entryOf: () => undefined,
    names: [],
    down: async (signal) =>
      new Map((await provider.healthy(signal)) ? [] : [['*', `The model provider ${provider.label} does not answer.`]]),
  };
}

/**
 * Connects what a models file names. Nobody is called yet.
 * @throws SettingsError a key is not set; MissingPackageError
 */
export async function catalogOf(file: ModelsFile, env: Environment): Promise<Catalog> {
  const used = new Set(Object.values(file.models).map(({ provider }) => provider));
  const connections = new Map<string, Connection>();
  for (const [name, entry] of Object.entries(file.providers))
    if (used.has(name)) connections.set(name, await connect(name, entry, env));

  const find = (model: string): { entry: ModelEntry; connection: Connection } => {
    const entry = file.models[model];
    const connection = entry && connections.get(entry.provider);
    // Only what `serves` lets through comes here; anything else must not reach some other model.
    if (entry === undefined || connection === undefined) throw new ModelFailure('unknownModel');
    return { entry, connection };
  };
  const names = Object.keys(file.models);

  async function down(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const found = new Map(
      await Promise.all(
        [...connections].map(async ([name, { look, breaker }]) => {
          const health = await look(signal);
          const why = !health.ok
            ? health.reason
            : breaker.resting()
              ? 'It failed again and again and is left alone for a moment.'
              : undefined;
          return [name, { why, models: health.ok ? health.models : undefined }] as const;
        }),
      ),
    );
    return new Map(
      names.flatMap((model): [string, string][] => {
        const { entry } = find(model);
        const { why, models } = found.get(entry.provider) ?? {};
        if (why !== undefined) return [[model, `${entry.provider}: ${why}`]];
        // Only Ollama's list is the whole truth: others answer for models that they don't list.
        const missing =
          file.providers[entry.provider]?.type === 'ollama' &&
          models !== undefined &&
          !models.has(entry.model) &&
          !models.has(`${entry.model}:latest`);
        return missing
          ? [[model, `${entry.provider}: ${entry.model} is not there. Pull it: ollama pull ${entry.model}`]]
          : [];
      }),
    );
  }

  return {
    names,
    down,
    entryOf: (model) => {
      const entry = file.models[model];
      const connection = entry && connections.get(entry.provider);
      if (entry === undefined || connection === undefined) return undefined;
      const { inputPerMillion, outputPerMillion, maxInputTokens, maxOutputTokens, contextTokens, bytesPerToken } =
        entry;
      return {
        name: model,
        servedBy: `${entry.provider}/${entry.model}`,
        terms: { inputPerMillion, outputPerMillion, maxInputTokens, maxOutputTokens, contextTokens, bytesPerToken },
        lacks: connection.lacks,
        offer: entry.offer,
      };
    },
    provider: {
      name: 'several',
      label: `${[...connections.keys()].join(', ')} (${names.join(', ')})`,
      serves: (model) => {
        const wanted = model ?? file.default;
        return wanted !== undefined && Object.hasOwn(file.models, wanted)
          ? { ok: true, model: wanted }
          : notServed(model);
      },
      chat: (model, settings) => {
        const { entry, connection } = find(model);
        return connection.chat(entry.model, settings);
      },
      guard: async (model, call) => find(model).connection.breaker.guard(call),
      healthy: async (signal) => (await down(signal)).size < names.length,
    },
  };
}

async function connect(name: string, entry: ProviderEntry, env: Environment): Promise<Connection> {
  const key = (variable: string): string => {
    const value = env[variable];
    if (value === undefined)
      throw new SettingsError(
        `${variable} is not set: the models file says that it holds the key of the provider ${name}. Example: ${variable}=sk-...`,
      );
    hideSecret(value);
    return value;
  };
  const { retries } = entry;
  switch (entry.type) {
    case 'openai':
      return openAiConnection({ apiKey: key(entry.apiKeyEnv), retries });
    case 'compatible':
      return openAiConnection({
        baseUrl: entry.baseUrl,
        ...(entry.apiKeyEnv !== undefined && { apiKey: key(entry.apiKeyEnv) }),
        retries,
      });
    case 'anthropic':
      return anthropicConnection({ apiKey: key(entry.apiKeyEnv), baseUrl: entry.baseUrl, retries });
    case 'google':
      return googleConnection({ apiKey: key(entry.apiKeyEnv), baseUrl: entry.baseUrl, retries });
    case 'ollama':
      return ollamaConnection({ baseUrl: entry.baseUrl, retries });
  }
}
