import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox/Sandbox.ts';
import { createSchemaChecks, type SchemaChecks } from './sandbox/SchemaChecks.ts';

/** Where scripts run and schemas are checked. Starts nothing before the first of either comes. */
export type Runtime = {
  sandbox: Sandbox;
  schemas: SchemaChecks;
  /** Model calls of one script. */
  maxCalls: number;
  /** Ends every process. */
  close(): Promise<void>;
};

export function createRuntime(options: SandboxOptions): Runtime {
  const sandbox = createSandbox(options);
  return { sandbox, schemas: createSchemaChecks(), maxCalls: options.modelCalls, close: sandbox.close };
}
