import type { Command } from 'commander';
import { openContext } from './Context.ts';
import { line, report } from './doctor.ts';
import { createAsk, type Given } from './init/Ask.ts';

type Options = Record<string, string | boolean | undefined> & { yes?: true; wait: boolean; start?: boolean };

export function addInitCommand(program: Command, print: (text: string) => void): void {
  program
    .command('init')
    .description('from nothing to a running host, by questions; begun again it goes on where it was')
    .option('--rpc-urls <urls>', 'nodes of the chain, separated by commas')
    .option('--deployment <file>', "the market's address file")
    .option('--password <where>', "the operator key's password: file, other (see --password-file) or ask", undefined)
    .option('--password-file <file>', 'with --password other: a file that holds it already')
    .option('--provider <what>', 'who answers: openai, compatible, ollama, file or env (what is set already)')
    .option('--base-url <url>', 'of a compatible server or Ollama')
    .option('--model <name>', 'its model')
    .option('--models-file <file>', 'with --provider file')
    .option('--price-coin <amount>', "price of an answer in the chain's coin")
    .option('--price-token <amount>', "price of an answer in the market's token")
    .option('--owner <address>', 'who holds stake and earnings')
    .option('--stake <amount>', "whole tokens of the oracle's")
    .option('--reports-per-day <n>', 'that the operator may make')
    .option('-y, --yes', 'take the defaults of what is not given')
    .option('--no-wait', 'do not wait for the owner; begin again later')
    .option('--start', 'start the host at the end without asking')
    .addHelpText(
      'after',
      `
Secrets are no options: an API key is asked for, or stands in .env or the environment. The owner's key is asked for nowhere.

Examples:
  npm run host -- init
  npm run host -- init --yes --no-wait --rpc-urls https://rpc.example/v1 --deployment deployments/sepolia.json \\
    --provider ollama --model llama3.2 --owner 0x...`,
    )
    .action(async (options: Options) => {
      const ended = await runInit(options, print);
      process.exitCode = ended === 'stopped' ? 130 : ended === 'unhealthy' ? 1 : 0;
      if (ended !== 'start') return;
      await import('../main.ts');
      await new Promise(() => undefined);
    });
}

async function runInit(
  options: Options,
  print: (text: string) => void,
): Promise<'start' | 'done' | 'unhealthy' | 'stopped'> {
  const [{ init }, { createProgress, terminalPrompts }] = await Promise.all([
    import('./init/dialogue.ts'),
    import('./init/terminal.ts'),
  ]);
  const { yes, wait: waits, ...given } = options;
  const progress = createProgress(process.stdout);
  const ask = createAsk({
    given: given satisfies Given,
    prompts: process.stdin.isTTY && process.stdout.isTTY ? terminalPrompts : undefined,
    yes: yes === true,
    say: (text) => {
      progress.done();
      print(text);
    },
    progress: progress.show,
  });
  try {
    if ((await init({ ask, envFile: '.env', waits, pollMs: 2_000 })) === 'waiting') {
      print('When that is done: npm run host -- init');
      return 'done';
    }
    if (!(await report(await openContext(), (finding) => print(line(finding))))) {
      print('Something is wrong yet. When it is cured: npm run host -- run');
      return 'unhealthy';
    }
    const start = await ask.confirm({ name: 'start', message: 'Start the host now?', default: false });
    if (!start) print('Ready. Start it: npm run host -- run (docs/host.md has a systemd unit and a container)');
    return start ? 'start' : 'done';
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error;
    print('\nStopped; nothing is half done. npm run host -- init goes on where it was.');
    return 'stopped';
  }
}
