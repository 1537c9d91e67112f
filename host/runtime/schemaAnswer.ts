import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import type { JsonSchema } from '../../contracts/client/workload/Values.ts';
import { ModelFailure } from './ModelFailure.ts';
import type { SchemaChecks } from './sandbox/SchemaChecks.ts';

/** What the model is told of the schema before it answers. */
export function schemaMessage(schema: JsonSchema): SystemMessage {
  return new SystemMessage(
    `Answer with one JSON value and nothing else. It must satisfy this JSON Schema:\n${JSON.stringify(schema)}`,
  );
}

export type SatisfyOptions = {
  schema: JsonSchema;
  /** What the model was shown, for the repair. */
  messages: BaseMessage[];
  /** The first answer. */
  answer: string;
  schemas: SchemaChecks;
  /** Asks the model once more. @throws ModelFailure */
  ask(messages: BaseMessage[]): Promise<string>;
};

/**
 * Holds an answer against the workload's schema. One that fails is shown to the model with what is wrong, once.
 * @returns the JSON text as the model wrote it, without a Markdown fence around it
 * @throws ModelFailure `schema` when the repair fails too, and what `ask` throws; WorkloadError of `schemas`
 */
export async function satisfy({ schema, messages, answer, schemas, ask }: SatisfyOptions): Promise<string> {
  const first = withoutFence(answer);
  const problem = await schemas.problemOf(schema, first);
  if (problem === undefined) return first;
  const repaired = withoutFence(
    await ask([
      ...messages,
      new AIMessage(answer),
      new HumanMessage(
        `That answer does not satisfy the JSON Schema: ${problem}. Write the whole corrected JSON value and nothing else.`,
      ),
    ]),
  );
  const left = await schemas.problemOf(schema, repaired);
  if (left !== undefined) throw new ModelFailure('schema', { cause: new Error(left) });
  return repaired;
}

function withoutFence(answer: string): string {
  const text = answer.trim();
  const fenced = /^```[a-z]*[ \t]*\r?\n([\s\S]*)\n?```$/i.exec(text);
  return (fenced?.[1] ?? text).trim();
}
