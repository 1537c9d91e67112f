import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { sourceText } from '../../contracts/client/workload/python/Source.ts';
import type { Values } from '../../contracts/client/workload/Values.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import type { Runtime } from './Runtime.ts';
import type { Ran, Work } from './sandbox/Sandbox.ts';
import type { SchemaChecks } from './sandbox/SchemaChecks.ts';

/** A workload with the values for one question. */
export type Workload = {
  values: Values;
  /** There when the script defines `work(prompt, input)`: its process, which whoever began the workload must end. */
  work: Work | undefined;
  /** The start of what the script printed; empty for plain assignments, which can't. */
  printed: string;
};

/**
 * Reads a workload: plain assignments without running anything, all else in the sandbox. Calls no model. Whether `schema` is
 * a schema is checked too.
 * @param script UTF-8 bytes, or text
 * @param input the asker's text; undefined: the script's own example
 * @throws WorkloadError: the script is wrong (`badValue` also for a blank question); SandboxFailure: this host is
 */
export async function readWorkload(
  script: string | Uint8Array,
  input: string | undefined,
  { sandbox, schemas }: Pick<Runtime, 'sandbox' | 'schemas'>,
): Promise<Ran> {
  const ran = plain(script, input) ?? (await sandbox.values(sourceText(script), input));
  await checkSchema(ran.values, schemas);
  return ran;
}

/** The same, and a script's `work` can be called afterwards: in the same process, so that no script runs twice for an answer. */
export async function beginWorkload(
  script: string | Uint8Array,
  input: string | undefined,
  { sandbox, schemas }: Pick<Runtime, 'sandbox' | 'schemas'>,
): Promise<Workload> {
  const read = plain(script, input);
  const workload = read ? { ...read, work: undefined } : await sandbox.begin(sourceText(script), input);
  try {
    await checkSchema(workload.values, schemas);
    return workload;
  } catch (error) {
    workload.work?.end();
    throw error;
  }
}

async function checkSchema({ schema }: Values, schemas: SchemaChecks): Promise<void> {
  if (schema !== undefined) await schemas.problemOf(schema, undefined);
}

function plain(script: string | Uint8Array, input: string | undefined): Ran | undefined {
  try {
    const { example, valuesFor } = readPlainWorkload(script);
    return { values: input === undefined ? example : valuesFor(input), hasWork: false, printed: '' };
  } catch (error) {
    if (error instanceof WorkloadError && error.code === 'notPlain') return undefined;
    throw error;
  }
}
