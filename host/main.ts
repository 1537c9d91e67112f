import { SettingsError } from '../contracts/client/support/Settings.ts';
import { startHost } from './Host.ts';

try {
  await startHost();
} catch (error) {
  // A wrong setting needs its sentence, not a stack.
  const expected =
    error instanceof SettingsError ||
    (error instanceof Error && /Error$/.test(error.name) && error.name !== 'TypeError');
  process.stderr.write(`${expected ? (error as Error).message : String((error as Error)?.stack ?? error)}\n`);
  process.exit(1);
}
