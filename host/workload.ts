import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { workloadHash } from '../contracts/client/Query.ts';
import { redact } from '../contracts/client/support/Log.ts';
import { environment, parseSettings, SettingsError } from '../contracts/client/support/Settings.ts';
import { WorkloadError } from '../contracts/client/workload/WorkloadError.ts';
import { ModelFailure } from './runtime/ModelFailure.ts';
import { openModels } from './runtime/models/open.ts';
import { MissingPackageError } from './runtime/provider/optionalPackage.ts';
import { createRuntime } from './runtime/Runtime.ts';
import { run } from './runtime/run.ts';
import { SandboxFailure } from './runtime/sandbox/SandboxFailure.ts';
import { sandboxOptions } from './runtime/sandbox/settings.ts';
import { beginWorkload, readWorkload } from './runtime/Workload.ts';
import { hostSettings } from './settings.ts';

/** The part of the host's settings that a run without a chain needs. */
const settingsSchema = z.object(hostSettings.shape).omit({ RPC_URLS: true, DEPLOYMENT_FILE: true });
type Settings = z.output<typeof settingsSchema>;

const help = `
A workload is a Python script that assigns prompt and input; docs/workloads.md has the format. It runs in the same sandbox as on a
host, with the same limits (HOST_SANDBOX_...). What it prints goes to standard error.

Exit status: 0 when the script is valid (check) or has answered (run), 1 when not. With --json standard output holds one object:
  {"ok": true, "workload", "bytes", "values", "work", "printed"}             check
  {"ok": true, "provider", "model", "answer", "ms", "printed"}               run
  {"ok": false, "code", "message", "line"}                                   both; the codes are in docs/errors.md

Examples:
  npm run workload -- check models/terse.py
  npm run workload -- run models/terse.py --input "What is TellorFlex?"
  echo "What is TellorFlex?" | npm run workload -- run models/terse.py --json`;

const program = new Command('workload')
  .description('Try a workload before listing it; no chain is needed.')
  .addHelpText('after', help)
  .showHelpAfterError();

program
  .command('check')
  .argument('<file>', 'the script, for example models/terse.py')
  .description('say whether it is a valid workload, and what it sets; calls no model')
  .option('--input <text>', "an asker's text instead of the script's own example")
  .option('--json', 'one JSON object on standard output')
  .action(async (file: string, { input, json }: { input?: string; json?: true }) => {
    const script = readFileSync(file);
    const { values, hasWork, printed } = await readWorkload(script, input, openRuntime(settings()));
    const workload = workloadHash(script.toString('utf8'));
    showPrinted(printed);
    if (json) {
      print(JSON.stringify({ ok: true, workload, bytes: script.length, values, work: hasWork, printed }));
      return;
    }
    const rows = Object.entries(values).map(([name, value]) => `${name.padEnd(12)} ${JSON.stringify(value)}`);
    print(
      [
        `${file} is a valid workload of ${script.length} bytes.`,
        `hash         ${workload}`,
        ...rows,
        ...(!hasWork ? [] : ['work         a function of the script makes the answer']),
      ].join('\n'),
    );
  });

program
  .command('run')
  .argument('<file>', 'the script')
  .option('--input <text>', "the asker's text; without it standard input is read")
  .option('--json', 'one JSON object on standard output')
  .description('run it as a host would, with the model provider of the settings')
  .action(async (file: string, { input, json }: { input?: string; json?: true }) => {
    const env = environment();
    const set = settings(env);
    const runtime = openRuntime(set);
    const { values, work, printed } = await beginWorkload(readFileSync(file), input ?? standardInput(), runtime);
    showPrinted(printed);
    const { provider } = (await openModels(set, env)).catalog;
    const served = provider.serves(values.model);
    if (!served.ok) throw new Refusal(served.reason);
    process.stderr.write(`${provider.label} answers with ${served.model}.\n`);
    const started = performance.now();
    const answer = await run({
      provider,
      model: served.model,
      values,
      work,
      runtime,
      timeoutMs: set.HOST_MODEL_TIMEOUT_SECONDS * 1_000,
      maxBytes: set.HOST_MAX_ANSWER_BYTES,
    });
    const ms = Math.round(performance.now() - started);
    print(
      json ? JSON.stringify({ ok: true, provider: provider.name, model: served.model, answer, ms, printed }) : answer,
    );
  });

class Refusal extends Error {
  override name = 'Refusal';
}

try {
  await program.parseAsync();
  // A provider's connection that is kept open must not keep the terminal waiting; sandboxes end with this process.
  process.exit(0);
} catch (error) {
  const said = says(error);
  if (process.argv.includes('--json')) print(JSON.stringify({ ok: false, ...said }));
  process.stderr.write(`${said.message}\n`);
  process.exit(1);
}

function settings(env = environment()): Settings {
  return parseSettings(settingsSchema, env);
}

/** One script and no more: none waits for a second. */
function openRuntime(set: Settings) {
  return createRuntime({ ...sandboxOptions(set), warm: 0 });
}

function standardInput(): string {
  if (process.stdin.isTTY) process.stderr.write("The asker's text, then Ctrl-D:\n");
  return readFileSync(0, 'utf8');
}

function showPrinted(printed: string): void {
  if (printed !== '') process.stderr.write(printed.endsWith('\n') ? printed : `${printed}\n`);
}

function says(error: unknown): { code: string; message: string; line?: number } {
  if (error instanceof WorkloadError) return { code: error.code, message: error.message, line: error.line };
  if (error instanceof ModelFailure) {
    const cause = error.cause instanceof Error ? ` (${redact(error.cause.message.split('\n')[0] ?? '')})` : '';
    return { code: error.code, message: `${error.message}${cause}` };
  }
  if (error instanceof Refusal || error instanceof SettingsError || error instanceof MissingPackageError)
    return { code: error.name, message: error.message };
  if (error instanceof SandboxFailure)
    return { code: error.name, message: `${error.message} docs/errors.md says more.` };
  const message = error instanceof Error ? error.message : String(error);
  return { code: /ENOENT/.test(message) ? 'noSuchFile' : 'failed', message };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
