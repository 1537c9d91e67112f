/** `npm run ask -- "A question?"`: one question from a terminal, against the running marketplace or a temporary one. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';
import { english } from '../bot/core/I18n.ts';
import { format } from '../contracts/client/Amount.ts';
import { createLog, hideSecret } from '../contracts/client/support/Log.ts';
import { environment, parseSettings } from '../contracts/client/support/Settings.ts';
import { type BotApi, createBotApi, Refused, type View } from './BotApi.ts';
import { startStack } from './Stack.ts';
import { launchSettings } from './settings.ts';

const runningFile = z.object({ local: z.url() });
type Options = { model?: string; workload?: string; json?: boolean; timeout: number };

const program = new Command('npm run ask --')
  .description(
    'Asks a question, pays for it with a test wallet, prints the answer. Exit status: 0 an answer, 1 none, 2 bad usage.',
  )
  .argument('<question>', 'the question')
  .option('-m, --model <name>', 'which model; without it the first on offer')
  .option('-w, --workload <file.py>', 'ask with a script of your own instead of a listed model')
  .option('--json', 'exactly one JSON object on standard output; progress goes to standard error')
  .option(
    '--timeout <seconds>',
    'how long to wait for the answer',
    (text) => z.coerce.number().positive().parse(text),
    180,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const from = process.env['INIT_CWD'] ?? process.cwd();
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  program.parse();
  const question = program.args.join(' ');
  const options = program.opts<Options>();
  const script = options.workload === undefined ? undefined : readScript(resolve(from, options.workload));
  const { api, stop } = await connect();
  const interrupt = async (code: number) => {
    await stop();
    process.exit(code);
  };
  process.once('SIGINT', () => void interrupt(130));
  process.once('SIGTERM', () => void interrupt(143));
  try {
    const view = await askAndWait(api, question, options, script);
    report(view, options);
    return view.status.answer === undefined || view.status.state === 'refunded' ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: false, error: error.message })}\n`);
    say(error.message);
    return 1;
  } finally {
    await stop();
  }
}

function readScript(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  say(`There is no file ${file}. --workload takes the path of a Python script that assigns prompt and input.`);
  return process.exit(2);
}

/** Once for each data directory: what people in chats agree to with a button. */
function sayThatItIsPublic(dataDir: string): void {
  const said = join(dataDir, 'notice-said');
  if (existsSync(said)) return;
  say(english('privacy.notice').replaceAll('**', ''));
  if (existsSync(dataDir)) writeFileSync(said, '');
}

type Connection = { api: BotApi; stop(): Promise<void> };

async function connect(): Promise<Connection> {
  const env = environment('.env');
  for (const name of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY', 'DISCORD_TOKEN', 'TELEGRAM_TOKEN'])
    hideSecret(env[name]);
  const settings = parseSettings(launchSettings, env);
  sayThatItIsPublic(settings.DATA_DIR);
  const file = join(settings.DATA_DIR, 'running.json');
  if (existsSync(file)) {
    const api = createBotApi(runningFile.parse(JSON.parse(readFileSync(file, 'utf8'))).local);
    if (await api.alive()) return { api, stop: async () => {} };
  }
  say('npm start is not running: starting a temporary marketplace of its own');
  const dataDir = mkdtempSync(join(tmpdir(), 'ask-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  const { DISCORD_TOKEN: _discord, TELEGRAM_TOKEN: _telegram, ...quiet } = env;
  try {
    const stack = await startStack({
      dataDir,
      chainPort: 0,
      botPort: 0,
      env: quiet,
      log: createLog({ name: 'ask', level: 'warn' }),
    });
    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= stack.stop().finally(remove));
    return { api: createBotApi(String(stack.bot.facts()['local'])), stop };
  } catch (error) {
    remove();
    throw error;
  }
}

async function askAndWait(api: BotApi, prompt: string, options: Options, script: string | undefined): Promise<View> {
  const asked = await api.ask({
    prompt,
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(script === undefined ? {} : { script }),
  });
  say(`${asked.model.name}: ${price(asked)}`);
  const signal = AbortSignal.timeout(options.timeout * 1000);
  const watching = api.watch(asked.token, signal);
  await api.payWithTestWallet(asked.token);
  let said = '';
  try {
    for await (const view of watching) {
      const line = progress(view);
      if (line !== said) say(line);
      said = line;
      if (['reported', 'final', 'refunded', 'expired'].includes(view.status.state)) return view;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  throw new Refused(`No answer within ${options.timeout} s. The money returns by itself after the deadline.`);
}

const price = ({ price: { amount, decimals, symbol } }: View) =>
  amount === 0n ? 'free' : format(amount, decimals, symbol);

function progress({ status }: View): string {
  switch (status.state) {
    case 'awaiting':
      return 'waiting for the payment';
    case 'paid':
      return `paid ${status.paid?.transaction}; with host ${status.host}`;
    case 'declined':
      return `declined by host ${status.host}: ${status.reason}`;
    case 'delivered':
      return `answered ${status.delivered?.transaction}; the report on the oracle follows`;
    case 'reported':
      return `reported ${status.sealed?.transaction}`;
    case 'final':
      return `final ${status.settled?.transaction}`;
    case 'refunded':
      return `refunded ${status.refunded?.transaction}: ${whyRefunded(status)}`;
    case 'expired':
      return 'the pay link expired unpaid';
    default:
      return status.state satisfies never;
  }
}

function whyRefunded({ reason, declineReason }: View['status']): string {
  return declineReason === undefined ? String(reason) : `${reason} ${declineReason}`;
}

function report(view: View, { json }: Options): void {
  const { status } = view;
  if (!json) {
    if (status.answer !== undefined && status.state !== 'refunded') process.stdout.write(`${status.answer}\n`);
    return;
  }
  const transactions = Object.fromEntries(
    Object.entries({
      ask: status.paid,
      deliver: status.delivered,
      report: status.sealed,
      settle: status.settled,
      refund: status.refunded,
    }).flatMap(([name, step]) => (step ? [[name, step.transaction]] : [])),
  );
  const { amount, token, symbol, decimals } = view.price;
  const answered = status.answer !== undefined && status.state !== 'refunded';
  process.stdout.write(
    `${JSON.stringify({
      ok: answered,
      ...(answered
        ? { answer: { text: status.answer } }
        : { error: status.state === 'refunded' ? whyRefunded(status) : status.state }),
      question: view.question,
      model: view.model.name,
      host: status.host,
      price: { amount: amount.toString(), decimals, symbol, token, text: format(amount, decimals, symbol) },
      queryId: view.queryId,
      transactions,
      ...(status.finalAt === undefined ? {} : { finalAt: new Date(status.finalAt * 1000).toISOString() }),
    })}\n`,
  );
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
