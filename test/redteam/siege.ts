import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import { createSandbox, type Ran, type Sandbox, type SandboxOptions } from '../../host/runtime/sandbox/Sandbox.ts';

/** What must not get out, and where it would be seen: a listener, a file, a variable of the host's environment. */
export type Siege = {
  port: number;
  secretFile: string;
  secret: string;
  sandbox: Sandbox;
  /** Runs a script; the lines that every workload needs stand in front of it. */
  run(script: string): Promise<Outcome>;
  /** Connections that the listener saw. */
  connections(): number;
  close(): Promise<void>;
};

export type Outcome = { type: 'ran'; ran: Ran } | { type: 'wrong'; error: WorkloadError };

export const preamble = 'prompt = "p"\ninput = "i"\n';

export async function laySiege(options: Partial<SandboxOptions> = {}): Promise<Siege> {
  let connections = 0;
  const listener = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'siege-'));
  const secret = 'the-secret-of-the-siege';
  const secretFile = join(folder, 'secret.txt');
  writeFileSync(secretFile, secret);
  process.env['SIEGE_SECRET'] = secret;
  const limits = { cpuSeconds: 20, memoryMiB: 256, outputBytes: 100_000, modelCalls: 4 };
  const sandbox = createSandbox({ ...limits, warm: 1, atOnce: 2, ...options });
  return {
    port: (listener.address() as AddressInfo).port,
    secretFile,
    secret,
    sandbox,
    run: async (script) => {
      try {
        return { type: 'ran', ran: await sandbox.values(preamble + script, 'asked') };
      } catch (error) {
        if (error instanceof WorkloadError) return { type: 'wrong', error };
        throw error;
      }
    },
    connections: () => connections,
    close: async () => {
      delete process.env['SIEGE_SECRET'];
      await sandbox.close();
      listener.close();
      rmSync(folder, { recursive: true });
    },
  };
}
