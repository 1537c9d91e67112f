/** Checks one text against one JSON Schema and ends. Both are hostile: a pattern may take for ever, a schema fill the memory. */
import { readFileSync, writeSync } from 'node:fs';
import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Checked, CheckRequest } from '../Checked.ts';
import { disarm, strip } from './strip.ts';

const mostProblems = 5;
const longestProblem = 200;

const { schema, text } = JSON.parse(readFileSync(0, 'utf8')) as CheckRequest;
process.permission.drop('fs.read');
disarm(process);
strip();
writeSync(1, `${JSON.stringify(check())}\n`);

function check(): Checked {
  let validate: ReturnType<Ajv['compile']>;
  try {
    validate = ajvFor(String(schema['$schema'] ?? '')).compile(schema);
  } catch (error) {
    return { ok: false, fault: 'schema', problem: cut(error instanceof Error ? error.message : String(error)) };
  }
  if (text === undefined) return { ok: true };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      ok: false,
      fault: 'answer',
      problem: cut(`It is not JSON: ${error instanceof Error ? error.message : ''}`),
    };
  }
  if (validate(value)) return { ok: true };
  return { ok: false, fault: 'answer', problem: (validate.errors ?? []).slice(0, mostProblems).map(says).join('; ') };
}

/** 2020-12 unless the schema names another draft; formats are only notes, as that draft has it. */
function ajvFor(draft: string): Ajv {
  const options: Options = { strict: false, allErrors: true, validateFormats: false, inlineRefs: false, logger: false };
  if (/draft-0[67]/.test(draft)) return new Ajv(options);
  return /2019-09/.test(draft) ? new Ajv2019(options) : new Ajv2020(options);
}

function says({ instancePath, message, params, keyword }: ErrorObject): string {
  const extra = keyword === 'additionalProperties' ? ` (${String(params['additionalProperty'])})` : '';
  const among = keyword === 'enum' ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  return cut(`${instancePath === '' ? 'the whole' : instancePath} ${message ?? 'is wrong'}${extra}${among}`);
}

function cut(words: string): string {
  return words.length > longestProblem ? `${words.slice(0, longestProblem)}…` : words;
}
