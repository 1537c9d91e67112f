import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import { runtime } from './runtime.ts';
import { type Came, runMany } from './sandboxScripts.ts';

afterAll(() => runtime.close());

/** What `input` is in the end, for the question “ask?”. */
const ends: [what: string, script: string, input: string][] = [
  ['a plain example', 'input = "e"', 'ask?'],
  ['every example', 'input = "e"\ninput = "f"', 'ask?'],
  ['a computed example, which is not even computed', 'input = 1 / 0', 'ask?'],
  ['a transformation', 'input = "e"\ninput = input.upper()', 'ASK?'],
  ['an example after a transformation', 'input = "e"\ninput = input.upper()\ninput = "f"', 'ask?'],
  ['several targets', 'a = input = "e"\ninput = a + input', 'ask?ask?'],
  ['a type', 'input: str = "e"', 'ask?'],
  ['a type alone', 'input: str\ninput = "e"', 'ask?'],
  ['an augmented assignment', 'input = "e"\ninput += "!"', 'ask?!'],
  ['a tuple', 'x, input = 1, "e"\ninput = f"{x}{input}"', '1ask?'],
  ['a tuple in brackets, nested', '(x, (y, input)) = [1, (2, "e")]\ninput = f"{y}{input}"', '2ask?'],
  ['a tuple whose other part reads input', 'input = "e"\nx, input = input, "f"\ninput = x + input', 'ask?ask?'],
  ['a tuple that swaps', 'input = "e"\nother = "o"\ninput, other = other + input, input', 'oask?'],
  ['a value taken apart', 'def f(): return "P", "e"\nprompt, input = f()\ninput = prompt + input', 'Pask?'],
  ['a starred target', 'x, *rest, input = 1, 2, 3, "e"', 'ask?'],
  ['a walrus', 'print(input := "e")', 'ask?'],
  ['a walrus in a comprehension', 'x = [(input := f"e{i}") for i in range(3)]', 'ask?'],
  ['a walrus inside another right side', 'input = (input := "e").upper()', 'ASK?'],
  ['a default of a function', 'def f(x=(input := "e")): pass', 'ask?'],
  ['a condition', 'if True:\n  input = "e"\nelse:\n  input = "f"', 'ask?'],
  ['a loop', 'for i in range(2):\n  input = f"e{i}"', 'ask?'],
  ['a try', 'try:\n  input = "e"\nfinally:\n  input = input + "!"', 'ask?!'],
  ['a with', 'import contextlib\nwith contextlib.suppress(ValueError):\n  input = "e"', 'ask?'],
  ['a match', 'match 1:\n  case 1:\n    input = "e"', 'ask?'],
  ['a shortening that depends', 'input = "e"\nif len(input) > 2: input = input[:2]', 'as'],
  ['a name of the same letters in full width', 'ｉｎｐｕｔ = "e"', 'ask?'],
  ['a full-width name that reads', 'input = "e"\ninput = ｉnput + "!"', 'ask?!'],
  ['a comprehension that binds the name for itself', 'input = "e"\ninput = "".join([input for input in "xy"])', 'ask?'],
  ['a comprehension whose first iterable reads', 'input = "e"\ninput = "".join([input for input in input])', 'ask?'],
  ['a comprehension that reads', 'input = "e"\ninput = "-".join(c for c in input)', 'a-s-k-?'],
  ['a comprehension that reads in its condition', 'input = "e"\ninput = "".join(c for c in "abk" if c in input)', 'ak'],
  ['a lambda that reads', 'input = "e"\ninput = (lambda: input + "!")()', 'ask?!'],
  ['a lambda with a parameter of that name', 'input = "e"\ninput = (lambda input: input)("x")', 'ask?'],
  ['a lambda whose default reads', 'input = "e"\ninput = (lambda input=input: input + "?")()', 'ask??'],
  ['an f-string', 'input = "e"\ninput = f"Q: {input}"', 'Q: ask?'],
  [
    'a function that assigns a name of its own',
    'input = "e"\ndef f():\n  input = "x"\n  return input\nx = f()',
    'ask?',
  ],
  [
    'a function that assigns the global: its own affair',
    'input = "e"\ndef f():\n  global input\n  input = "x"\nf()',
    'x',
  ],
  ['a class attribute of that name', 'input = "e"\nclass C:\n  input = "x"', 'ask?'],
  [
    'an attribute and an item of that name',
    'input = "e"\nd = {}\nd["input"] = "x"\nclass C: pass\nC.input = "y"',
    'ask?',
  ],
  ['an attribute read', 'import types\nn = types.SimpleNamespace(input="x")\ninput = n.input', 'ask?'],
  ['a keyword argument of that name', 'input = dict(input="x")["input"]', 'ask?'],
  ['globals(): the name does not stand there', 'input = "e"\ninput = globals()["in" + "put"] + "!"', 'ask?'],
  ['exec: its own affair', 'input = "e"\nexec("input = input + \'!\'")', 'ask?!'],
  ['a script that looks at its own text', 'input = "e"\nx = "input = \'f\'"', 'ask?'],
];

