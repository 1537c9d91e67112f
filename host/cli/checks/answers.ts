import { createServer } from 'node:net';
import { redact } from '../../../contracts/client/support/Log.ts';
import { readPlainWorkload } from '../../../contracts/client/workload/PlainWorkload.ts';
import { ModelFailure } from '../../runtime/ModelFailure.ts';
import { openModels } from '../../runtime/models/open.ts';
import type { Provider } from '../../runtime/provider/Provider.ts';
import { createRuntime } from '../../runtime/Runtime.ts';
import { run } from '../../runtime/run.ts';
import { sandboxImage } from '../../runtime/sandbox/Image.ts';
import { createSandbox } from '../../runtime/sandbox/Sandbox.ts';
import { type Context, isRunning } from '../Context.ts';
import { type Finding, look, type Result } from './Finding.ts';

type Settings = Pick<Context['settings'], 'HOST_MODEL_TIMEOUT_SECONDS' | 'HOST_MAX_ANSWER_BYTES'>;

/** Enough for one small script on a busy machine. */
const limits = { cpuSeconds: 20, memoryMiB: 256, outputBytes: 10_000, modelCalls: 1, warm: 0, atOnce: 1 };

/** Every model by a real call, Python in its sandbox, and the port for the figures. */
export async function* answerChecks(context: Context): AsyncGenerator<Finding> {
  const { settings, deployment } = context;
  const cure =
    'Set OPENAI_API_KEY, or OPENAI_BASE_URL, or start Ollama and pull a model, or name models in HOST_MODELS_FILE; docs/host.md says more.';
  const opened = await openModels(settings).then(
    ({ catalog }) => catalog,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (typeof opened === 'string') yield { name: 'model', ok: false, found: opened, cure };
  else {
    const { provider, names } = opened;
    for (const name of names.length > 0 ? names : [undefined])
      yield await look('model', cure, async () => {
        const found = await callModel(provider, name, settings);
        const isGuide = provider.name === 'guide' && deployment.embedded !== true;
        return isGuide
          ? { ok: false, found, cure: `The guide is no language model and makes no offers on a real network. ${cure}` }
          : { ok: true, found };
      });
  }
  yield await look(
    'sandbox',
    'Computed workloads need it. Run node setup.mjs once as a user that may write .build; 500 MB of memory must be free.',
    runPython,
  );
  yield await look('figures', 'Choose another HOST_METRICS_PORT, or stop what uses this one.', () =>
    portFound(context),
  );
}

/** One short question. @throws ModelFailure @returns what was found */
export async function callModel(provider: Provider, name: string | undefined, settings: Settings): Promise<string> {
  const served = provider.serves(name);
  if (!served.ok) throw new Error(served.reason);
  const values = readPlainWorkload('prompt = "Answer with one word."\ninput = "x"').valuesFor('What is TellorFlex?');
  const started = performance.now();
  const answer = await run({
    provider,
    model: served.model,
    values,
    runtime: createRuntime(limits),
    timeoutMs: settings.HOST_MODEL_TIMEOUT_SECONDS * 1_000,
    maxBytes: settings.HOST_MAX_ANSWER_BYTES,
  }).catch((error: unknown) => {
    if (!(error instanceof ModelFailure)) throw error;
    // The asker's sentence, and for the operator the provider's own words.
    const own = error.cause instanceof Error ? `: ${redact(error.cause.message).slice(0, 300)}` : '';
    throw new Error(`${provider.label} with ${served.model} gave no answer. ${error.message} (${error.code}${own})`);
  });
  return `${name ?? provider.label} answered ${answer.length} characters in ${((performance.now() - started) / 1_000).toFixed(1)} s`;
}

async function runPython(): Promise<Result> {
  const sandbox = createSandbox(limits);
  try {
    await sandboxImage();
    const started = performance.now();
    const script = 'prompt = f"{6 * 7}"\ninput = "x"\ninput = input.upper()';
    const { values } = await sandbox.values(script, 'python');
    const right = values.prompt === '42' && values.input === 'PYTHON';
    return {
      ok: right,
      found: right
        ? `ran a script in a process of its own in ${((performance.now() - started) / 1_000).toFixed(1)} s`
        : 'a script gave a wrong result',
    };
  } finally {
    await sandbox.close();
  }
}

async function portFound(context: Context): Promise<Result> {
  const port = context.settings.HOST_METRICS_PORT;
  if (port === undefined)
    return {
      ok: true,
      found: 'off',
      cure: 'Set HOST_METRICS_PORT=9464 to watch the host: a page, /metrics for Prometheus, /healthz for alarms.',
    };
  if (isRunning(context) && port !== 0) {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    return response.ok
      ? { ok: true, found: `http://127.0.0.1:${port} says that the host is healthy` }
      : { ok: false, found: text.trim().slice(0, 500), cure: 'Each problem in it says its cure.' };
  }
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
  return { ok: true, found: `the port ${port} is free` };
}
