import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { workloadHash } from '../contracts/client/Query.ts';
import { redact } from '../contracts/client/support/Log.ts';
import { environment, parseSettings, SettingsError } from '../contracts/client/support/Settings.ts';
import { readPlainWorkload } from '../contracts/client/workload/PlainWorkload.ts';
import { WorkloadError } from '../contracts/client/workload/WorkloadError.ts';
import { ModelFailure } from './runtime/ModelFailure.ts';
import { openModels } from './runtime/models/open.ts';
import { MissingPackageError } from './runtime/provider/optionalPackage.ts';
import { run } from './runtime/run.ts';
import { hostSettings } from './settings.ts';

/** The part of the host's settings that a run without a chain needs. */
const settingsSchema = z.object(hostSettings.shape).omit({ RPC_URLS: true, DEPLOYMENT_FILE: true });

const program = new Command('workload').description(
  'Try a workload before listing it; no chain is needed. docs/workloads.md has the format.',
);

program
  .command('check')
  .argument('<file>', 'the script, for example models/terse.py')
  .description('say whether it is a valid workload, and what it sets')
  .option('--json', 'one JSON object on standard output')
  .action((file: string, { json }: { json?: true }) => {
    const script = readFileSync(file);
    const { example } = readPlainWorkload(script);
    const workload = workloadHash(script.toString('utf8'));
    if (json) print(JSON.stringify({ ok: true, workload, bytes: script.length, values: example }));
    else
      print(
        [
          `${file} is a valid workload of ${script.length} bytes.`,
          `hash         ${workload}`,
          ...Object.entries(example).map(([name, value]) => `${name.padEnd(12)} ${JSON.stringify(value)}`),
        ].join('\n'),
      );
  });

program
  .command('run')
  .argument('<file>', 'the script')
  .requiredOption('--input <text>', "the asker's text")
  .option('--json', 'one JSON object on standard output')
  .description('run it as a host would, with the model provider of the settings')
  .action(async (file: string, { input, json }: { input: string; json?: true }) => {
    const env = environment();
    const settings = parseSettings(settingsSchema, env);
    const values = readPlainWorkload(readFileSync(file)).valuesFor(input);
    const { provider } = (await openModels(settings, env)).catalog;
    const served = provider.serves(values.model);
    if (!served.ok) throw new Refusal(served.reason);
    process.stderr.write(`${provider.label} answers with ${served.model}.\n`);
    const answer = await run({
      provider,
      model: served.model,
      values,
      timeoutMs: settings.HOST_MODEL_TIMEOUT_SECONDS * 1_000,
      maxBytes: settings.HOST_MAX_ANSWER_BYTES,
    });
    print(json ? JSON.stringify({ ok: true, provider: provider.name, model: served.model, answer }) : answer);
  });

class Refusal extends Error {
  override name = 'Refusal';
}

try {
  await program.parseAsync();
  // A provider's connection that is kept open must not keep the terminal waiting.
  process.exit(0);
} catch (error) {
  const wanted = process.argv.includes('--json');
  const said = says(error);
  if (wanted) print(JSON.stringify({ ok: false, ...said }));
  process.stderr.write(`${said.message}\n`);
  process.exit(1);
}

function says(error: unknown): { code: string; message: string; line?: number } {
  if (error instanceof WorkloadError) return { code: error.code, message: error.message, line: error.line };
  if (error instanceof ModelFailure) {
    const cause = error.cause instanceof Error ? ` (${redact(error.cause.message.split('\n')[0] ?? '')})` : '';
    return { code: error.code, message: `${error.message}${cause}` };
  }
  if (error instanceof Refusal || error instanceof SettingsError || error instanceof MissingPackageError)
    return { code: error.name, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { code: /ENOENT/.test(message) ? 'noSuchFile' : 'failed', message };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
