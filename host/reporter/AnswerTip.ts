import { ContractError } from '../../contracts/client/ContractError.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import { ModelFailure } from '../runtime/ModelFailure.ts';
import type { Provider } from '../runtime/provider/Provider.ts';
import type { Runtime } from '../runtime/Runtime.ts';
import { messagesOf, run, type Turn } from '../runtime/run.ts';
import { beginWorkload } from '../runtime/Workload.ts';
import type { Economics } from './Economics.ts';
import type { TipQuestion } from './TipQuestion.ts';

/** `again`: the same question can have an answer later. */
export type TipAnswer = { ok: true; text: string } | { ok: false; reason: string; again: boolean };

export type AnswerTipOptions = {
  provider: Provider;
  runtime: Runtime;
  economics: Economics;
  /** What tips are paid in. */
  token: Address;
  maxInputBytes: number;
  timeoutMs: number;
  scriptOf(workload: Hex): Promise<string>;
  turnsOf(parent: Hex): readonly Turn[];
  /** Ends a model run when the host stops. */
  signal: AbortSignal;
};

/** A ChatGPTResponse query is its prompt and nothing else. */
const plain = 'prompt = ""\ninput = "x"\n';

/** Answers what a tip asks after the same checks as an ask of the market. @param pays smallest units, after Autopay's fee */
export function createAnswerTip(
  options: AnswerTipOptions,
): (question: TipQuestion, pays: bigint) => Promise<TipAnswer> {
  const { provider, runtime, economics } = options;
  return async ({ workload, input, parent }, pays) => {
    const no = (reason: string, again = false): TipAnswer => ({ ok: false, reason, again });
    const inputBytes = Buffer.byteLength(input);
    if (inputBytes > options.maxInputBytes) return no(`The question has ${inputBytes} bytes.`);
    try {
      const script = workload === undefined ? plain : await options.scriptOf(workload);
      using ending = new DisposableStack();
      const { values, work } = await beginWorkload(script, input, runtime);
      ending.defer(() => work?.end());
      const served = provider.serves(values.model);
      if (!served.ok) return no(served.reason);
      const turns = options.turnsOf(parent);
      const judged = await economics.judge({
        model: 0n,
        token: options.token,
        royalty: 0n,
        hostPrice: pays,
        inputBytes,
        byReport: true,
        takeOver: false,
        served: served.model,
        values,
        messages: messagesOf(values, turns),
      });
      if (!judged.ok) return no(judged.reason);
      const text = await run({
        provider,
        model: served.model,
        values,
        work,
        runtime,
        turns,
        meter: judged.meter,
        timeoutMs: options.timeoutMs,
        maxBytes: judged.maxAnswerBytes,
        signal: options.signal,
      });
      return { ok: true, text };
    } catch (error) {
      if (error instanceof WorkloadError) return no(`The workload can't be run. ${error.message}`);
      if (error instanceof ModelFailure) return no(error.message, true);
      if (error instanceof ContractError && error.code !== 'network') return no('The workload is not published.');
      throw error;
    }
  };
}
