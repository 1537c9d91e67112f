import { z } from 'zod';
import type { Value } from '../../../contracts/client/workload/Values.ts';
import { WorkloadError } from '../../../contracts/client/workload/WorkloadError.ts';

const intSchema = z.object({ int: z.string().regex(/^-?0x[0-9a-f]{1,1100}$/) });
const floatSchema = z.object({ float: z.enum(['inf', '-inf', 'nan']) });
const otherSchema = z.object({ other: z.string().max(100) });
const dictSchema = z.object({ dict: z.array(z.tuple([z.unknown(), z.unknown()])) });
const floats = { inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY, nan: Number.NaN };
const deepest = 120;

/**
 * One of Python's values as it comes out of a sandbox: texts, numbers, booleans, None and lists as in JSON; a dict is
 * `{dict: [[key, value], …]}`, an int beyond 2^53 `{int: "0x…"}`, a float without a JSON form `{float: "inf"}`, all else
 * `{other: "name of its type"}`.
 * @param name for the error
 * @throws WorkloadError `badValue`: it is none of these, or of a type that no setting has
 */
export function decodeValue(wire: unknown, name: string, line: number, depth = 0): Value {
  if (wire === null || typeof wire === 'string' || typeof wire === 'boolean' || typeof wire === 'number') return wire;
  const refuse = (what: string): WorkloadError =>
    new WorkloadError('badValue', line, `${name} ${what}.`, 'Use text, numbers, True, False, None, lists and dicts.');
  if (depth > deepest) throw refuse('is nested too deeply');
  if (Array.isArray(wire)) return wire.map((one: unknown) => decodeValue(one, name, line, depth + 1));
  const int = intSchema.safeParse(wire);
  if (int.success) {
    const text = int.data.int;
    return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
  }
  const float = floatSchema.safeParse(wire);
  if (float.success) return floats[float.data.float];
  const dict = dictSchema.safeParse(wire);
  if (dict.success)
    return new Map(
      dict.data.dict.map(([key, value]) => [
        decodeValue(key, name, line, depth + 1),
        decodeValue(value, name, line, depth + 1),
      ]),
    );
  const other = otherSchema.safeParse(wire);
  throw refuse(other.success ? `holds a value of Python's type ${other.data.other}` : 'has no readable value');
}
