import { expect, test } from 'vitest';
import { toCsv } from '../../contracts/client/support/Csv.ts';

test('writes RFC 4180, and nothing that a spreadsheet runs', () => {
  expect(
    toCsv(
      ['name', 'n', 'note'],
      [
        { name: 'plain', n: -1.5, note: null },
        { name: '=HYPERLINK("https://example.org","x")', n: -3n, note: 'a,b' },
        { name: '-1', n: 0, note: '+1' },
        { name: '@x', n: 1, note: 'two\r\nlines' },
        { name: '\tx', n: 2, note: 'a lone\rreturn' },
        { name: '＝1', n: 3, note: 'say "yes"' },
      ],
    ),
  ).toBe(
    [
      'name,n,note',
      'plain,-1.5,',
      `"'=HYPERLINK(""https://example.org"",""x"")",-3,"a,b"`,
      "'-1,0,'+1",
      `'@x,1,"two\r\nlines"`,
      `'\tx,2,"a lone\rreturn"`,
      `'＝1,3,"say ""yes"""`,
      '',
    ].join('\r\n'),
  );
});

test('takes the columns in the order asked for, and only these', () => {
  expect(toCsv(['b', 'a'], [{ a: 1, b: 2 }])).toBe('b,a\r\n2,1\r\n');
  expect(toCsv(['a'], [])).toBe('a\r\n');
});
