import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChartOption, render } from '../../contracts/client/support/Chart.ts';

const option = (name: string): ChartOption => ({
  title: { text: name },
  legend: {},
  xAxis: { type: 'category', data: [name, 'b'] },
  yAxis: {},
  series: [
    { name, type: 'bar', data: [1, 2] },
    { name: 'line', type: 'line', data: [3, 1], areaStyle: { color: 'currentColor' } },
  ],
});
const frame = { width: 400, height: 200, label: 'Two series' };

test('draws the same text every time, whatever was drawn before', () => {
  const first = render(option('a'), frame);
  render({ series: [{ type: 'pie', data: [{ name: 'x', value: 1 }] }] }, frame);
  expect(render(option('a'), frame)).toBe(first);
  expect(first).toMatch(/^<svg role="img" aria-label="Two series" width="400" height="200"/);
  expect(first).toContain('url(#chart-0)');
  expect(render(option('a'), { ...frame, id: 'other' })).toContain('url(#other-0)');
});

/** Everything that all objects inherit, and what hangs on it. */
const inherited = () =>
  [Object.prototype, ...Object.getOwnPropertyNames(Object.prototype).map((name) => Reflect.get({}, name))].map(
    (part) => (part === null ? [] : Reflect.ownKeys(part)),
  );

test.each(Object.getOwnPropertyNames(Object.prototype))(
  'a model named %s is a name like any other, and changes nothing that objects inherit',
  (name) => {
    const before = inherited();
    const spread: ChartOption = { ...option(`${name}\n${name} x`), yAxis: { axisLabel: { formatter: () => name } } };
    const drawn = [option(name), spread, option('a')].map((each) => render(each, frame));
    try {
      expect(inherited()).toEqual(before);
    } finally {
      for (const key of ['prev', 'next', 'value', 'key']) Reflect.deleteProperty(Object.prototype, key);
    }
    expect(drawn.join()).not.toMatch(/NaN|undefined|prev|next/);
    expect(drawn[0]?.replaceAll('\u2060', '')).toContain(`>${name}</text>`);
  },
);

test('holds neither script, style nor event, and is well formed, whatever a name says', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '</text><script>alert(1)</script>',
      '"><image href="https://example.org/x" onload="alert(1)">',
      '<style>*{display:none}</style>',
      '__proto__',
      '{a|b}\u0000\u001b[2J\ud800',
      'url(#chart-0)" style="x:y" class="z',
      '$&$1 %s image://https://example.org/x',
    ),
  );
  fc.assert(
    fc.property(hostile, (name) => {
      const svg = render(option(name), { ...frame, label: name });
      expect(svg.isWellFormed()).toBe(true);
      for (const [tag] of svg.matchAll(/<[^>]*>/g)) {
        expect(tag).toMatch(
          /^<\/?(?:svg|rect|path|g|text|defs|clipPath|linearGradient|stop)(?: [a-zA-Z0-9:-]+="[^"<>]*")* ?>$/,
        );
        expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(/ (?:on\w+|style|class|href)=/);
      }
    }),
    { numRuns: 60 },
  );
});
