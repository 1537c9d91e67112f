import type { Deployment } from '../../contracts/client/Deployment.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { encodeWorkload, workloadSalt } from '../../contracts/client/Query.ts';
import type { Values } from '../../contracts/client/workload/Values.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import type { Meter } from '../runtime/models/Meter.ts';
import type { Provider } from '../runtime/provider/Provider.ts';
import type { Runtime } from '../runtime/Runtime.ts';
import { messagesOf, type Turn } from '../runtime/run.ts';
import { beginWorkload, type Workload } from '../runtime/Workload.ts';
import type { Life } from '../store/Life.ts';
import type { Economics } from './Economics.ts';

/** An ask that this host can answer, or why it gives it up, in words for the asker. */
export type Considered =
  | {
      ok: true;
      values: Values;
      /** Must be ended by whoever asked, as `run` does. */
      work: Workload['work'];
      /** Public name of the model that answers. */
      model: string;
      /** Of the conversation, oldest first. */
      turns: readonly Turn[];
      /** Goes with every model call: what the ask pays bounds what they may cost. */
      meter: Meter;
      /** UTF-8 bytes; what the answer's gas was counted with. */
      maxAnswerBytes: number;
      arithmetic: string | undefined;
    }
  | { ok: false; reason: string; arithmetic?: string | undefined };

export type ConsiderOptions = {
  provider: Provider;
  /** UTF-8 bytes. */
  maxInputBytes: number;
  /** Seconds that must be left before the deadline. */
  minSeconds: number;
  /** Unix seconds, the chain's. */
  now: number;
  /** When an answer to this ask would be reported, unix seconds. */
  reportedBy: number;
  deployment: Pick<Deployment, 'chainId' | 'market'>;
  runtime: Runtime;
  /** The script of a published workload. */
  scriptOf(workload: Hex): Promise<string>;
  turnsOf(life: Life): readonly Turn[];
  economics: Economics;
  /** This host. */
  host: Address;
};

/**
 * Whether to answer, cheapest checks first and all of them before anything costs.
 * @throws whatever the node throws: the chain could not be read, try again later; SandboxFailure: no script can be run now
 */
export async function consider(life: Life, options: ConsiderOptions): Promise<Considered> {
  const no = (reason: string): Considered => ({ ok: false, reason });
  const left = Number(life.ask.deadline) - options.now;
  if (left < options.minSeconds) return no(`Only ${Math.max(0, left)} s were left before the deadline.`);
  const bytes = Buffer.byteLength(life.input);
  if (bytes > options.maxInputBytes)
    return no(`The question has ${bytes} bytes; this host takes at most ${options.maxInputBytes}.`);
  if (!isText(life, options.deployment)) return no('The question is not valid UTF-8.');
  if (options.reportedBy > options.now + Number(life.ask.reportWithin))
    return no('This host could not report the answer to the oracle within the time that it promised.');
  try {
    const script =
      life.script === '0x' ? await options.scriptOf(life.workload) : Buffer.from(life.script.slice(2), 'hex');
    using ending = new DisposableStack();
    const { values, work } = await beginWorkload(script, life.input, options.runtime);
    ending.defer(() => work?.end());
    const served = options.provider.serves(values.model);
    if (!served.ok) return no(served.reason);
    const turns = options.turnsOf(life);
    const judged = await options.economics.judge({
      ...life.ask,
      inputBytes: bytes,
      takeOver: life.ask.host !== options.host,
      served: served.model,
      values,
      messages: messagesOf(values, turns),
    });
    if (!judged.ok) return judged;
    ending.move();
    return { ...judged, values, work, model: served.model, turns };
  } catch (error) {
    if (error instanceof WorkloadError) return no(`The workload can't be run. ${error.message}`);
    throw error;
  }
}

/** Bytes that are no UTF-8 were replaced by U+FFFD when they were read: then the query id is of other bytes than the text's. */
function isText(life: Life, { chainId, market }: ConsiderOptions['deployment']): boolean {
  if (!life.input.includes('\ufffd')) return true;
  const { queryId, ask, workload, input, parent, userSalt } = life;
  const salt = workloadSalt({ chainId, market, opener: ask.opener, userSalt });
  return encodeWorkload({ workload, input, parent, salt }).queryId === queryId;
}
