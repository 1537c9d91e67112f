import type { BindToolsInput } from '@langchain/core/language_models/chat_models';
import type { BaseMessage, UsageMetadata } from '@langchain/core/messages';
import { ModelFailure } from '../ModelFailure.ts';
import { costOf, inputTokens, limitProblem, type Terms } from './Terms.ts';

/** One call that is under way or over. */
export type Charge = {
  /** To be sent with the call: what bounds its cost. Undefined: the host knows no price of this model. */
  maxTokens: number | undefined;
  /** The call has answered: what the provider says it used takes the place of the bound. Without a word from it the bound stays. */
  end(message: { usage_metadata?: UsageMetadata | undefined }): void;
};

/** Counts what one ask costs the host, over all the model calls of its workload, and refuses the call that could go over the budget. */
export type Meter = {
  /** @throws ModelFailure `overBudget` or `overLimit`, before the call has cost anything */
  begin(
    model: string,
    messages: readonly BaseMessage[],
    tools: readonly BindToolsInput[],
    wanted: number | undefined,
  ): Charge;
  /** In 1e-18 of the currency; calls under way at their bound. */
  spent(): bigint;
  calls(): number;
  /** As the providers say; undefined while one of the calls has not said. */
  tokens(): { input: number; output: number } | undefined;
};

/**
 * @param termsOf of a model by its public name; undefined: no price is known
 * @param budget in 1e-18 of the currency; undefined: the operator takes such asks whatever they cost
 */
export function createMeter(termsOf: (model: string) => Terms | undefined, budget: bigint | undefined): Meter {
  let spent = 0n;
  let calls = 0;
  let silent = 0;
  let input = 0;
  let output = 0;
  return {
    begin: (model, messages, tools, wanted) => {
      const terms = termsOf(model);
      let bound = 0n;
      let maxTokens = wanted;
      if (terms !== undefined) {
        const most = inputTokens(messages, tools, terms);
        if (limitProblem(terms, most, wanted) !== undefined) throw new ModelFailure('overLimit');
        maxTokens = wanted ?? terms.maxOutputTokens;
        bound = costOf(terms, most, maxTokens);
        if (budget !== undefined && spent + bound > budget) throw new ModelFailure('overBudget');
        spent += bound;
      }
      calls++;
      silent++;
      let ended = false;
      return {
        maxTokens,
        end: ({ usage_metadata: usage }) => {
          if (ended || usage === undefined || usage.input_tokens + usage.output_tokens <= 0) return;
          ended = true;
          silent--;
          input += usage.input_tokens;
          output += usage.output_tokens;
          if (terms !== undefined) spent += costOf(terms, usage.input_tokens, usage.output_tokens) - bound;
        },
      };
    },
    spent: () => spent,
    calls: () => calls,
    tokens: () => (silent === 0 ? { input, output } : undefined),
  };
}
