import type { Hex } from '../../contracts/client/Hex.ts';
import { readPlainWorkload, type Values } from '../../contracts/client/workload/PlainWorkload.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import type { Provider } from '../runtime/provider/Provider.ts';
import type { Life } from '../store/Life.ts';

/** An ask that this host can answer, or why it gives it up, in words for the asker. */
export type Considered = { ok: true; values: Values; model: string } | { ok: false; reason: string };

export type ConsiderOptions = {
  provider: Provider;
  /** UTF-8 bytes. */
  maxInputBytes: number;
  /** Seconds that must be left before the deadline. */
  minSeconds: number;
  /** Unix seconds, the chain's. */
  now: number;
  /** When the oracle takes this host's next report, unix seconds; only read for an ask that wants a report of its own. */
  nextReportAt: number;
  /** The script of a published workload. */
  scriptOf(workload: Hex): Promise<string>;
};

/**
 * Whether to answer, cheapest checks first and all of them before anything costs.
 * @throws whatever `scriptOf` throws: the chain could not be read, try again later
 */
export async function consider(life: Life, options: ConsiderOptions): Promise<Considered> {
  const no = (reason: string): Considered => ({ ok: false, reason });
  const left = Number(life.ask.deadline) - options.now;
  if (left < options.minSeconds) return no(`Only ${Math.max(0, left)} s were left before the deadline.`);
  const bytes = Buffer.byteLength(life.input);
  if (bytes > options.maxInputBytes)
    return no(`The question has ${bytes} bytes; this host takes at most ${options.maxInputBytes}.`);
  if (life.ask.byReport && options.nextReportAt >= Number(life.ask.deadline))
    return no('This host can make no report of its own on the oracle before the deadline.');
  try {
    const script =
      life.script === '0x' ? await options.scriptOf(life.workload) : Buffer.from(life.script.slice(2), 'hex');
    const values = readPlainWorkload(script).valuesFor(life.input);
    const served = options.provider.serves(values.model);
    return served.ok ? { ok: true, values, model: served.model } : no(served.reason);
  } catch (error) {
    if (error instanceof WorkloadError) return no(`The workload can't be run. ${error.message}`);
    throw error;
  }
}
