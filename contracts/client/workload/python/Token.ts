import { WorkloadError } from '../WorkloadError.ts';
import { readString, stringStart } from './StringLiteral.ts';

/** `line` counts from 1. `newline` ends a logical line; a semicolon is one too. */
export type Token =
  | { type: 'name'; line: number; text: string }
  | { type: 'number'; line: number; value: number | bigint }
  | { type: 'string'; line: number; value: string }
  | { type: 'op'; line: number; text: string }
  | { type: 'newline'; line: number }
  | { type: 'end'; line: number };

const blank = /[ \t\f]+/y;
const name = /[\p{XID_Start}_]\p{XID_Continue}*/uy;
const number =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][+-]?\d(?:_?\d)*)?)/y;
const operator = /\.\.\.|\*\*=|\/\/=|>>=|<<=|[-+*/%@&|^=!<>:]=|->|\*\*|\/\/|<<|>>|[-+*/%@&|^~=<>:,.()[\]{}!]/y;
const opening = '([{';
const closing = ')]}';

/**
 * The tokens of a source of plain assignments, lazily, so that the first problem in the text is the one reported.
 * @param text from `sourceText`
 * @throws WorkloadError `syntax`, `notPlain`, `badValue`
 */
export function* tokens(text: string): Generator<Token, Token> {
  let at = 0;
  let line = 1;
  let lineStart = true;
  /** Nothing stands in the statement yet. */
  let empty = true;
  const brackets: { text: string; line: number }[] = [];
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    const space = match(blank)?.[0].length ?? 0;
    if (space > 0) {
      at += space;
      const next = text[at];
      if (lineStart && brackets.length === 0 && next !== undefined && next !== '#' && next !== '\n' && next !== '\\')
        if (!/^\f*$/.test(text.slice(at - space, at)))
          throw new WorkloadError('syntax', line, 'This line is indented.', 'Start each assignment at the left edge.');
      continue;
    }
    if (character === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (character === '\n' || (character === ';' && brackets.length === 0)) {
      if (character === ';' && empty)
        throw new WorkloadError('syntax', line, 'A semicolon stands here without a statement before it.', 'Remove it.');
      if (brackets.length === 0) {
        yield { type: 'newline', line };
        empty = true;
      }
      if (character === '\n') {
        line++;
        lineStart = true;
      }
      at++;
    } else if (character === '\\') {
      if (text[at + 1] !== '\n')
        throw new WorkloadError(
          'syntax',
          line,
          'A backslash continues a line only as its last character.',
          'Remove it.',
        );
      at += 2;
      line++;
    } else {
      lineStart = false;
      empty = false;
      const literal = match(stringStart);
      if (literal !== null) {
        const [whole, prefix = '', quote = ''] = literal;
        const { value, end } = readString(text, at + whole.length, prefix, quote, line);
        yield { type: 'string', line, value };
        line += text.slice(at, end).split('\n').length - 1;
        at = end;
        continue;
      }
      const digits = match(number)?.[0];
      if (digits !== undefined && digits !== '') {
        at += digits.length;
        yield { type: 'number', line, value: numberOf(digits, text[at], line) };
        continue;
      }
      const identifier = match(name)?.[0];
      if (identifier !== undefined) {
        at += identifier.length;
        yield { type: 'name', line, text: identifier.normalize('NFKC') };
        continue;
      }
      const symbol = match(operator)?.[0];
      if (symbol === undefined) {
        const strange = String.fromCodePoint(text.codePointAt(at) ?? 0);
        throw new WorkloadError(
          'syntax',
          line,
          `Python has no use for ${JSON.stringify(strange)} here.`,
          'Remove it, or put it in quotes.',
        );
      }
      if (opening.includes(symbol)) {
        brackets.push({ text: symbol, line });
        if (brackets.length > 100)
          throw new WorkloadError(
            'syntax',
            line,
            'More than 100 brackets stand inside each other.',
            'Make the value flatter.',
          );
      } else if (closing.includes(symbol)) {
        const open = brackets.pop();
        if (open === undefined || opening.indexOf(open.text) !== closing.indexOf(symbol))
          throw new WorkloadError(
            'syntax',
            line,
            `This ${symbol} closes nothing.`,
            'Remove it, or add its other half.',
          );
      }
      at += symbol.length;
      yield { type: 'op', line, text: symbol };
    }
  }
  const open = brackets.pop();
  if (open !== undefined)
    throw new WorkloadError('syntax', open.line, `This ${open.text} is never closed.`, 'Add its other half.');
  yield { type: 'newline', line };
  return { type: 'end', line };
}

/** @param next the character behind the literal, which must not continue it */
function numberOf(digits: string, next: string | undefined, line: number): number | bigint {
  const plain = digits.replaceAll('_', '');
  if (next !== undefined && /[jJ]/.test(next))
    throw new WorkloadError('notPlain', line, 'This is a complex number.', 'Use a plain one.');
  if (next !== undefined && /[\p{XID_Continue}]/u.test(next))
    throw new WorkloadError('syntax', line, `${digits}${next} is no number.`, 'Correct it.');
  if (/^0\d/.test(plain) && !/[.eE]/.test(plain) && !/^0+$/.test(plain))
    throw new WorkloadError('syntax', line, `${digits} starts with a zero; Python refuses that.`, 'Remove the zero.');
  if (/^\d/.test(plain) && !/[.]/.test(plain) && !(/[eE]/.test(plain) && !/^0[xX]/.test(plain))) {
    const exact = BigInt(/^0+$/.test(plain) ? '0' : plain);
    return exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : exact;
  }
  return Number(plain);
}