const refused: [what: string, script: string, code: string, says: RegExp][] = [
  ['a for loop', 'input = "e"\nfor input in ["x"]: pass', 'missing', /bound by a for loop/],
  ['an import', 'input = "e"\nimport json as input', 'missing', /bound by an import/],
  ['a from-import', 'input = "e"\nfrom json import dumps as input', 'missing', /bound by an import/],
  ['a with', 'input = "e"\nwith open("x") as input: pass', 'missing', /bound by a with statement/],
  ['a function', 'input = "e"\ndef input(): pass', 'missing', /bound by a definition/],
  ['a class', 'input = "e"\nclass input: pass', 'missing', /bound by a definition/],
  [
    'an except clause',
    'input = "e"\ntry: pass\nexcept ValueError as input: pass',
    'missing',
    /bound by an except clause/,
  ],
  ['a match pattern', 'input = "e"\nmatch 1:\n  case input: pass', 'missing', /bound by a match pattern/],
  ['only transformations', 'input = input("Your question? ")', 'missing', /never assigns input/],
  [
    'an assignment that is not carried out',
    'if False: input = "e"',
    'missing',
    /No assignment to input was carried out/,
  ],
  ['an assignment in a function only', 'def f():\n  input = "e"', 'missing', /never assigns input/],
  ['a deletion', 'input = "e"\ndel input', 'badValue', /input/],
  ['no text', 'input = "e"\ninput = len(input)', 'badValue', /input/],
  ['a blank text', 'input = "e"\ninput = input[:0]', 'badValue', /must not be empty/],
  ['an exception while transforming', 'input = "e"\ninput = input[9]', 'raised', /IndexError/],
  ['wrong syntax', 'input = "e"\nx = = 1', 'syntax', /invalid syntax/],
  ['a return at the left edge', 'input = "e"\nreturn 1', 'syntax', /'return' outside function/],
  ['no prompt', 'prompt2 = 1', 'missing', /never assigns input/],
  ['a prompt that is no text', 'input = "e"\nprompt = 5', 'badValue', /prompt/],
  ['a prompt that is a function', 'input = "e"\ndef prompt(): pass', 'badValue', /Python's type function/],
  ['work that is no function', 'input = "e"\nwork = 5', 'badValue', /must be a function/],
];

describe('where the asker’s text goes', () => {
  let came: Came[] = [];
  const scripts = [...ends, ...refused].map(([, script]) => [`prompt = "p"\n${script}`, 'ask?'] as const);
  beforeAll(async () => {
    came = await runMany(runtime.sandbox, scripts);
  }, 120_000);
  test.each(ends.map(([what, script, input], index) => ({ what, script, input, index })))(
    '$what: $input',
    ({ input, index }) => expect(came[index]).toMatchObject({ values: { input } }),
  );
  test.each(refused.map(([what, , code, says], index) => ({ what, code, says, index })))(
    'is refused for $what',
    ({ code, says, index }) => {
      const one = came[ends.length + index];
      expect(one).toMatchObject({ code });
      expect(one !== undefined && 'what' in one ? one.what : '').toMatch(says);
    },
  );
});

/** Scripts of plain assignments, right and wrong ones. */
const name = fc.constantFrom(
  'a',
  'b',
  'größe',
  'ｐrompt',
  'prompt',
  'input',
  'model',
  'temperature',
  'max_tokens',
  'top_p',
);
const known = fc.constantFrom('stop', 'seed', 'examples', 'schema', 'model', 'temperature', 'max_tokens', 'top_p');
const piece = fc.constantFrom(
  'a',
  'é',
  '🎉',
  ' ',
  '\\n',
  '\\x41',
  '\\u00e9',
  '\\101',
  '\\q',
  '\\\\',
  '#',
  '{a}',
  '\t',
  "\\'",
);
const words = fc.array(piece, { maxLength: 4 }).map((all) => all.join(''));
const text = fc
  .tuple(fc.constantFrom('', 'r', 'u', 'R'), fc.constantFrom('"', "'", '"""'), words)
  .map(([prefix, quote, body]) => `${prefix}${quote}${body}${quote}`);
const number = fc.constantFrom(
  '0',
  '1',
  '0.5',
  '.5',
  '1e3',
  '0x_ff',
  '1_000',
  '00',
  '-1',
  '+2',
  '- 0.5',
  '1e999',
  '2.',
  '9'.repeat(20),
  '-0.0',
  '3.0',
);
const atom = fc.oneof(text, number, name, fc.constantFrom('True', 'False', 'None', '()', '[]', '{}', '""'));
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    text.chain((one) => fc.tuple(fc.constant(one), fc.oneof(text, name)).map(([left, right]) => `${left} + ${right}`)),
    fc.tuple(text, text).map(([left, right]) => `${left} ${right}`),
    fc.array(tie('value'), { maxLength: 3 }).map((all) => `[${all.join(', ')}]`),
    fc.array(tie('value'), { maxLength: 3 }).map((all) => `(${all.map((one) => `${one},`).join(' ')})`),
    fc
      .array(fc.tuple(text, tie('value')), { maxLength: 2 })
      .map((all) => `{${all.map((pair) => pair.join(': ')).join(', ')}}`),
    tie('value').map((one) => `(${one})`),
  ),
}));
const assignment = fc.oneof(
  fc.tuple(name, value).map(([target, one]) => `${target} = ${one}`),
  fc.tuple(known, value).map(([target, one]) => `${target} = ${one}`),
  fc.tuple(name, name, value).map(([first, second, one]) => `${first} = ${second} = ${one}`),
  fc.tuple(name, value).map(([target, one]) => `${target}: dict[str, int] = ${one}`),
  fc.constantFrom(
    '# comment',
    '"docstring"',
    '',
    'x: int',
    ';',
    '  ',
    'input = input + "!"',
    'prompt = "p"',
    'input = "e"',
  ),
);
const script = fc
  .array(assignment, { maxLength: 6 })
  .map((lines) => ['prompt = "p"', 'a = "A"', 'input = "e"', ...lines].join('\n'));

