import type { BindToolsInput } from '@langchain/core/language_models/chat_models';
import type { BaseMessage } from '@langchain/core/messages';

/** What a call of a model costs the host and may hold. */
export type Terms = {
  /** For a million tokens, in 1e-18 of the models file's currency. */
  inputPerMillion: bigint;
  outputPerMillion: bigint;
  maxInputTokens: number;
  maxOutputTokens: number;
  /** Both together; undefined: not stated. */
  contextTokens: number | undefined;
  /** 1: the proven bound, no token of a byte-level tokenizer is shorter. More: the operator's own estimate. */
  bytesPerToken: number;
};

/** Tokens that a provider's chat template puts around each message; the ones published take 3 to 8. */
const tokensPerMessage = 16;

/**
 * At most how many tokens a call sends. Bytes are counted, not tokens: the tokenizers' tables take 130 to 180 MB of a host's
 * memory, and a run of 16,000 letters takes them half a minute.
 */
export function inputTokens(
  messages: readonly BaseMessage[],
  tools: readonly BindToolsInput[],
  { bytesPerToken }: Pick<Terms, 'bytesPerToken'>,
): number {
  let bytes = tools.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(tools));
  for (const message of messages) {
    bytes += Buffer.byteLength(typeof message.content === 'string' ? message.content : JSON.stringify(message.content));
    if ('tool_calls' in message && Array.isArray(message.tool_calls) && message.tool_calls.length > 0)
      bytes += Buffer.byteLength(JSON.stringify(message.tool_calls));
  }
  return Math.ceil(bytes / bytesPerToken) + tokensPerMessage * (messages.length + 1);
}

/** What so many tokens cost, rounded up, in 1e-18 of the currency. */
export function costOf(
  terms: Pick<Terms, 'inputPerMillion' | 'outputPerMillion'>,
  input: number,
  output: number,
): bigint {
  const sum = BigInt(input) * terms.inputPerMillion + BigInt(output) * terms.outputPerMillion;
  return (sum + 999_999n) / 1_000_000n;
}

/** Why a call does not fit the model's limits, in words for the asker; undefined when it fits. */
export function limitProblem(terms: Terms, input: number, wanted: number | undefined): string | undefined {
  if (wanted !== undefined && wanted > terms.maxOutputTokens)
    return `The workload wants answers of up to ${wanted} tokens; this host gives at most ${terms.maxOutputTokens}.`;
  const output = wanted ?? terms.maxOutputTokens;
  const most = Math.min(terms.maxInputTokens, (terms.contextTokens ?? Number.MAX_SAFE_INTEGER) - output);
  if (input > most)
    return `The question, with the workload and the conversation before it, has up to ${input} tokens; this host takes at most ${Math.max(0, most)}.`;
  return undefined;
}
