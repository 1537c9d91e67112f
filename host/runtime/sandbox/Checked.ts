import { z } from 'zod';
import type { JsonSchema } from '../../../contracts/client/workload/Values.ts';

/** `text`: an answer, JSON unless the model failed; undefined: only the schema is looked at. */
export type CheckRequest = { schema: JsonSchema; text?: string };

/** What came of a check. `fault`: whether the schema itself is none, or the answer does not satisfy it. */
export const checked = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), fault: z.enum(['schema', 'answer']), problem: z.string().max(2_000) }),
]);
export type Checked = z.output<typeof checked>;
