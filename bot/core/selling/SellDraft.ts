import type { Address, Hex } from '../../../contracts/client/Hex.ts';
import { workloadHash } from '../../../contracts/client/Query.ts';

/** What a seller has said of a model so far. Absent: not asked yet; `''` of an optional text: nothing to say. */
export type SellDraft = {
  /** The model that it changes; absent: a new one. */
  updates?: bigint;
  /** Its instructions: the whole script, or, of a model that is only changed, the hash of the one it has. */
  workload?: { script: string } | { hash: Hex };
  name?: string;
  description?: string;
  example?: string;
  price?: { token: Address; royalty: bigint };
};

/** What is asked for, in this order. */
export const sellSteps = ['workload', 'name', 'description', 'example', 'price'] as const;
export type SellStep = (typeof sellSteps)[number];

export function isSellStep(text: string): text is SellStep {
  return (sellSteps as readonly string[]).includes(text);
}

/** The next thing to ask; undefined: all is said. */
export function nextStep(draft: SellDraft): SellStep | undefined {
  return sellSteps.find((step) => draft[step] === undefined);
}

/** The same without one answer, so that it is asked again. */
export function without(draft: SellDraft, step: SellStep): SellDraft {
  const { [step]: _, ...rest } = draft;
  return rest;
}

/** Everything that a listing needs. */
export type SellTerms = Required<Omit<SellDraft, 'updates'>> & Pick<SellDraft, 'updates'>;

/** Undefined while something is missing. */
export function termsOf(draft: SellDraft): SellTerms | undefined {
  const { workload, name, description, example, price, updates } = draft;
  if (!workload || name === undefined || description === undefined || example === undefined || !price) return undefined;
  return { workload, name, description, example, price, ...(updates !== undefined && { updates }) };
}

/** Of the instructions, as the chain knows them. */
export function hashOf({ workload }: Pick<SellTerms, 'workload'>): Hex {
  return 'hash' in workload ? workload.hash : workloadHash(workload.script);
}

/** Turns of a conversation that a listed model takes. */
const turns = 6;

/** A model's metadata as docs/protocol.md has it. */
export function metadataOf({ description, example }: Pick<SellTerms, 'description' | 'example'>): string {
  return JSON.stringify({ ...(description && { description }), ...(example && { example }), turns });
}
