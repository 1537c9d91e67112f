/**
 * Why a model gave no answer. Only the operator's log holds the provider's own words; `sentence` is for the asker.
 * - `timeout`: no whole answer in time      - `empty`: an answer without text
 * - `tooLong`: more bytes than a host delivers - `refused`: key wrong or not allowed (operator must act)
 * - `unknownModel`: the provider lacks it   - `busy`: rate limit, after retries
 * - `unreachable`: no connection            - `filtered`: the provider's content filter cut it
 * - `badRequest`: the provider refused the workload's settings   - `failed`: anything else
 * - `resting`: not asked, because it failed again and again just before   - `noTools`: it can call none
 * - `overBudget`: not asked, as it could cost more than the ask pays   - `overLimit`: not asked, beyond the host's limits for the model
 * - `notServed`: a script named a model that this host does not serve
 * - `limit`: a script asked for more calls, or more text, than one answer may take
 * - `schema`: an answer that does not satisfy the workload's schema, nor does its correction
 */
export type ModelFailureCode =
  | 'timeout'
  | 'empty'
  | 'tooLong'
  | 'refused'
  | 'unknownModel'
  | 'busy'
  | 'unreachable'
  | 'filtered'
  | 'badRequest'
  | 'resting'
  | 'noTools'
  | 'overBudget'
  | 'overLimit'
  | 'notServed'
  | 'limit'
  | 'schema'
  | 'failed';

const sentences: Readonly<Record<ModelFailureCode, string>> = {
  timeout: 'The model did not answer in time.',
  empty: 'The model returned an empty answer.',
  tooLong: 'The answer was longer than this host delivers.',
  refused: "The host's model provider refused the host's access.",
  unknownModel: "The host's model provider does not know the model that this workload names.",
  busy: "The host's model provider is over its limit.",
  unreachable: "The host's model provider can't be reached.",
  filtered: "The model provider's content filter stopped the answer.",
  badRequest: "The model provider refused this workload's settings or the length of the question.",
  resting: "The host's model provider failed repeatedly and is not asked for a moment.",
  noTools: "The host's model can't call the tools that this workload gives it.",
  overBudget: 'The answer would have cost this host more than the ask pays.',
  overLimit: 'The workload asked the model for more than this host allows in one call.',
  notServed: 'This host does not serve a model that this workload names.',
  limit: 'This workload asked its model for more than a host does for one answer.',
  schema:
    "The model's answer did not have the form that this workload's schema asks for, and neither had its correction.",
  failed: 'The model failed.',
};

/** A model call that gave no answer. `cause` is the provider's error, for the log only. */
export class ModelFailure extends Error {
  override name = 'ModelFailure';
  readonly code: ModelFailureCode;
  /** Public name of the model that was called, where a script called another than its workload's own. */
  model: string | undefined;
  constructor(code: ModelFailureCode, options?: ErrorOptions) {
    super(sentences[code], options);
    this.code = code;
  }
}

/** Sorts what LangChain and the providers' clients throw. */
export function modelFailure(error: unknown): ModelFailure {
  if (error instanceof ModelFailure) return error;
  const { name, status, code, message } = readError(error);
  const says = (codeOfFailure: ModelFailureCode): ModelFailure => new ModelFailure(codeOfFailure, { cause: error });
  if (name === 'TimeoutError' || name === 'AbortError' || /aborted|timed? ?out/i.test(message)) return says('timeout');
  if (status === 401 || status === 403) return says('refused');
  if (status === 404) return says('unknownModel');
  if (status === 429) return says('busy');
  if (status === 400 || status === 413 || status === 422) return says('badRequest');
  if (
    /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EPIPE|UND_ERR/.test(code) ||
    /connection error|fetch failed/i.test(message)
  )
    return says('unreachable');
  return says('failed');
}

function readError(error: unknown): { name: string; status: number; code: string; message: string } {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const cause = (typeof fields['cause'] === 'object' && fields['cause'] !== null ? fields['cause'] : {}) as Record<
    string,
    unknown
  >;
  return {
    name: String(fields['name'] ?? ''),
    status: Number(fields['status'] ?? fields['status_code'] ?? 0),
    code: `${String(fields['code'] ?? '')} ${String(cause['code'] ?? '')}`,
    message: String(fields['message'] ?? error),
  };
}
