import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { Values } from '../../../contracts/client/workload/Values.ts';

/** `several`: those of the models file. */
export type ProviderName = 'openai' | 'compatible' | 'ollama' | 'guide' | 'several';

/** Which of a provider's models answers, or why none does, in words for the asker. */
export type Served = { ok: true; model: string } | { ok: false; reason: string };

/** What a workload may set about a call of the model; the names are Python's. */
export type ChatSettings = Pick<Values, 'temperature' | 'max_tokens' | 'top_p' | 'stop' | 'seed'>;

/** Where answers come from. */
export type Provider = {
  name: ProviderName;
  /** For people: `OpenAI (gpt-4o-mini)`. */
  label: string;
  /** What answers a workload that names `model`, or none. */
  serves(model: string | undefined): Served;
  /**
   * LangChain's chat model for `model` (from `serves`), with these settings and bounded retries. Use its `stream()` with an abort signal:
   * `complete` does, and tools are bound with `bindTools`.
   */
  chat(model: string, settings: ChatSettings): BaseChatModel;
  /**
   * Makes a call of `model` under its provider's circuit breaker.
   * @throws ModelFailure `resting` at once while the provider is left alone after repeated failures; else what `call` throws
   */
  guard<T>(model: string, call: () => Promise<T>): Promise<T>;
  /** Whether it can answer now; costs nothing. */
  healthy(signal: AbortSignal): Promise<boolean>;
};

/**
 * `gpt-4o-mini=llama3.2,claude=qwen3`: which model answers where a workload names another one.
 * @throws SyntaxError on a pair without `=`, and on `*`: a name that nobody mapped is declined
 */
export function parseAliases(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split(',')
      .filter((pair) => pair.trim() !== '')
      .map((pair): [string, string] => {
        const [from, to, ...rest] = pair.split('=').map((part) => part.trim());
        if (!from || !to || rest.length > 0) throw new SyntaxError(`${pair.trim()} is no pair of the form name=name`);
        if (from === '*')
          throw new SyntaxError('* maps every name; name each model that may be answered by another one');
        return [from, to];
      }),
  );
}

/**
 * Picks the model: an alias by name, the standard one, or the name itself when the provider lists it; else a refusal. Never another
 * model in silence: only the operator's aliases map a name.
 * @param listed what the provider says it has; undefined when it doesn't tell
 */
export function pickModel(
  model: string | undefined,
  standard: string,
  aliases: ReadonlyMap<string, string>,
  listed: ReadonlySet<string> | undefined,
): Served {
  if (model === undefined) return { ok: true, model: standard };
  const alias = aliases.get(model);
  if (alias !== undefined) return { ok: true, model: alias };
  if (model === standard || listed?.has(model)) return { ok: true, model };
  if (listed?.has(`${model}:latest`)) return { ok: true, model: `${model}:latest` };
  return notServed(model);
}

/** For the asker. */
export function notServed(model: string | undefined): Served {
  return {
    ok: false,
    reason:
      model === undefined
        ? 'The workload names no model, and this host serves only models by name.'
        : `This host does not serve the model ${model}.`,
  };
}

/** A chunk's text; the parts that are no text (reasoning, tool calls) are left out. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) =>
      typeof part === 'object' && part !== null && 'type' in part && part.type === 'text' && 'text' in part
        ? String(part.text)
        : '',
    )
    .join('');
}
