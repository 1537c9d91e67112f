import { hideSecret } from '../contracts/client/support/Log.ts';
import { onStop, ready } from '../contracts/client/support/Process.ts';
import { environment, parseSettings } from '../contracts/client/support/Settings.ts';
import { startLoop } from './Loop.ts';
import { serveMetrics } from './metrics/server.ts';
import { openParts } from './Parts.ts';
import { hostSettings } from './settings.ts';

/** The host's process: everything from settings to the line that says it is ready. Resolves then; stops on SIGINT and SIGTERM. */
export async function startHost(): Promise<void> {
  const env = environment();
  for (const name of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY']) hideSecret(env[name]);
  hideSecret(env['HOST_ALERT_URL']);
  const settings = parseSettings(hostSettings, env);
  const parts = await openParts(settings);
  const { log, reporter, provider, hostContract, operator } = parts;
  const loop = await startLoop(parts, settings);

  const page =
    settings.HOST_METRICS_PORT === undefined
      ? undefined
      : await serveMetrics(settings.HOST_METRICS_PORT, {
          ...parts.figures,
          confirmations: settings.CONFIRMATIONS,
          facts: () => ({
            provider: provider.label,
            healthy: loop.fitness().fit,
            reasons: loop.fitness().reasons,
            running: reporter.running(),
            followed: reporter.followed(),
            chainTime: reporter.now(),
          }),
        });

  const stop = async (): Promise<void> => {
    log.info('stopping');
    await page?.close();
    await loop.stop();
    await parts.close();
  };
  onStop(stop);
  loop.ended.catch(async (error: unknown) => {
    log.fatal({ err: error }, 'the chain can not be followed');
    await stop().catch(() => undefined);
    process.exit(1);
  });

  await loop.ready;
  log.info({ hostContract, operator, provider: provider.label }, 'ready');
  const { fit, reasons } = loop.fitness();
  ready({
    provider: provider.name,
    label: provider.label,
    hostContract,
    operator,
    offering: fit,
    ...(fit ? {} : { reasons }),
    ...(page && { metrics: page.url }),
  });
}
