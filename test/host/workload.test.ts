import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import type { Values } from '../../contracts/client/workload/Values.ts';
import { type WorkloadCode, WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';

const values = (script: string | Uint8Array, input = 'asked'): Values => readPlainWorkload(script).valuesFor(input);
const rest = '\ninput = "example"';
const promptOf = (literal: string): string => values(`prompt = ${literal}${rest}`).prompt;

function errorOf(script: string | Uint8Array, input?: string): WorkloadError {
  try {
    const workload = readPlainWorkload(script);
    if (input !== undefined) workload.valuesFor(input);
  } catch (error) {
    if (error instanceof WorkloadError) return error;
    throw error;
  }
  throw new Error('It was taken.');
}

/** Python's repr() of a text, in one of the ways Python itself could choose. */
function repr(text: string, quote: string, escapeAll: boolean): string {
  let body = '';
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (character === '\\' || character === quote[0]) body += `\\${character}`;
    else if (character === '\n') body += '\\n';
    else if (character === '\r') body += '\\r';
    else if (point < 0x20 || point === 0x7f) body += `\\x${point.toString(16).padStart(2, '0')}`;
    else if (escapeAll && point > 0xffff) body += `\\U${point.toString(16).padStart(8, '0')}`;
    else if (escapeAll && point > 0x7e) body += `\\u${point.toString(16).padStart(4, '0')}`;
    else body += character;
  }
  return quote + body + quote;
}

