import { Command } from 'commander';
import { type APIApplication, Routes } from 'discord.js';
import { redact } from '../contracts/client/support/Log.ts';
import { SettingsError } from '../contracts/client/support/Settings.ts';
import { openContext } from './cli/Context.ts';
import { examine } from './cli/doctor.ts';
import { discordInvitations, type Invitation, telegramInvitations } from './cli/invite.ts';
import { failure, operatorsFault } from './discord/failure.ts';
import { sentence } from './telegram/poll.ts';

const program = new Command('bot').description('Run the bot and look after it. docs/bot.md explains everything.');
const print = (text: string): void => void process.stdout.write(`${redact(text)}\n`);

program
  .command('run')
  .description('run the bot in the foreground (what npm start does, without the rest)')
  .action(async () => {
    await import('./main.ts');
    await new Promise(() => undefined);
  });

program
  .command('doctor')
  .description('check everything and say the cure')
  .option('--json', 'one JSON object a line')
  .action(async ({ json }: { json?: true }) => {
    let healthy = true;
    for await (const finding of examine(openContext())) {
      healthy &&= finding.ok;
      const { ok, name, found, cure } = finding;
      print(
        json
          ? JSON.stringify(finding)
          : `${ok ? 'ok  ' : 'BAD '} ${name.padEnd(19)} ${found}${cure ? `\n     → ${cure}` : ''}`,
      );
    }
    process.exitCode = healthy ? 0 : 1;
  });

program
  .command('invite')
  .description('print the links that invite the bot, with no more permissions than it needs')
  .option('--json', 'one JSON list')
  .action(async ({ json }: { json?: true }) => {
    const { telegram, discord } = openContext();
    if (!telegram && !discord)
      throw new SettingsError('Neither TELEGRAM_TOKEN nor DISCORD_TOKEN is set; docs/bot.md says how to get one.');
    const links: Invitation[] = [];
    if (telegram) {
      const me = await telegram.getMe().catch((error: unknown) => Promise.reject(new SettingsError(sentence(error))));
      links.push(...telegramInvitations(me.username));
    }
    if (discord) {
      const refused = (error: unknown) =>
        Promise.reject(new SettingsError(operatorsFault(error) ?? failure(error).message));
      const { id } = (await discord.get(Routes.currentApplication()).catch(refused)) as APIApplication;
      links.push(...discordInvitations(id));
    }
    print(
      json
        ? JSON.stringify(links)
        : links.map(({ platform, use, url }) => `${platform}, for ${use}:\n  ${url}`).join('\n'),
    );
  });

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  process.stderr.write(`${redact(error instanceof SettingsError ? error.message : String(error))}\n`);
  process.exit(1);
}
