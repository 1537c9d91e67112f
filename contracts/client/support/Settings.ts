import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';

/** A setting is missing or wrong. The message names each one, says the rule and gives an example; it never shows a secret. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The process's environment over the `.env` file. An empty value counts as not set, so that a copied `.env.example` works.
 * @param file path of the `.env` file; need not exist
 */
export function environment(file = '.env', own: Environment = process.env): Environment {
  const fromFile = existsSync(file) ? parse(readFileSync(file, 'utf8')) : {};
  const merged: Record<string, string | undefined> = { ...fromFile };
  for (const [name, value] of Object.entries(own)) if (value !== undefined && value !== '') merged[name] = value;
  for (const [name, value] of Object.entries(merged)) if (value === '') delete merged[name];
  return merged;
}

/**
 * Checks settings against a schema whose keys are the variables' names; each field's `.describe()` is an example value.
 * @throws SettingsError with one line per wrong setting
 */
export function parseSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
): z.output<z.ZodObject<Shape>> {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? '');
    const field = schema.shape[name] as z.ZodType | undefined;
    const example = field?.description;
    return `${name} ${env[name] === undefined ? 'is not set' : 'is wrong'}: ${issue.message}.${example ? ` Example: ${name}=${example}` : ''}`;
  });
  throw new SettingsError(lines.join('\n'));
}

/** The names that `.env.example` documents, commented out or not. */
export function documentedNames(example: string): string[] {
  return [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1] ?? '');
}

/**
 * Names in `env` that look like a misspelling of a known setting: one sentence each.
 * Only names of the `.env` file, or close to a known name, are considered: a shell holds many variables that aren't ours.
 */
export function misspellings(env: Environment, known: readonly string[]): string[] {
  const names = new Set(known);
  return Object.keys(env)
    .filter((name) => !names.has(name))
    .flatMap((name) => {
      const nearest = known
        .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
        .sort((a, b) => a.edits - b.edits)[0];
      return nearest && name.length > 4 && nearest.edits <= Math.max(1, Math.floor(name.length / 6))
        ? [`${name} is not a setting; did you mean ${nearest.candidate}?`]
        : [];
    });
}
