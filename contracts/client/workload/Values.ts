import { z } from 'zod';
import { WorkloadError } from './WorkloadError.ts';

/** A value of a script. Ints beyond 2^53 are bigint; lists and tuples are arrays; a dict is a Map. */
export type Value = string | number | bigint | boolean | null | Value[] | Map<Value, Value>;

/** A JSON Schema, as JSON has it. */
export type JsonSchema = { [keyword: string]: Json };
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const text = z.string().refine((value) => value.isWellFormed(), 'must be text without half a surrogate pair');
const mostItems = 10_000;

const jsonSchema = z
  .custom<Map<Value, Value>>((value) => value instanceof Map, 'must be a dict, a JSON Schema')
  .transform((value, context): JsonSchema => {
    const budget = { left: mostItems };
    try {
      return jsonObject(value, budget);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

/** The bounds of what a workload sets. */
export const valuesSchema = z.object({
  prompt: text,
  input: text.refine((value) => value.trim() !== '', 'must not be empty'),
  model: z.string().trim().min(1).max(100).optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.number().int().min(1).max(1_000_000).optional(),
  top_p: z.number().min(0).max(1).optional(),
  stop: z
    .union([text.transform((one) => [one]), z.array(text).max(4)])
    .pipe(z.array(z.string().min(1)))
    .optional(),
  seed: z.number().int().optional(),
  examples: z
    .array(z.tuple([text, text]))
    .max(50)
    .optional(),
  schema: jsonSchema.optional(),
});

/**
 * What a workload sets for one ask, checked. Names as in Python. `examples`: pairs of question and answer shown first.
 * `schema`: what an answer must satisfy; hostile like the script it comes from.
 */
export type Values = z.output<typeof valuesSchema>;

/**
 * Checks what a script assigned. Names that mean nothing are passed over.
 * @param lineOf where each name was assigned last, for the error
 * @throws WorkloadError `badValue`
 */
export function checkValues(names: ReadonlyMap<string, Value>, lineOf: ReadonlyMap<string, number>): Values {
  const known = Object.keys(valuesSchema.shape)
    // `model = None` is how Python says: not set.
    .flatMap((name): [string, Value][] => {
      const value = names.get(name);
      return value === undefined || (value === null && name !== 'prompt' && name !== 'input') ? [] : [[name, value]];
    });
  const result = valuesSchema.safeParse(Object.fromEntries(known));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  throw new WorkloadError(
    'badValue',
    lineOf.get(name) ?? 0,
    `${name}: ${issue?.message ?? 'wrong value'}.`,
    'Correct the value.',
  );
}

/** @throws RangeError, TypeError with the sentence for the author */
function jsonObject(value: Map<Value, Value>, budget: { left: number }): JsonSchema {
  return Object.fromEntries(
    [...value].map(([key, one]) => {
      if (typeof key !== 'string') throw new TypeError('must have only texts as keys');
      return [key, json(one, budget)];
    }),
  );
}

function json(value: Value, budget: { left: number }): Json {
  // A list that holds itself many times over is small in the script and enormous here.
  if (--budget.left < 0) throw new RangeError(`must hold at most ${mostItems} values`);
  if (typeof value === 'bigint') throw new RangeError('must not hold a number beyond 2^53');
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('must not hold inf or nan');
  if (Array.isArray(value)) return value.map((one) => json(one, budget));
  return value instanceof Map ? jsonObject(value, budget) : value;
}
