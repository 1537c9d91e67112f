import { redact } from '../contracts/client/support/Log.ts';
import { createProgram } from './cli/program.ts';

try {
  await createProgram((text) => void process.stdout.write(`${text}\n`)).parseAsync();
  // What was written goes out first; open connections to nodes would keep the process alive.
  process.stdout.write('', () => process.exit());
} catch (error) {
  process.stderr.write(`${redact(error instanceof Error ? error.message : String(error))}\n`);
  process.exit(1);
}
