/** One thing that was looked at. `cure` is there when it is not as it should be. */
export type Finding = { name: string; ok: boolean; found: string; cure?: string };

/** What a look found; `cure` when this finding has another than the usual one. */
export type Looked = { ok: boolean; found: string; cure?: string };

/** Looks at one thing. Never throws: what can't be looked at is a finding too. @param cure what helps when it is not as it should be */
export async function look(name: string, cure: string, work: () => Promise<Looked>): Promise<Finding> {
  try {
    const { ok, found, cure: another } = await work();
    return ok ? { name, ok, found } : { name, ok, found, cure: another ?? cure };
  } catch (error) {
    return { name, ok: false, found: error instanceof Error ? error.message : String(error), cure };
  }
}
