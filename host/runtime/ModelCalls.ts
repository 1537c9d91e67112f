import { type CallOptions, callModel, type ModelReply, readModelRequest } from './ModelCall.ts';
import { ModelFailure, modelFailure } from './ModelFailure.ts';

export type ModelCallsOptions = Omit<CallOptions, 'model'> & {
  /** What a call that names no model gets: what the script itself assigned to `model`. */
  model: string | undefined;
  maxCalls: number;
};

/** The model calls of one run of a script. */
export type ModelCalls = {
  /** Answers one request of the script with one reply, both JSON. Never rejects: what fails is a reply that says so. */
  answer(request: string): Promise<string>;
  /**
   * Why the last call gave no answer; undefined when it gave one. A script may well catch a failed call and try another model, but what
   * it returns after a call that failed is an error in the clothes of an answer.
   */
  failure(): ModelFailure | undefined;
};

/** Of all requests of a run together. UTF-8 bytes: one of them grows with every turn of an agent. */
const maxTotalBytes = 4 * 1024 * 1024;

export function createModelCalls({ model, maxCalls, ...options }: ModelCallsOptions): ModelCalls {
  let calls = 0;
  let bytes = 0;
  let failure: ModelFailure | undefined;

  async function reply(text: string): Promise<ModelReply> {
    calls++;
    bytes += Buffer.byteLength(text);
    const read = readModelRequest(text);
    if (!read.ok) return { ok: false, code: 'badCall', message: read.message };
    let called: string | undefined;
    try {
      if (calls > maxCalls || bytes > maxTotalBytes) throw new ModelFailure('limit');
      const served = options.provider.serves(read.request.model ?? model);
      if (!served.ok) {
        failure = new ModelFailure('notServed', { cause: new Error(served.reason) });
        return { ok: false, code: failure.code, message: served.reason };
      }
      called = served.model;
      const answered = await callModel(read.request, { ...options, model: served.model });
      failure = undefined;
      return answered;
    } catch (error) {
      failure = modelFailure(error);
      failure.model = called;
      return { ok: false, code: failure.code, message: failure.message };
    }
  }

  return { answer: async (text) => JSON.stringify(await reply(text)), failure: () => failure };
}
