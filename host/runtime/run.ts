import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import type { Values } from '../../contracts/client/workload/Values.ts';
import { complete } from './complete.ts';
import { ModelFailure } from './ModelFailure.ts';
import type { Meter } from './models/Meter.ts';
import { type Provider, textOf } from './provider/Provider.ts';

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
  meter?: Meter | undefined;
};

/**
 * Runs a workload's values against a model: `system: prompt`, examples and earlier turns, `human: input`. The asker's text is
 * a message of its own and never part of a template.
 * @returns the answer, trimmed, at least one character
 * @throws ModelFailure and nothing else; an error is never an answer
 */
export async function run({
  provider,
  model,
  values,
  turns = [],
  timeoutMs,
  maxBytes,
  signal,
  meter,
}: RunOptions): Promise<string> {
  const message = await complete({
    provider,
    model,
    settings: values,
    messages: messagesOf(values, turns),
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
    maxBytes,
    meter,
  });
  const answer = textOf(message.content).toWellFormed().trim();
  if (answer === '') throw new ModelFailure('empty');
  return answer;
}

export function messagesOf(values: Values, turns: readonly Turn[]): BaseMessage[] {
  return [
    ...(values.prompt.trim() === '' ? [] : [new SystemMessage(values.prompt)]),
    ...(values.examples ?? []).flatMap(([question, answer]) => [new HumanMessage(question), new AIMessage(answer)]),
    ...turns.flatMap(({ input, answer }) => [new HumanMessage(input), new AIMessage(answer)]),
    new HumanMessage(values.input),
  ];
}
