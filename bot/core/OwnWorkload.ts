import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';

/**
 * What can be said of a script before anything is paid: `plain` is read here exactly as every host reads it, `computed` only a
 * host's sandbox can tell, `wrong` no host would run. `reason` names the line, the rule and the cure; it quotes the script.
 */
export type Verdict = { kind: 'plain' | 'computed' } | { kind: 'wrong'; reason: string };

/** Reads a workload of one's own without running it. */
export function checkWorkload(script: string): Verdict {
  try {
    readPlainWorkload(script);
    return { kind: 'plain' };
  } catch (error) {
    if (!(error instanceof WorkloadError)) throw error;
    return error.code === 'notPlain' ? { kind: 'computed' } : { kind: 'wrong', reason: error.message };
  }
}

/** A workload that is nothing but instructions of one's own: the asker's text takes the place of the example. */
export function workloadOf(instructions: string): string {
  return `prompt = ${pythonLiteral(instructions)}\ninput = "…"\n`;
}

/**
 * A Python string literal with exactly this value. JSON's escapes mean the same in Python.
 * @param text half surrogate pairs, which no UTF-8 text can hold, become U+FFFD
 */
export function pythonLiteral(text: string): string {
  return JSON.stringify(text.toWellFormed());
}
