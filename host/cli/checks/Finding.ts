/** One thing that was looked at. `cure` of something that is ok is advice. */
export type Finding = { name: string; ok: boolean; found: string; cure?: string };
export type Result = Omit<Finding, 'name'>;

/** Looks at one thing; what it throws is a finding too. @param cure where the work names none */
export async function look(name: string, cure: string, work: () => Promise<Result> | Result): Promise<Finding> {
  try {
    const { ok, found, cure: own } = await work();
    if (!ok) return { name, ok, found, cure: own ?? cure };
    return { name, ok, found, ...(own !== undefined && { cure: own }) };
  } catch (error) {
    return { name, ok: false, found: error instanceof Error ? error.message : String(error), cure };
  }
}
