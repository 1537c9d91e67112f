import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import type { Values } from '../../contracts/client/workload/PlainWorkload.ts';
import { ModelFailure, modelFailure } from './ModelFailure.ts';
import type { Provider } from './provider/Provider.ts';

/** An earlier question and its answer. */
export type Turn = { input: string; answer: string };

export type RunOptions = {
  provider: Provider;
  /** From `provider.serves(values.model)`. */
  model: string;
  values: Values;
  /** Oldest first. */
  turns?: readonly Turn[];
  /** For the whole answer, retries included. */
  timeoutMs: number;
  /** Most UTF-8 bytes of an answer; a longer one is a failure, never cut. */
  maxBytes: number;
  /** Ends the run early, as when the host stops. */
  signal?: AbortSignal;
};

/**
 * Runs a workload's values against a model: `system: prompt`, examples and earlier turns, `human: input`. The asker's text is
 * a message of its own and never part of a template.
 * @returns the answer, trimmed, at least one character
 * @throws ModelFailure and nothing else; an error is never an answer
 */
export async function run(options: RunOptions): Promise<string> {
  const signal = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), ...(options.signal ? [options.signal] : [])]);
  try {
    // The race: a provider's own wait before a retry does not end with the signal.
    return await Promise.race([collect(options, signal), aborted(signal)]);
  } catch (error) {
    throw modelFailure(error);
  }
}

async function collect(
  { provider, model, values, turns = [], maxBytes }: RunOptions,
  signal: AbortSignal,
): Promise<string> {
  let answer = '';
  let bytes = 0;
  for await (const { text, finish } of provider.stream(model, values, messagesOf(values, turns), signal)) {
    answer += text;
    bytes += Buffer.byteLength(text);
    if (bytes > maxBytes) throw new ModelFailure('tooLong');
    if (finish === 'content_filter') throw new ModelFailure('filtered');
  }
  signal.throwIfAborted();
  const clean = answer.toWellFormed().trim();
  if (clean === '') throw new ModelFailure('empty');
  return clean;
}

export function messagesOf(values: Values, turns: readonly Turn[]): BaseMessage[] {
  return [
    ...(values.prompt.trim() === '' ? [] : [new SystemMessage(values.prompt)]),
    ...(values.examples ?? []).flatMap(([question, answer]) => [new HumanMessage(question), new AIMessage(answer)]),
    ...turns.flatMap(({ input, answer }) => [new HumanMessage(input), new AIMessage(answer)]),
    new HumanMessage(values.input),
  ];
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
