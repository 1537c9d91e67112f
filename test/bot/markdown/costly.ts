/** Pieces of Markdown that, repeated, take a careless parser or renderer time in proportion to the square of their number, or worse. */
export const costly = [
  '__a_b ',
  'a*b*c',
  '*a **b ',
  '**a**b',
  '**a',
  '_a',
  '~a~ ~',
  '![a',
  '[a](',
  '[',
  '\\(a',
  '`a``b ',
  '`a``b```',
  '`a` /ask ',
  '> a\n',
  '>',
  '> - ',
  '* ',
  '1. ',
  '# a\n',
  '| a |\n|-|\n',
  '[a]: <b\n',
  'www.',
  '<!--',
  'x',
  'e\u0301',
] as const;

/** `unit` again and again, `length` characters of it at the most. */
export const repeated = (unit: string, length: number): string => unit.repeat(Math.floor(length / unit.length));
