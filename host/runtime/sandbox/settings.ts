import { z } from 'zod';
import type { SandboxOptions } from './Sandbox.ts';

const whole = (example: number, least: number, most: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(least, `must be from ${least} to ${most}`)
    .max(most, `must be from ${least} to ${most}`)
    .default(example)
    .describe(String(example));

/** What computed scripts may use. */
export const sandboxSettings = {
  HOST_SANDBOX_WARM: whole(1, 0, 32),
  HOST_SANDBOX_PROCESSES: whole(4, 1, 64),
  HOST_SANDBOX_CPU_SECONDS: whole(5, 1, 600),
  HOST_SANDBOX_MEMORY_MB: whole(256, 64, 2_048),
  HOST_SANDBOX_MODEL_CALLS: whole(20, 1, 1_000),
};
const schema = z.object(sandboxSettings);

/** Bytes a script may print: its author sees the start, nobody the rest. */
const outputBytes = 100_000;

export function sandboxOptions(settings: z.output<typeof schema>): SandboxOptions {
  return {
    warm: settings.HOST_SANDBOX_WARM,
    atOnce: settings.HOST_SANDBOX_PROCESSES,
    cpuSeconds: settings.HOST_SANDBOX_CPU_SECONDS,
    memoryMiB: settings.HOST_SANDBOX_MEMORY_MB,
    modelCalls: settings.HOST_SANDBOX_MODEL_CALLS,
    outputBytes,
  };
}
