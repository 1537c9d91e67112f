import fc from 'fast-check';

const pieces = [
  '# ',
  '## ',
  '- ',
  '  - ',
  '1. ',
  '> ',
  '>> ',
  '```',
  '```ts\n',
  '~~~',
  '`',
  '``',
  '*',
  '**',
  '_',
  '__',
  '~~',
  '|',
  '\n|-|-|\n',
  '||',
  '[',
  '](',
  ')',
  'https://a.b/c_d',
  '<',
  '>',
  '<b>',
  '<@1>',
  '<#2>',
  '<:a:1>',
  '</ask:1>',
  '<t:1:R>',
  '@everyone',
  '@here',
  '@alice',
  '/start',
  '/pay@bot',
  '&amp;',
  '\\',
  '\\(',
  '$',
  '$x_1^2$',
  '$$\\frac{a}{b}$$',
  '\\[a_b\\]',
  '\n| a | b |\n|--:|:--|\n| c | d |\n',
  '\n',
  '\n\n',
  ' ',
  '    ',
  '\t',
  'word',
  'long sentence with words',
  '👩‍👩‍👧',
  '🇪🇺',
  'é',
  'e\u0301',
  '\u0301',
  '\ufe0f',
  '🏻',
  '\u0600',
  '\u202e',
  '\u200b',
  '\ud800',
  '\udc00',
  '\u0000',
  'שלום',
  '你好',
  '---',
  '===',
  '- [ ] ',
  '![a](b)',
  ':smile:',
  '-# ',
];

/** Markdown made of everything that means something, in any order; now and then long. */
export const hostileMarkdown: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((all) => all.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 600 }))
      .map(([all, times]) => all.join('').repeat(times)),
  },
);

/** Words and lines that hold no markup. */
export const plainWords: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'word',
        'a',
        'Ünïcödé',
        '你好世界',
        '👩‍👩‍👧',
        'x'.repeat(70),
        '🏳️‍🌈'.repeat(400),
        'y'.repeat(5_000),
      ),
      fc.constantFrom(' ', ' ', ' ', '\n', '\n\n'),
    ),
    { minLength: 1, maxLength: 400 },
  )
  .map((all) => all.flat().join('').trim());

const blocks = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((all) => all.join('')),
  fc
    .array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 40 })
    .map((lines) => `\`\`\`py\n${lines.join('\n')}`),
  fc.array(fc.string({ maxLength: 30 }), { maxLength: 30 }).map((items) => items.map((item) => `- ${item}`).join('\n')),
  fc
    .array(fc.tuple(fc.string({ maxLength: 30 }), fc.string({ unit: 'grapheme', maxLength: 90 })), { maxLength: 20 })
    .map((rows) => ['| a | b |', '|---|--:|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n')),
  fc.constantFrom('```', '$$\\sum_{i=1}^n a_i$$', '> quoted\n> **text**', '1. one\n   1. two', '🇪🇺'.repeat(700)),
);

/** A document of blocks of every kind, many messages long, fences not always closed. */
export const longDocument: fc.Arbitrary<string> = fc
  .tuple(fc.array(blocks, { minLength: 1, maxLength: 25 }), fc.constantFrom('\n', '\n\n'))
  .map(([all, gap]) => all.join(gap));
