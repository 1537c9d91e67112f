import { createRuntime } from '../../host/runtime/Runtime.ts';

/** What the tests' scripts may use. A busy machine counts more processor time for the same work. */
export const limits = { cpuSeconds: 10, memoryMiB: 256, outputBytes: 100_000, modelCalls: 4 };

/** Starts nothing until a script or schema comes; whoever sends one closes it. */
export const runtime = createRuntime({ ...limits, warm: 2, atOnce: 2 });
