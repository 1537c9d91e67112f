/**
 * What is wrong with a workload's script; its author must act and trying again can't help.
 * - `encoding`: not UTF-8, a null byte, another source encoding
 * - `tooLarge`: longer than a workload may be, or a value grows beyond all bounds
 * - `syntax`: Python itself would refuse it
 * - `notPlain`: fine Python, but more than plain assignments: it must be run to know its values
 * - `missing`: `prompt` or `input` is never assigned
 * - `badValue`: a value of the wrong type or out of range
 * - `raised`: the script ended with an exception    - `ended`: it ended itself or the process it ran in
 * - `timeLimit`, `memoryLimit`, `outputLimit`, `callLimit`: it took more than a host gives a script
 */
export type WorkloadCode =
  | 'encoding'
  | 'tooLarge'
  | 'syntax'
  | 'notPlain'
  | 'missing'
  | 'badValue'
  | 'raised'
  | 'ended'
  | 'timeLimit'
  | 'memoryLimit'
  | 'outputLimit'
  | 'callLimit';

/** One sentence for what it is and the rule, one for the cure. `line` counts from 1; 0: the script as a whole. */
export class WorkloadError extends Error {
  override name = 'WorkloadError';
  readonly code: WorkloadCode;
  readonly line: number;
  constructor(code: WorkloadCode, line: number, what: string, cure: string, options?: ErrorOptions) {
    super(`${line > 0 ? `Line ${line}: ` : ''}${what} ${cure}`, options);
    this.code = code;
    this.line = line;
  }
}
