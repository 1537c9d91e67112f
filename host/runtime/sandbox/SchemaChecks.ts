import PQueue from 'p-queue';
import type { JsonSchema } from '../../../contracts/client/workload/Values.ts';
import { WorkloadError } from '../../../contracts/client/workload/WorkloadError.ts';
import { type Checked, type CheckRequest, checked } from './Checked.ts';
import { sandboxImage } from './Image.ts';
import { startGuest } from './Process.ts';

/** Checks answers against the JSON Schemas of workloads, each in a process of its own that can be killed. */
export type SchemaChecks = {
  /**
   * What is wrong with an answer; undefined: nothing.
   * @param text undefined: only whether the schema is one
   * @throws WorkloadError `badValue`: it is no JSON Schema; `timeLimit`, `memoryLimit`: checking it takes too much
   */
  problemOf(schema: JsonSchema, text: string | undefined): Promise<string | undefined>;
};

/** A check takes some 100 ms on a quiet machine. */
const defaultMs = 10_000;
const keptSchemas = 200;

export function createSchemaChecks({ atOnce = 2, mostMs = defaultMs } = {}): SchemaChecks {
  const queue = new PQueue({ concurrency: atOnce });
  /** Schemas that were looked at, by their text: the same model is asked again and again. */
  const good = new Set<string>();

  async function check(request: CheckRequest): Promise<Checked> {
    const guest = startGuest<CheckRequest, Checked>({
      image: await sandboxImage(),
      entry: 'validator.mjs',
      // What bounds its memory; going over it ends the process.
      flags: ['--max-old-space-size=96'],
      message: checked,
    });
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(tooMuch('timeLimit', `longer than ${mostMs / 1_000} s`)), mostMs);
    try {
      guest.hold();
      guest.send(request);
      guest.end();
      return await Promise.race([
        guest.next().catch((error: unknown) => {
          throw tooMuch('memoryLimit', 'more memory than there is for it', { cause: error });
        }),
        late,
      ]);
    } finally {
      clearTimeout(timer);
      guest.kill();
    }
  }

  return {
    problemOf: (schema, text) =>
      queue.add(async () => {
        const key = JSON.stringify(schema);
        if (text === undefined && good.has(key)) return undefined;
        const result = await check({ schema, ...(text !== undefined && { text }) });
        if (!result.ok && result.fault === 'schema')
          throw new WorkloadError('badValue', 0, `schema is no JSON Schema: ${result.problem}.`, 'Correct it.');
        if (good.size >= keptSchemas) good.clear();
        good.add(key);
        return result.ok ? undefined : result.problem;
      }),
  };
}

function tooMuch(code: 'timeLimit' | 'memoryLimit', what: string, options?: ErrorOptions): WorkloadError {
  return new WorkloadError(code, 0, `Checking against schema takes ${what}.`, 'Use a simpler schema.', options);
}