describe('a workload of plain assignments', () => {
  test('gives its values, with the asker’s text in the place of the example', () => {
    const script = `prompt = "You are terse."
input = "What is TellorFlex?"   # an example
model = "gpt-4o-mini"    # optional
temperature = 0.1
max_tokens = 1_000; top_p = 1
stop = ["END", "\\n\\n"]
seed = -7
examples = [("a", "b"), ["c", "d"],]
`;
    expect(readPlainWorkload(script).example.input).toBe('What is TellorFlex?');
    expect(values(script, '{"a": 1} """\' ünï 🎉')).toEqual({
      prompt: 'You are terse.',
      input: '{"a": 1} """\' ünï 🎉',
      model: 'gpt-4o-mini',
      temperature: 0.1,
      max_tokens: 1000,
      top_p: 1,
      stop: ['END', '\n\n'],
      seed: -7,
      examples: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    });
  });

  test.each([
    ['"double"', 'double'],
    ["'single \\' quote'", "single ' quote"],
    ['"""two\nlines "quoted" """', 'two\nlines "quoted" '],
    ["'''a''b'''", "a''b"],
    ['"one" \'two\' """three"""', 'onetwothree'],
    ['("one"\n  # a comment\n  "two")', 'onetwo'],
    ['"a" + ("b" + "c")', 'abc'],
    ['r"\\n\\d"', '\\n\\d'],
    ['R"a\\"b"', 'a\\"b'],
    ['u"x"', 'x'],
    ['"\\x41\\u00e9\\U0001F600\\101\\0"', 'Aé😀A\0'],
    ['"kept \\d \\q"', 'kept \\d \\q'],
    ['"joined \\\nline"', 'joined line'],
    ['"a" \\\n  "b"', 'ab'],
    ['"tab\there"', 'tab\there'],
    ['"# no comment"', '# no comment'],
    ['"\\a\\b\\f\\v"', '\x07\b\f\v'],
    ['""', ''],
  ])('reads %s as Python does', (literal, text) => expect(promptOf(literal)).toBe(text));

  test('takes what Python takes around the values', () => {
    expect(
      values('\uFEFF# -*- coding: utf-8 -*-\r\n"""What it does."""\r\nprompt: str = "p"\r\ninput: "a | b" = "i"\r\n')
        .prompt,
    ).toBe('p');
    expect(values('prompt = """a\r\nb\rc"""\rinput = "i"').prompt).toBe('a\nb\nc');
    expect(values('ｐｒｏｍｐｔ = "full width"\nｉnput = "i"').prompt).toBe('full width');
    expect(values('größe = 3\nx: dict[str, int]\nprompt = title = "p"\ninput = "i" ;').prompt).toBe('p');
    expect(
      values('a = 0x_ff, 0b1, 1e3, 1_0.5, .5, True, None, (), [], {}, {"k": [1, {"z": -2}]}\nprompt = "p"\ninput = "i"')
        .prompt,
    ).toBe('p');
    expect(values('model = None\ntemperature = None\nprompt = "p"\ninput = "i"')).toEqual({
      prompt: 'p',
      input: 'asked',
    });
    expect(values(new TextEncoder().encode('prompt = "é"\ninput = "i"')).prompt).toBe('é');
  });

  test('replaces each assignment to input that does not read it, and lets the others transform the text', () => {
    expect(values('prompt = "p"\ninput = "a"\ninput = "b"').input).toBe('asked');
    expect(values('prompt = "p"\ninput = "a"\ninput = "Q: " + input + "?"', 'why').input).toBe('Q: why?');
    expect(values('prompt = "p"\nexample = input = "a"', 'why').input).toBe('why');
    expect(errorOf('prompt = "p"\ninput = "Q: " + input').code).toBe('missing');
    expect(errorOf('prompt = "p" + input\ninput = "x"').message).toContain('not assigned above');
  });

  const wrong: [string, WorkloadCode, number, string][] = [
    ['input = "x"', 'missing', 0, 'prompt'],
    ['prompt = "x"', 'missing', 0, 'input'],
    ['', 'missing', 0, 'prompt'],
    ['prompt = "p"\nimport os', 'notPlain', 2, 'an import'],
    ['from os import system', 'notPlain', 1, 'an import'],
    ['prompt = open("/etc/passwd").read()', 'notPlain', 1, 'a call'],
    ['print("x")', 'notPlain', 1, 'a call'],
    ['prompt = f"{1}"', 'notPlain', 1, 'prefix f'],
    ['prompt = t"x"', 'notPlain', 1, 'prefix t'],
    ['prompt = b"x"', 'notPlain', 1, 'bytes'],
    ['prompt = Rb"x"', 'notPlain', 1, 'bytes'],
    ['prompt = zz"x"', 'syntax', 1, 'prefix zz'],
    ['prompt = "a".upper()', 'notPlain', 1, 'an attribute'],
    ['prompt = "a"[0]', 'notPlain', 1, 'a subscript'],
    ['prompt = "a" if x else "b"', 'notPlain', 1, 'a condition'],
    ['prompt = [a for a in b]', 'notPlain', 1, 'a comprehension'],
    ['prompt = "%s" % "a"', 'notPlain', 1, 'formatting'],
    ['prompt = "a" * 9999999', 'notPlain', 1, 'product'],
    ['prompt = lambda: 0', 'notPlain', 1, 'a lambda'],
    ['prompt = {"a", "b"}', 'notPlain', 1, 'a set'],
    ['prompt = (x := "a")', 'notPlain', 1, 'inside an expression'],
    ['prompt = "\\N{BULLET}"', 'notPlain', 1, '\\N{...}'],
    ['prompt += "x"', 'notPlain', 1, '+='],
    ['prompt, input = "a", "b"', 'notPlain', 1, 'several names'],
    ['a.b = "x"', 'notPlain', 1, 'an attribute'],
    ['a["b"] = "x"', 'notPlain', 1, 'a subscript'],
    ['prompt', 'notPlain', 1, 'alone'],
    ['def work(prompt, input):\n    return 1', 'notPlain', 1, 'a function'],
    ['if True:\n  prompt = "x"', 'notPlain', 1, 'a condition'],
    ['  prompt = "x"', 'syntax', 1, 'indented'],
    ['prompt = "x\ninput = "y"', 'syntax', 1, 'never ends'],
    ['prompt = """x', 'syntax', 1, 'never ends'],
    ['prompt = ("x"', 'syntax', 1, 'never closed'],
    ['prompt = "x")', 'syntax', 1, 'closes nothing'],
    ['prompt = ["x")', 'syntax', 1, 'closes nothing'],
    ['prompt = ', 'syntax', 1, 'ends where a value'],
    ['prompt = "a" 5', 'syntax', 1, 'beside'],
    ['prompt = 5a', 'syntax', 1, 'no number'],
    ['prompt = 007', 'syntax', 1, 'zero'],
    ['prompt = 3j', 'notPlain', 1, 'complex'],
    ['prompt = "\\x4"', 'syntax', 1, '2 hexadecimal'],
    ['prompt = "\\U00110000"', 'syntax', 1, 'beyond'],
    ['prompt = "\\ud83d\\ude00"', 'badValue', 1, 'surrogate'],
    ['True = "x"', 'syntax', 1, "Python's own"],
    ['prompt = "a" \\ "b"', 'syntax', 1, 'backslash'],
    ['prompt = $x', 'syntax', 1, '$'],
    ['prompt = constructor\ninput = "x"', 'notPlain', 1, 'not assigned'],
    ['prompt = 1 + 2\ninput = "x"', 'notPlain', 1, 'texts can be added'],
    ['prompt = "a\0b"', 'encoding', 1, 'null byte'],
    ['# coding: latin-1\nprompt = "x"', 'encoding', 0, 'latin-1'],
    ['prompt = "\ud83d"', 'encoding', 0, 'surrogate'],
    [`prompt = "${'x'.repeat(25_000)}"`, 'tooLarge', 0, '24000'],
    [`prompt = ${'['.repeat(5_000)}`, 'syntax', 1, '100 brackets'],
    [`a = "${'x'.repeat(1000)}"\n${'a = a + a\n'.repeat(40)}prompt = a\ninput = "x"`, 'tooLarge', 11, 'million'],
    ['prompt = 5\ninput = "x"', 'badValue', 1, 'prompt'],
    ['prompt = "p"\ninput = ["x"]', 'badValue', 2, 'input'],
    ['prompt = "p"\ninput = " "', 'badValue', 2, 'empty'],
    ['prompt = None\ninput = "x"', 'badValue', 1, 'prompt'],
    [`prompt = "p"${rest}\ntemperature = 3`, 'badValue', 3, 'temperature'],
    [`prompt = "p"${rest}\ntemperature = 1e999`, 'badValue', 3, 'temperature'],
    [`prompt = "p"${rest}\nmax_tokens = 99999999999999999999`, 'badValue', 3, 'max_tokens'],
    [`prompt = "p"${rest}\nmodel = ""`, 'badValue', 3, 'model'],
    [`prompt = "p"${rest}\nexamples = [("a", "b", "c")]`, 'badValue', 3, 'examples'],
    [`prompt = "p"${rest}\nwork = 5`, 'badValue', 3, 'function'],
    [`prompt = "p"${rest}\nschema = "x"`, 'badValue', 3, 'JSON Schema'],
    [`prompt = "p"${rest}\nschema = {1: 2}`, 'badValue', 3, 'texts as keys'],
    [`prompt = "p"${rest}\nschema = {"minimum": 99999999999999999999}`, 'badValue', 3, '2^53'],
    [`prompt = "p"${rest}\na = ["x"]\n${'a = [a, a]\n'.repeat(30)}schema = {"enum": a}`, 'badValue', 34, 'values'],
    [`prompt = "p"${rest}\nx = {("a", "b"): 1}`, 'notPlain', 3, 'key'],
  ];
  test.each(wrong.map(([script, code, line, says]) => ({ script, code, line, says })))(
    'refuses it: $code, $says',
    ({ script, code, line, says }) => {
      const error = errorOf(script);
      expect({ code: error.code, line: error.line }).toEqual({ code, line });
      expect(error.message).toContain(says);
      if (line > 0) expect(error.message).toMatch(new RegExp(`^Line ${line}: `));
    },
  );

  test('refuses bytes that are not UTF-8, and a blank question', () => {
    expect(errorOf(Uint8Array.of(0x70, 0xff)).code).toBe('encoding');
    expect(errorOf('prompt = "p"\ninput = "i"', ' \n ').code).toBe('badValue');
    expect(errorOf('prompt = "p"\ninput = "i"', '\ud800').code).toBe('badValue');
  });

  test('the whole message reads well', () => {
    expect(errorOf('prompt = "p"\nimport os').message).toMatchInlineSnapshot(
      `"Line 2: Here stands an import; a plain workload only assigns literal values to names. Write the value out as a string, number, True, False, None, list or dict; plain workloads have only \`name = value\` lines."`,
    );
  });

  test('every demo model is one', () => {
    const folder = join(import.meta.dirname, '../../models');
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.py'));
    expect(scripts.length).toBeGreaterThanOrEqual(3);
    for (const name of scripts) expect(values(readFileSync(join(folder, name))).input).toBe('asked');
  });
});

