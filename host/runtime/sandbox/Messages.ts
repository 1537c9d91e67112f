import { z } from 'zod';

/** What a run may use. `memory` is of Python itself, in MiB; the process around it takes some 200 more. */
export type Limits = {
  /** Processor time of one script, without waiting for models. Seconds. */
  cpuSeconds: number;
  memoryMiB: number;
  /** What the script may print, UTF-8 bytes. */
  outputBytes: number;
  modelCalls: number;
};

/** The message that starts a process's only run. */
export type RunRequest = {
  type: 'run';
  script: string;
  /** Undefined: the script's own example. */
  input?: string;
  /** Whether the process stays after its values, for a `work` request, where the script defines `work(prompt, input)`. */
  stay: boolean;
  limits: Pick<Limits, 'cpuSeconds' | 'outputBytes' | 'modelCalls'>;
};

/** Calls `work(prompt, input)` once, in the process that has told the script's values. */
export type WorkRequest = {
  type: 'work';
  /** Earlier questions and answers, oldest first. */
  history: [speaker: 'human' | 'ai', text: string][];
};

/** The answer to a `call`. */
export type CallReply = { type: 'reply'; text: string };

const line = z.number().int().min(0).max(1_000_000);
const short = z.string().max(2_000);

/** What comes out of a sandbox. It may have been written by the script itself: nothing in it is trusted. */
export const guestMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** A model call: JSON, see ModelCall.ts. */
  z.object({ type: z.literal('call'), text: z.string() }),
  /** The script ran to its end. `values` are tagged, see Wire.ts; `lines`: where each name was assigned last. */
  z.object({
    type: z.literal('values'),
    values: z.record(z.string().max(100), z.unknown()),
    lines: z.record(z.string().max(100), line),
    hasWork: z.boolean(),
    printed: z.string(),
  }),
  /** What `work` returned. */
  z.object({ type: z.literal('answer'), answer: z.string(), printed: z.string() }),
  /** The script is wrong, or raised. */
  z.object({
    type: z.literal('wrong'),
    code: z.enum(['syntax', 'missing', 'badValue', 'raised', 'ended', 'tooLarge']),
    line,
    what: short,
    cure: short,
    printed: z.string(),
  }),
  z.object({ type: z.literal('limit'), limit: z.enum(['cpu', 'memory', 'output', 'calls']) }),
]);
export type GuestMessage = z.output<typeof guestMessage>;
