import { WorkloadError } from '../WorkloadError.ts';

const simpleEscapes: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The start of a string literal: its prefix (may be empty) and its opening quote. */
export const stringStart = /([A-Za-z]{0,2})("""|'''|"|')/y;

/**
 * Reads the literal whose prefix and opening quote were matched by `stringStart`.
 * @param at index behind the opening quote
 * @param line the line of the opening quote, for errors
 * @returns the value and the index behind the closing quote
 * @throws WorkloadError `syntax`, `notPlain`
 */
export function readString(
  text: string,
  at: number,
  prefix: string,
  quote: string,
  line: number,
): { value: string; end: number } {
  const kind = prefix.toLowerCase();
  if (/[ft]/.test(kind))
    throw new WorkloadError(
      'notPlain',
      line,
      `A string with the prefix ${prefix} is computed; a plain workload holds only literal text.`,
      'Remove the prefix and write the text out.',
    );
  if (kind.includes('b'))
    throw new WorkloadError(
      'notPlain',
      line,
      'This is a bytes literal; a workload holds text.',
      'Remove the prefix b.',
    );
  if (kind !== '' && kind !== 'r' && kind !== 'u')
    throw new WorkloadError('syntax', line, `Python knows no string prefix ${prefix}.`, 'Remove it.');
  const raw = kind === 'r';
  let value = '';
  let from = at;
  for (let i = at; ; i++) {
    const character = text[i];
    if (character === undefined || (character === '\n' && quote.length === 1))
      throw new WorkloadError(
        'syntax',
        line,
        'A string starts here and never ends.',
        quote.length === 1
          ? `Close it with ${quote} on the same line, or use triple quotes.`
          : `Close it with ${quote}.`,
      );
    if (character === '\\') {
      if (raw) {
        i++;
        continue;
      }
      value += text.slice(from, i);
      const read = readEscape(text, i + 1, line);
      value += read.value;
      from = read.end;
      i = read.end - 1;
    } else if (character === quote[0] && text.startsWith(quote, i)) {
      return { value: value + text.slice(from, i), end: i + quote.length };
    }
  }
}

function readEscape(text: string, at: number, line: number): { value: string; end: number } {
  const letter = text[at] ?? '';
  const simple = simpleEscapes[letter];
  if (simple !== undefined) return { value: simple, end: at + 1 };
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))?.[0];
  if (octal !== undefined) return { value: String.fromCodePoint(Number.parseInt(octal, 8)), end: at + octal.length };
  if (letter === 'N')
    throw new WorkloadError(
      'notPlain',
      line,
      'The escape \\N{...} needs the table of Unicode names, which a plain workload is read without.',
      'Write the character itself, or its \\u or \\U escape.',
    );
  const digits = { x: 2, u: 4, U: 8 }[letter];
  // An unknown escape keeps its backslash, as in Python.
  if (digits === undefined) return { value: `\\`, end: at };
  const code = text.slice(at + 1, at + 1 + digits);
  if (code.length !== digits || !/^[0-9a-fA-F]+$/.test(code))
    throw new WorkloadError('syntax', line, `The escape \\${letter} needs ${digits} hexadecimal digits.`, 'Add them.');
  const point = Number.parseInt(code, 16);
  if (point > 0x10ffff)
    throw new WorkloadError(
      'syntax',
      line,
      `\\U${code} is beyond Unicode's last character, \\U0010FFFF.`,
      'Correct it.',
    );
  if (point >= 0xd800 && point <= 0xdfff)
    throw new WorkloadError(
      'badValue',
      line,
      `\\${letter}${code} is half a surrogate pair, which no UTF-8 text can hold.`,
      'Write the character itself, or its \\U escape with eight digits.',
    );
  return { value: String.fromCodePoint(point), end: at + 1 + digits };
}
