import type { DatabaseSync } from 'node:sqlite';
import { connect, type Rpc } from '../../contracts/client/Rpc.ts';
import { createLog, type Log } from '../../contracts/client/support/Log.ts';
import { parseSettings } from '../../contracts/client/support/Settings.ts';
import { type Loop, startLoop } from '../../host/Loop.ts';
import { openParts, type Parts } from '../../host/Parts.ts';
import type { Provider } from '../../host/runtime/provider/Provider.ts';
import { hostSettings } from '../../host/settings.ts';
import type { Stand } from './support.ts';

export type HostHere = {
  parts: Parts;
  loop: Loop;
  /** As SIGTERM does; never rejects, whatever its chain and database do by now. */
  stop(): Promise<void>;
};

export type HereOptions = {
  stand: Stand;
  database: DatabaseSync;
  provider: Provider;
  rpc?: Rpc;
  env?: Record<string, string>;
  elapsedMs?: () => number;
  log?: Log;
};

/** A host inside this process, so that a test can come between it and its chain, its journal and its clock. */
export async function startHere(options: HereOptions): Promise<HostHere> {
  const { stand, database, provider, elapsedMs } = options;
  const settings = parseSettings(hostSettings, { ...stand.env, CHAIN_POLL_MS: '20', ...options.env });
  const rpc = options.rpc ?? (await connect([stand.chain.url], { chainId: stand.chain.chainId }));
  const log = options.log ?? createLog({ name: 'host', level: process.env['TEST_LOG'] ?? 'silent' });
  const parts = await openParts(settings, { rpc, database, provider, log, ...(elapsedMs && { elapsedMs }) });
  const loop = await startLoop(parts, settings);
  return {
    parts,
    loop,
    stop: async () => {
      await loop.stop().catch(() => undefined);
      await parts.close().catch(() => undefined);
      rpc.destroy();
    },
  };
}
