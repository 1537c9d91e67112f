import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { addressSchema } from '../../../contracts/client/Hex.ts';
import { SettingsError } from '../../../contracts/client/support/Settings.ts';

/** A decimal in quotes: a JSON number would pass through floating point. Parsed with 18 decimals. */
const decimal = z
  .string('must be an amount in quotes, like "0.15"')
  .regex(/^\d{1,15}(\.\d{1,18})?$/, 'must be an amount in quotes, like "0.15"')
  .transform((text) => {
    const [whole = '0', fraction = ''] = text.split('.');
    return BigInt(whole) * 10n ** 18n + BigInt(fraction.padEnd(18, '0'));
  });
const count = z.number('must be a whole number').int('must be a whole number').min(1).max(10_000_000);
const name = z.string().trim().min(1).max(100);
const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .refine(
    (text) => !/\/\/[^/]*@/.test(text),
    'must hold no password; keys go into the environment, named by apiKeyEnv',
  );
/** The key itself is never in the file. */
const apiKeyEnv = z
  .string()
  .regex(
    /^[A-Z][A-Z0-9_]{2,60}$/,
    'must be the name of an environment variable that holds the key, like OPENAI_API_KEY',
  );
const retries = z.number().int().min(0).max(5).default(2);

const providerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('openai'), apiKeyEnv: apiKeyEnv.default('OPENAI_API_KEY'), retries }),
  z.strictObject({ type: z.literal('compatible'), baseUrl, apiKeyEnv: apiKeyEnv.optional(), retries }),
  z.strictObject({
    type: z.literal('anthropic'),
    baseUrl: baseUrl.optional(),
    apiKeyEnv: apiKeyEnv.default('ANTHROPIC_API_KEY'),
    retries,
  }),
  z.strictObject({
    type: z.literal('google'),
    baseUrl: baseUrl.optional(),
    apiKeyEnv: apiKeyEnv.default('GOOGLE_API_KEY'),
    retries,
  }),
  z.strictObject({ type: z.literal('ollama'), baseUrl: baseUrl.default('http://127.0.0.1:11434'), retries }),
]);
export type ProviderEntry = z.output<typeof providerSchema>;

/** `coin`, `LANG`, or another ERC-20 by its address. */
const token = z.union([z.literal('coin'), z.literal('LANG'), addressSchema]);
const modelSchema = z.strictObject({
  provider: name,
  model: name,
  inputPerMillion: decimal,
  outputPerMillion: decimal,
  maxInputTokens: count,
  maxOutputTokens: count,
  contextTokens: count.optional(),
  bytesPerToken: z.number().min(1).max(8).default(1),
  offer: z.partialRecord(token, decimal).optional(),
});

const fileSchema = z
  .strictObject({
    $comment: z.string().optional(),
    currency: z.string().regex(/^[A-Za-z]{2,10}$/, 'must be a short name like USD'),
    tokens: z.partialRecord(
      token,
      z.strictObject({ worth: decimal, decimals: z.number().int().min(0).max(36).default(18) }),
    ),
    providers: z.record(name, providerSchema),
    default: name.optional(),
    models: z.record(name, modelSchema),
  })
  .superRefine((file, context) => {
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (Object.keys(file.models).length === 0) wrong(['models'], 'names no model');
    if (file.tokens.coin === undefined)
      wrong(['tokens', 'coin'], `is missing: gas is paid in coin; say what one coin is worth in ${file.currency}`);
    if (file.default !== undefined && file.models[file.default] === undefined)
      wrong(['default'], `names no model of this file: ${file.default}`);
    for (const [model, entry] of Object.entries(file.models)) {
      if (file.providers[entry.provider] === undefined)
        wrong(['models', model, 'provider'], `names no provider of this file: ${entry.provider}`);
      for (const key of Object.keys(entry.offer ?? {}))
        if (!(key in file.tokens))
          wrong(['models', model, 'offer', key], 'is not in "tokens", so its worth is not known');
    }
  })
  .transform((file) => ({
    ...file,
    models: Object.fromEntries(
      Object.entries(file.models).map(([model, entry]) => [
        model,
        { ...entry, offer: smallestUnits(entry.offer, file.tokens) },
      ]),
    ),
  }));

/** What a host serves, of whom, at which prices. Worths and prices in 1e-18 of `currency`, offers in smallest units of their token. */
export type ModelsFile = z.output<typeof fileSchema>;
export type ModelEntry = ModelsFile['models'][string];

/** Offers were read with 18 decimals; what a token can't express is rounded up. */
function smallestUnits(
  offer: Partial<Record<string, bigint>> = {},
  tokens: Partial<Record<string, { decimals: number }>>,
): ReadonlyMap<string, bigint> {
  return new Map(
    Object.entries(offer).flatMap(([key, amount]): [string, bigint][] => {
      const decimals = tokens[key]?.decimals;
      if (amount === undefined || decimals === undefined) return [];
      const scaled = amount * 10n ** BigInt(decimals);
      return [[key, (scaled + 10n ** 18n - 1n) / 10n ** 18n]];
    }),
  );
}

/**
 * Reads a models file (JSON; docs/host.md explains each field, host/models.example.json is one).
 * @throws SettingsError: the operator must act; the message names each wrong field and never quotes a value that could be a key
 */
export function readModelsFile(path: string): ModelsFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new SettingsError(`HOST_MODELS_FILE: ${path} can't be read. Example: HOST_MODELS_FILE=models.json`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SettingsError(`HOST_MODELS_FILE: ${path} is not JSON. host/models.example.json shows the form.`);
  }
  const result = fileSchema.safeParse(json);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}.`);
  throw new SettingsError(
    `HOST_MODELS_FILE: ${path} is wrong. host/models.example.json shows the form.\n${lines.join('\n')}`,
  );
}
