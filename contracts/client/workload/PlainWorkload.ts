import type { Expression } from './python/Expression.ts';
import { parseScript } from './python/Script.ts';
import { checkValues, type Value, type Values } from './Values.ts';
import { WorkloadError } from './WorkloadError.ts';

/** A workload that was read and found valid with its own example. */
export type Workload = {
  /** What the script sets by itself, with its own example as `input`. */
  example: Values;
  /**
   * The values for an asker's text.
   * @throws WorkloadError `badValue`: the text is blank or not valid Unicode
   */
  valuesFor(input: string): Values;
};

/** UTF-16 units. A script of 24 KB that adds a name to itself could otherwise grow without bounds. */
const maxTextLength = 1_000_000;

/**
 * Reads a workload: a Python script of plain assignments, without executing it. It must assign `prompt` and `input`; the
 * asker's text takes the place of each assignment to `input` that does not itself read `input`.
 *
 * @example
 * readPlainWorkload('prompt = "Be terse."\ninput = "an example"').valuesFor('What is TellorFlex?').input // What is TellorFlex?
 * @param script UTF-8 bytes, or text
 * @throws WorkloadError and nothing else
 */
export function readPlainWorkload(script: string | Uint8Array): Workload {
  const assignments = parseScript(script);
  const lineOf = new Map<string, number>();
  const replaced = new Set<(typeof assignments)[number]>();
  for (const assignment of assignments) {
    for (const target of assignment.targets) lineOf.set(target, assignment.line);
    if (assignment.targets.includes('input') && !reads(assignment.value, 'input')) replaced.add(assignment);
  }
  if (!lineOf.has('prompt'))
    throw new WorkloadError(
      'missing',
      0,
      'The script never assigns prompt, which tells the model what to do.',
      'Add prompt = "...".',
    );
  if (replaced.size === 0)
    throw new WorkloadError(
      'missing',
      0,
      "The script never assigns input, where the asker's text goes.",
      'Add input = "an example".',
    );
  const work = lineOf.get('work');
  if (work !== undefined)
    throw new WorkloadError('badValue', work, 'work must be a function.', 'Define it: def work(prompt, input): ...');
  const valuesFor = (input?: string): Values => {
    const names = new Map<string, Value>();
    for (const assignment of assignments) {
      const value = input !== undefined && replaced.has(assignment) ? input : evaluate(assignment.value, names);
      for (const target of assignment.targets) names.set(target, value);
    }
    return checkValues(names, lineOf);
  };
  return { example: valuesFor(), valuesFor };
}

function reads(expression: Expression, name: string): boolean {
  switch (expression.type) {
    case 'literal':
    case 'sign':
      return false;
    case 'name':
      return expression.name === name;
    case 'sum':
      return expression.terms.some((term) => reads(term, name));
    case 'list':
      return expression.items.some((item) => reads(item, name));
    case 'dict':
      return expression.entries.some(([key, value]) => reads(key, name) || reads(value, name));
  }
}

function evaluate(expression: Expression, names: ReadonlyMap<string, Value>): Value {
  switch (expression.type) {
    case 'literal':
      return expression.value;
    case 'sign': {
      const value = evaluate(expression.operand, names);
      return expression.negative && (typeof value === 'number' || typeof value === 'bigint') ? -value : value;
    }
    case 'name': {
      const value = names.get(expression.name);
      if (value === undefined)
        throw new WorkloadError(
          'notPlain',
          expression.line,
          `${expression.name} is read here and was not assigned above.`,
          'Put text in quotes, or assign the name first.',
        );
      return value;
    }
    case 'sum': {
      let sum = '';
      for (const term of expression.terms) {
        const value = evaluate(term, names);
        if (typeof value !== 'string')
          throw new WorkloadError(
            'notPlain',
            term.line,
            'Only texts can be added in a plain workload.',
            'Write the value out.',
          );
        sum += value;
        if (sum.length > maxTextLength)
          throw new WorkloadError('tooLarge', term.line, 'This text grows beyond a million characters.', 'Shorten it.');
      }
      return sum;
    }
    case 'list':
      return expression.items.map((item) => evaluate(item, names));
    case 'dict':
      return new Map(
        expression.entries.map(([key, value]) => {
          const name = evaluate(key, names);
          // Python takes tuples and refuses lists; here both are arrays.
          if (typeof name === 'object' && name !== null)
            throw new WorkloadError('notPlain', key.line, 'A key of this dict is a list or tuple.', 'Use text.');
          return [name, evaluate(value, names)];
        }),
      );
  }
}
