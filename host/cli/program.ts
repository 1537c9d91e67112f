import { Command } from 'commander';
import { addAskCommands } from './asks.ts';
import { addBackupCommand } from './backup.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEarningsCommand } from './earnings.ts';

import { addInitCommand } from './init.ts';
import { addOfferCommand } from './offer.ts';
import { addOwnerCommands } from './owner.ts';
import { addStatusCommand } from './status.ts';

/** The command line of a host. */
export function createProgram(print: (text: string) => void): Command {
  const program = new Command('host').description('Run a host and look after it.').addHelpText(
    'after',
    `
Begin with:      npm run host -- init
Then, daily:     npm run host -- status --watch
Something wrong: npm run host -- doctor
Help of one:     npm run host -- offer --help
Everything else: docs/host.md`,
  );

  addInitCommand(program, print);
  program
    .command('run')
    .description('run the host in the foreground until Ctrl-C')
    .addHelpText(
      'after',
      `
Settings come from .env and the environment; docs/host.md has a systemd unit and a container that run this.

Example:
  npm run host -- run`,
    )
    .action(async () => {
      await import('../main.ts');
      await new Promise(() => undefined);
    });
  addDoctorCommand(program, print);
  addStatusCommand(program, print);
  addAskCommands(program, print);
  addOfferCommand(program, print);
  addEarningsCommand(program, print);
  addBackupCommand(program, print);
  addOwnerCommands(program);
  return program;
}
