import { WorkloadError } from '../WorkloadError.ts';
import type { Cursor } from './Cursor.ts';
import type { Token } from './Token.ts';

/** The right side of an assignment. */
export type Expression =
  | { type: 'literal'; line: number; value: string | number | bigint | boolean | null }
  | { type: 'name'; line: number; name: string }
  | { type: 'sum'; line: number; terms: Expression[] }
  | { type: 'sign'; line: number; negative: boolean; operand: Expression }
  | { type: 'list'; line: number; items: Expression[] }
  | { type: 'dict'; line: number; entries: [Expression, Expression][] };

export const statements = new Map(
  Object.entries({
    import: 'an import',
    from: 'an import',
    def: 'a function',
    class: 'a class',
    async: 'a coroutine',
    for: 'a loop',
    while: 'a loop',
    if: 'a condition',
    elif: 'a condition',
    else: 'a condition',
    try: 'a try',
    except: 'a try',
    finally: 'a try',
    with: 'a with',
    return: 'a return',
    raise: 'a raise',
    assert: 'an assert',
    del: 'a del',
    global: 'a global',
    nonlocal: 'a nonlocal',
    pass: 'a pass',
    break: 'a break',
    continue: 'a continue',
    lambda: 'a lambda',
    yield: 'a yield',
    await: 'an await',
    not: 'a condition',
  }),
);
export const inExpression = new Map(
  Object.entries({
    '(': 'a call',
    '.': 'an attribute',
    '[': 'a subscript',
    if: 'a condition',
    for: 'a comprehension',
    '%': 'formatting',
    and: 'a condition',
    or: 'a condition',
    not: 'a condition',
    in: 'a condition',
    is: 'a condition',
    lambda: 'a lambda',
    '*': 'unpacking or a product',
    '**': 'unpacking or a power',
    ':=': 'an assignment inside an expression',
    '...': 'an ellipsis',
    await: 'an await',
    yield: 'a yield',
  }),
);
const cure =
  'Write the value out as a string, number, True, False, None, list or dict; plain workloads have only `name = value` lines.';

export function notPlain(line: number, what: string): WorkloadError {
  return new WorkloadError(
    'notPlain',
    line,
    `Here stands ${what}; a plain workload only assigns literal values to names.`,
    cure,
  );
}

/** What to say about a token that has no place where it stands. */
export function surprise(token: Token): WorkloadError {
  if (token.type === 'newline' || token.type === 'end')
    return new WorkloadError(
      'syntax',
      token.line,
      'The line ends where a value should stand.',
      'Complete the assignment.',
    );
  if (token.type === 'string' || token.type === 'number')
    return new WorkloadError(
      'syntax',
      token.line,
      'Two values stand beside each other.',
      'Put a comma or a + between them.',
    );
  const what = inExpression.get(token.text) ?? statements.get(token.text);
  if (what !== undefined) return notPlain(token.line, what);
  return token.type === 'name'
    ? new WorkloadError('syntax', token.line, `The name ${token.text} does not belong here.`, 'Put text in quotes.')
    : notPlain(token.line, `the operator ${token.text}`);
}

/**
 * Reads a right side of literals, names read from above and sums of texts; `1, 2` without brackets is a tuple.
 * @throws WorkloadError `syntax`, `notPlain`
 */
export function readExpression({ peek, take, at }: Cursor): Expression {
  const expression = (): Expression => {
    const first = operand();
    if (!at('+')) return first;
    const terms = [first];
    while (at('+')) {
      take();
      terms.push(operand());
    }
    return { type: 'sum', line: first.line, terms };
  };
  const operand = (): Expression => {
    const token = take();
    if (token.type === 'string') {
      let value = token.value;
      for (let next = peek(); next.type === 'string'; next = peek()) {
        value += next.value;
        take();
      }
      return { type: 'literal', line: token.line, value };
    }
    if (token.type === 'number') return { type: 'literal', line: token.line, value: token.value };
    if (token.type === 'op' && (token.text === '-' || token.text === '+')) {
      // A sign belongs to one number; a chain of them would let a script nest without brackets.
      if (peek().type !== 'number') throw surprise(peek());
      return { type: 'sign', line: token.line, negative: token.text === '-', operand: operand() };
    }
    if (token.type === 'op' && token.text === '(') return parenthesised(token.line);
    if (token.type === 'op' && token.text === '[') return { type: 'list', line: token.line, items: items(']') };
    if (token.type === 'op' && token.text === '{') return dict(token.line);
    if (token.type === 'name') {
      if (token.text === 'True' || token.text === 'False')
        return { type: 'literal', line: token.line, value: token.text === 'True' };
      if (token.text === 'None') return { type: 'literal', line: token.line, value: null };
      if (!inExpression.has(token.text) && !statements.has(token.text)) {
        return { type: 'name', line: token.line, name: token.text };
      }
    }
    throw surprise(token);
  };
  const items = (end: string): Expression[] => {
    const found: Expression[] = [];
    while (!at(end)) {
      found.push(expression());
      if (at(',')) take();
      else if (!at(end)) throw surprise(peek());
    }
    take();
    return found;
  };
  const parenthesised = (line: number): Expression => {
    if (at(')')) return { type: 'list', line, items: items(')') };
    const first = expression();
    if (at(')')) {
      take();
      return first;
    }
    if (!at(',')) throw surprise(peek());
    take();
    return { type: 'list', line, items: [first, ...items(')')] };
  };
  const dict = (line: number): Expression => {
    const entries: [Expression, Expression][] = [];
    while (!at('}')) {
      const key = expression();
      if (!at(':')) throw at(',') || at('}') ? notPlain(line, 'a set') : surprise(peek());
      take();
      entries.push([key, expression()]);
      if (at(',')) take();
      else if (!at('}')) throw surprise(peek());
    }
    take();
    return { type: 'dict', line, entries };
  };
  /** A right side; `1, 2` without brackets is a tuple. */
  const rightSide = (): Expression => {
    const first = expression();
    if (!at(',')) return first;
    const all = [first];
    while (at(',')) {
      take();
      if (peek().type === 'newline') break;
      all.push(expression());
    }
    return { type: 'list', line: first.line, items: all };
  };

  return rightSide();
}
