import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { sourceText } from '../../contracts/client/workload/python/Source.ts';
import type { Values } from '../../contracts/client/workload/Values.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import type { Runtime } from './Runtime.ts';
import type { Sandbox } from './sandbox/Sandbox.ts';

/** A workload with the values for one question. */
export type Workload = {
  values: Values;
  /** There when the script defines `work(prompt, input)`: what the sandbox needs to run it. `input`: as it was asked. */
  work: { script: string; input: string } | undefined;
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
  signal?: AbortSignal,
): Promise<Workload> {
  const workload = plain(script, input) ?? (await computed(sourceText(script), input, sandbox, signal));
  const { schema } = workload.values;
  if (schema !== undefined) await schemas.problemOf(schema, undefined);
  return workload;
}

function plain(script: string | Uint8Array, input: string | undefined): Workload | undefined {
  try {
    const { example, valuesFor } = readPlainWorkload(script);
    return { values: input === undefined ? example : valuesFor(input), work: undefined, printed: '' };
  } catch (error) {
    if (error instanceof WorkloadError && error.code === 'notPlain') return undefined;
    throw error;
  }
}

async function computed(
  script: string,
  input: string | undefined,
  sandbox: Sandbox,
  signal: AbortSignal | undefined,
): Promise<Workload> {
  const { values, hasWork, printed } = await sandbox.values(script, input, signal);
  return { values, printed, work: hasWork ? { script, input: input ?? values.input } : undefined };
}
