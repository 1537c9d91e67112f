import { chmodSync, existsSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import type { Command } from 'commander';
import { openContext } from './Context.ts';

export function addBackupCommand(program: Command, print: (text: string) => void): void {
  program
    .command('backup <file>')
    .description('copy the journal, whole, while the host runs')
    .addHelpText(
      'after',
      `
The keys are not in it: keep operator.key and its password elsewhere. docs/host.md, "Backups", says what each is good for.

Example:
  npm run host -- backup /mnt/backup/host-$(date +%F).sqlite`,
    )
    .action(async (file: string) => {
      const { files } = await openContext();
      if (!existsSync(files.journal)) throw new Error(`There is no journal at ${files.journal} yet.`);
      if (existsSync(file)) throw new Error(`There is a file at ${file} already. Name another one.`);
      const database = new DatabaseSync(files.journal, { readOnly: true });
      try {
        const pages = await backup(database, file);
        chmodSync(file, 0o600);
        print(`${pages} pages are in ${file}.`);
      } finally {
        database.close();
      }
    });
}
