/** `npm start`: the marketplace on this machine, and how to reach it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog, hideSecret } from '../contracts/client/support/Log.ts';
import { onStop } from '../contracts/client/support/Process.ts';
import {
  documentedNames,
  environment,
  misspellings,
  parseSettings,
  SettingsError,
} from '../contracts/client/support/Settings.ts';
import { startStack } from './Stack.ts';
import { launchSettings } from './settings.ts';
import { status } from './status.ts';

const help = `npm start                     the marketplace on this machine: embedded chain, host, bot, local chat
npm run ask -- "A question?"  ask from a terminal
npm test                      all tests

Settings are explained in .env.example; copy it to .env.`;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${help}\n`);
    return;
  }
  const root = fileURLToPath(new URL('..', import.meta.url));
  process.chdir(root);
  const env = environment('.env');
  for (const name of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY', 'DISCORD_TOKEN', 'TELEGRAM_TOKEN'])
    hideSecret(env[name]);
  const settings = parseSettings(launchSettings, env);
  for (const sentence of misspellings(env, documentedNames(readFileSync('.env.example', 'utf8')))) {
    process.stderr.write(`Note: ${sentence}\n`);
  }
  const log = createLog({ name: 'start', level: env['LOG_LEVEL'] === undefined ? 'warn' : settings.LOG_LEVEL });
  const dataDir = resolve(settings.DATA_DIR);
  const stack = await startStack({
    dataDir,
    chainPort: settings.CHAIN_PORT,
    botPort: settings.BOT_PORT,
    env,
    log,
  });
  const running = join(dataDir, 'running.json');
  writeFileSync(running, JSON.stringify({ pid: process.pid, local: stack.bot.facts()['local'], rpc: stack.chain.url }));
  let stopping = false;
  const stop = async () => {
    stopping = true;
    rmSync(running, { force: true });
    await stack.stop();
  };
  onStop(async () => {
    process.stdout.write('\nStopping …\n');
    await stop();
  });
  void stack.chain.exited.then(async () => {
    if (stopping) return;
    process.stderr.write(
      'The embedded chain has ended by itself. Start again: it continues from its last saved state.\n',
    );
    await stop();
    process.exit(1);
  });
  process.stdout.write(status(stack));
}

main().catch((error: unknown) => {
  const known = error instanceof Error && ['SettingsError', 'ChildError', 'LocalChainError'].includes(error.name);
  process.stderr.write(`${known ? error.message : (error instanceof Error && error.stack) || String(error)}\n`);
  if (error instanceof SettingsError) process.stderr.write('Every setting is explained in .env.example.\n');
  process.exit(1);
});