describe('the fast path and Python itself', () => {
  test('say the same of scripts of plain assignments', async () => {
    const scripts = fc.sample(script, { numRuns: Number(process.env['DIFFERENTIAL_RUNS'] ?? 800) });
    // A script of plain assignments whose own example is wrong is wrong.
    const came = await runMany(
      runtime.sandbox,
      scripts.flatMap((one) => [[one, null] as const, [one, 'ask?'] as const]),
    );
    let compared = 0;
    for (const [index, one] of scripts.entries()) {
      const fast = readFast(one);
      const example = came[index * 2];
      const real = example !== undefined && 'code' in example ? example : came[index * 2 + 1];
      if (fast === undefined || real === undefined) continue;
      compared++;
      if ('values' in fast) expect(real, one).toEqual(fast);
      else
        expect({ script: one, code: 'code' in real ? real.code : real.values }).toEqual({
          script: one,
          code: fast.code,
        });
    }
    expect(compared).toBeGreaterThan(scripts.length / 2);
  }, 120_000);
});

/** Undefined where the fast path leaves it to Python. */
function readFast(one: string): Came | undefined {
  try {
    return { values: readPlainWorkload(one).valuesFor('ask?') };
  } catch (error) {
    if (!(error instanceof WorkloadError)) throw error;
    return error.code === 'notPlain' ? undefined : { code: error.code, line: error.line, what: error.message };
  }
}
