import type { Command } from 'commander';
import { redact } from '../../contracts/client/support/Log.ts';
import { type Context, openContext } from './Context.ts';
import { chainChecks } from './checks/chain.ts';
import type { Finding } from './checks/Finding.ts';
import { fileChecks } from './checks/files.ts';
import { keyChecks } from './checks/keys.ts';
import { plainLine } from './table.ts';

export function addDoctorCommand(program: Command, print: (text: string) => void): void {
  program
    .command('doctor')
    .description('check everything and say the cure; exit status 1 when something is wrong')
    .option('--json', 'a line of JSON for each thing that was looked at')
    .addHelpText(
      'after',
      `
Calls each model once, and runs a script in the sandbox. Changes nothing; may run beside the host.

Examples:
  npm run host -- doctor
  npm run host --silent -- doctor --json | jq -r 'select(.ok | not) | .cure'`,
    )
    .action(async ({ json }: { json?: true }) => {
      const healthy = await report(await openContext(), (finding) =>
        print(json ? JSON.stringify({ ...finding, found: redact(finding.found) }) : line(finding)),
      );
      process.exitCode = healthy ? 0 : 1;
    });
}

/** Looks at everything that a host needs. Never throws for what it finds. */
export async function* examine(context: Context): AsyncGenerator<Finding> {
  yield* fileChecks(context);
  yield* chainChecks(context);
  yield* keyChecks(context);
  // Loaded late: models and sandbox together take a second, which no other command should wait.
  const { answerChecks } = await import('./checks/answers.ts');
  yield* answerChecks(context);
}

/** @returns whether all is well */
export async function report(context: Context, tell: (finding: Finding) => void): Promise<boolean> {
  let healthy = true;
  for await (const finding of examine(context)) {
    healthy &&= finding.ok;
    tell(finding);
  }
  return healthy;
}

/** A finding for a terminal. */
export function line({ name, ok, found, cure }: Finding): string {
  return `${ok ? 'ok  ' : 'BAD '} ${name.padEnd(17)} ${plainLine(redact(found))}${cure === undefined ? '' : `\n     → ${cure}`}`;
}