describe('properties', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 60 });

  test('any text survives the round through a Python literal', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('"', "'", '"""', "'''"), fc.boolean(), (text, quote, escapeAll) => {
        // Python writes null bytes only as escapes, and repr() does so too.
        expect(promptOf(repr(text, quote, escapeAll))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('any question that is not blank arrives as it is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(text.trim() !== '');
        expect(values(`prompt = "p"${rest}`, text).input).toBe(text);
      }),
    );
  });

  test('nothing but WorkloadError is ever thrown', () => {
    const pieces = fc.constantFrom(
      'prompt',
      'input',
      '=',
      ' ',
      '\n',
      '"',
      "'",
      '"""',
      '\\',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '+',
      '-',
      '#',
      ';',
      '5',
      '0x',
      '.',
      'e',
      'None',
      'f',
      'r',
      'b',
      'for',
      'def',
      '\t',
      '\r',
      'é',
      '🎉',
      '\ud800',
      '\0',
      '__proto__',
      'toString',
      'N{',
      'U0001F600',
      '*',
      '%',
      '@',
      '_',
    );
    const soup = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(soup, soup, (script, input) => {
        try {
          readPlainWorkload(script).valuesFor(input);
        } catch (error) {
          expect(error).toBeInstanceOf(WorkloadError);
        }
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readPlainWorkload(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WorkloadError);
        }
      }),
    );
  });
});
