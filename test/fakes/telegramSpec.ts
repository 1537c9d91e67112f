import { readFileSync } from 'node:fs';
import { z } from 'zod';

const field = z.object({ name: z.string(), types: z.array(z.string()), required: z.boolean() });
const entry = z.object({ fields: z.array(field).optional(), subtypes: z.array(z.string()).optional() });
const spec = z.object({ methods: z.record(z.string(), entry), types: z.record(z.string(), entry) });
type Spec = z.infer<typeof spec>;

export type TelegramSpec = {
  /** What a call breaks of the published Bot API: one sentence each, none when it is right. */
  callProblems(method: string, payload: Readonly<Record<string, unknown>>): string[];
  /** The same for a thing the platform itself sends, such as `Update`. */
  typeProblems(type: string, value: unknown): string[];
};

/** The published Bot API, when TELEGRAM_API_SPEC names a copy of it as JSON; without one nothing is found wrong. */
export function loadTelegramSpec(file = process.env['TELEGRAM_API_SPEC']): TelegramSpec {
  if (!file) return { callProblems: () => [], typeProblems: () => [] };
  const published = spec.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    callProblems(method, payload) {
      const known = published.methods[method];
      return known ? fieldProblems(published, known.fields ?? [], payload, method) : [`there is no method ${method}`];
    },
    typeProblems: (type, value) => problems(published, [type], value, type),
  };
}

function fieldProblems(
  published: Spec,
  fields: readonly z.infer<typeof field>[],
  value: unknown,
  place: string,
): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${place} is not an object`];
  const given = new Map(Object.entries(value));
  const missing = fields
    .filter(({ name, required }) => required && !given.has(name))
    .map(({ name }) => `${place}.${name} is missing`);
  const wrong = [...given].flatMap(([name, inner]) => {
    const known = fields.find((each) => each.name === name);
    return known ? problems(published, known.types, inner, `${place}.${name}`) : [`${place}.${name} is not known`];
  });
  return [...missing, ...wrong];
}

function problems(published: Spec, types: readonly string[], value: unknown, place: string): string[] {
  const tries = types.map((type) => problemsOfType(published, type, value, place));
  return tries.find((found) => found.length === 0) ?? tries.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function problemsOfType(published: Spec, type: string, value: unknown, place: string): string[] {
  const list = /^Array of (.+)$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${place} is not a list`];
    return value.flatMap((each, index) => problemsOfType(published, list, each, `${place}[${index}]`));
  }
  const basic: Readonly<Record<string, (value: unknown) => boolean>> = {
    Integer: (given) => Number.isInteger(given),
    Float: (given) => typeof given === 'number',
    String: (given) => typeof given === 'string',
    Boolean: (given) => typeof given === 'boolean',
  };
  const check = basic[type];
  if (check) return check(value) ? [] : [`${place} is not of type ${type}`];
  const known = published.types[type];
  if (!known) return [`${place}: unknown type ${type}`];
  return known.subtypes
    ? problems(published, known.subtypes, value, place)
    : fieldProblems(published, known.fields ?? [], value, place);
}
