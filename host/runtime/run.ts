import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import type { Values } from '../../contracts/client/workload/Values.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import { complete } from './complete.ts';
import { createModelCalls } from './ModelCalls.ts';
import { ModelFailure, modelFailure } from './ModelFailure.ts';
import type { Meter } from './models/Meter.ts';
import { type Provider, textOf } from './provider/Provider.ts';
import type { Runtime } from './Runtime.ts';
import type { Work } from './sandbox/Sandbox.ts';
import { SandboxFailure } from './sandbox/SandboxFailure.ts';
import { satisfy, schemaMessage } from './schemaAnswer.ts';

/** An earlier question and its answer. */
export type Turn = { input: string; answer: string };

export type RunOptions = {
  provider: Provider;
  /** From `provider.serves(values.model)`. */
  model: string;
  values: Values;
  /** There when the script makes its answer itself; the run ends its process. */
  work?: Work | undefined;
  runtime: Runtime;
  /** Oldest first. */
  turns?: readonly Turn[];
  /** For the whole answer, retries included. */
  timeoutMs: number;
  /** Most UTF-8 bytes of an answer; a longer one is a failure, never cut. */
  maxBytes: number;
  /** Ends the run early, as when the host stops. */
  signal?: AbortSignal;
  meter?: Meter | undefined;
};

/**
 * Runs a workload: `system: prompt`, examples and earlier turns, `human: input` against the model, or the script's own
 * `work(prompt, input)`. The asker's text is a message of its own and never part of a template. An answer that does not satisfy
 * the workload's `schema` is shown to the model once more.
 * @returns the answer, trimmed, at least one character
 * @throws ModelFailure; WorkloadError when the script fails; SandboxFailure when this host can't run it. An error is never an answer
 */
export async function run(options: RunOptions): Promise<string> {
  const { values, work, runtime, turns = [], timeoutMs, maxBytes } = options;
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(options.signal ? [options.signal] : [])]);
  const messages = messagesOf(values, turns);
  const ask = (shown: BaseMessage[]): Promise<string> => askModel(options, shown, signal);
  try {
    let answer = work === undefined ? await ask(messages) : await runWork(options, work, signal);
    const { schema } = values;
    if (schema !== undefined) answer = await satisfy({ schema, messages, answer, schemas: runtime.schemas, ask });
    answer = answer.toWellFormed().trim();
    if (answer === '') throw new ModelFailure('empty');
    if (Buffer.byteLength(answer) > maxBytes) throw new ModelFailure('tooLong');
    return answer;
  } catch (error) {
    throw error instanceof WorkloadError || error instanceof SandboxFailure ? error : modelFailure(error);
  } finally {
    work?.end();
  }
}

async function askModel(options: RunOptions, messages: BaseMessage[], signal: AbortSignal): Promise<string> {
  const { provider, model, values, maxBytes, meter } = options;
  return textOf((await complete({ provider, model, settings: values, messages, signal, maxBytes, meter })).content);
}

async function runWork(
  { provider, values, runtime, turns = [], maxBytes, meter }: RunOptions,
  work: Work,
  signal: AbortSignal,
): Promise<string> {
  const { maxCalls } = runtime;
  const calls = createModelCalls({ provider, model: values.model, maxCalls, signal, maxBytes, meter });
  try {
    const { answer } = await work.answer({
      history: turns.flatMap((turn): ['human' | 'ai', string][] => [
        ['human', turn.input],
        ['ai', turn.answer],
      ]),
      call: calls.answer,
      signal,
    });
    const failure = calls.failure();
    if (failure !== undefined) throw failure;
    return answer;
  } catch (error) {
    // What the script made of a failed call says less than the call itself.
    const passedOn = error instanceof WorkloadError && error.code === 'raised';
    throw passedOn ? (calls.failure() ?? error) : error;
  }
}

export function messagesOf(values: Values, turns: readonly Turn[]): BaseMessage[] {
  return [
    ...(values.prompt.trim() === '' ? [] : [new SystemMessage(values.prompt)]),
    ...(values.schema === undefined ? [] : [schemaMessage(values.schema)]),
    ...(values.examples ?? []).flatMap(([question, answer]) => [new HumanMessage(question), new AIMessage(answer)]),
    ...turns.flatMap(({ input, answer }) => [new HumanMessage(input), new AIMessage(answer)]),
    new HumanMessage(values.input),
  ];
}
