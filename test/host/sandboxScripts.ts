import { z } from 'zod';
import { checkValues, type Values } from '../../contracts/client/workload/Values.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import type { Sandbox } from '../../host/runtime/sandbox/Sandbox.ts';
import { decodeValue } from '../../host/runtime/sandbox/Wire.ts';

/** What came of one script: its values, or the code of what is wrong with it and the line. */
export type Came = { values: Values } | { code: string; line: number; what: string };

/**
 * Runs many scripts one after another by the runner of a single process: the runner's own functions, reached from inside. `null`
 * asks for the script's own example.
 */
const driver = `import sys, json, warnings
warnings.simplefilter("ignore")
frame = sys._getframe()
while frame.f_globals.get("__name__") != "_runner": frame = frame.f_back
runner = frame.f_globals
def one(script, asked):
    try:
        return runner["execute"]({"script": script, "input": asked, "work": False, "history": []})
    except BaseException as error:
        return runner["raised"](error)
prompt = ""
input = "[]"
prompt = json.dumps([one(*pair) for pair in json.loads(input)])
`;

const reports = z.array(
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('values'),
      values: z.record(z.string(), z.unknown()),
      lines: z.record(z.string(), z.number()),
    }),
    z.object({ type: z.literal('wrong'), code: z.string(), line: z.number(), what: z.string() }),
  ]),
);

export async function runMany(
  sandbox: Sandbox,
  scripts: readonly (readonly [script: string, asked: string | null])[],
): Promise<Came[]> {
  const { values } = await sandbox.values(driver, JSON.stringify(scripts));
  return reports.parse(JSON.parse(values.prompt)).map((report): Came => {
    if (report.type === 'wrong') return { code: report.code, line: report.line, what: report.what };
    const lines = new Map(Object.entries(report.lines));
    try {
      const names = Object.entries(report.values).map(
        ([name, wire]) => [name, decodeValue(wire, name, lines.get(name) ?? 0)] as const,
      );
      return { values: checkValues(new Map(names), lines) };
    } catch (error) {
      if (error instanceof WorkloadError) return { code: error.code, line: error.line, what: error.message };
      throw error;
    }
  });
}
