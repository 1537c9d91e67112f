import { WorkloadError } from '../WorkloadError.ts';
import { cursor } from './Cursor.ts';
import { type Expression, inExpression, notPlain, readExpression, statements, surprise } from './Expression.ts';
import { sourceText } from './Source.ts';
import { tokens } from './Token.ts';

export type Assignment = { line: number; targets: string[]; value: Expression };

/**
 * Reads a script of plain assignments without executing anything.
 * @param script UTF-8 bytes or text
 * @throws WorkloadError `encoding`, `tooLarge`, `syntax`, `notPlain`, `badValue`
 */
export function parseScript(script: string | Uint8Array): Assignment[] {
  const source = cursor(tokens(sourceText(script)));
  const { peek, take, at } = source;
  const assignments: Assignment[] = [];
  while (peek().type !== 'end') {
    if (peek().type === 'newline') {
      take();
      continue;
    }
    const first = take();
    if (first.type === 'string') {
      // A docstring: text that stands alone means nothing to Python.
      while (peek().type === 'string') take();
      if (peek().type !== 'newline') throw surprise(peek());
      continue;
    }
    if (first.type !== 'name') throw surprise(first);
    const statement = statements.get(first.text);
    if (statement !== undefined) throw notPlain(first.line, statement);
    const targets = [target(first)];
    if (at(':')) {
      take();
      // Python 3.14 does not evaluate annotations; what stands in one never matters.
      for (let depth = 0; depth > 0 || !(at('=') || peek().type === 'newline'); ) {
        if (at('(') || at('[') || at('{')) depth++;
        if (at(')') || at(']') || at('}')) depth--;
        take();
      }
      if (peek().type === 'newline') continue;
    }
    if (!at('=')) {
      if (at(',')) throw notPlain(first.line, 'an assignment to several names at once');
      const next = peek();
      if (next.type === 'op' && /^[^=!<>].*=$/.test(next.text) && next.text !== ':=')
        throw notPlain(first.line, `an assignment with ${next.text}`);
      if (next.type === 'newline') throw notPlain(first.line, `the name ${first.text} alone`);
      throw surprise(next);
    }
    take();
    let value = readExpression(source);
    while (at('=')) {
      if (value.type !== 'name') throw notPlain(value.line, 'an assignment to something that is no name');
      targets.push(value.name);
      take();
      value = readExpression(source);
    }
    if (peek().type !== 'newline') throw surprise(peek());
    assignments.push({ line: first.line, targets, value });
  }
  return assignments;

  function target(token: { text: string; line: number }): string {
    if (inExpression.has(token.text) || ['True', 'False', 'None'].includes(token.text))
      throw new WorkloadError(
        'syntax',
        token.line,
        `${token.text} is a word of Python's own and can't be assigned.`,
        'Choose another name.',
      );
    return token.text;
  }
}
