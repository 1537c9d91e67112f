import {
  BarChart,
  type BarSeriesOption,
  LineChart,
  type LineSeriesOption,
  PieChart,
  type PieSeriesOption,
} from 'echarts/charts';
import {
  GridComponent,
  type GridComponentOption,
  LegendComponent,
  type LegendComponentOption,
  MarkLineComponent,
  TitleComponent,
  type TitleComponentOption,
} from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

/** What a chart shows, in ECharts' own terms: https://echarts.apache.org/en/option.html */
export type ChartOption = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | PieSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | TitleComponentOption
>;

export type ChartFrame = {
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** Said by a screen reader in place of the picture. */
  label: string;
  /** Sets this chart's own ids apart from those of others in the same page: letters, digits, `-`. */
  id?: string;
};

/**
 * A chart as an SVG element, drawn without a browser: to be put into a page, or to be made a picture of. The same option gives
 * the same text every time. It holds no script, no style sheet and no style attribute, so that the strictest Content-Security-Policy
 * shows it; names from outside are escaped. The colour `currentColor` takes the page's, dark or light.
 */
export function render(option: ChartOption, { width, height, label, id = 'chart' }: ChartFrame): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ ...harmless(option), animation: false });
    return tidy(chart.renderToSVGString(), label, id);
  } finally {
    // Otherwise ECharts holds on to every chart that was ever drawn.
    chart.dispose();
  }
}

/**
 * ECharts and zrender keep what they know of a text in plain objects, under the text itself: one such as `__proto__` would change what
 * every object of the process inherits, `hasOwnProperty` end the drawing. A word joiner, which nobody sees, makes them other texts,
 * and every part that they are cut into as well.
 */
const inherited = new RegExp(Object.getOwnPropertyNames(Object.prototype).join('|'), 'g');

/** The same with texts that are safe to draw, also where a function makes them. */
function harmless<Value>(value: Value): Value;
function harmless(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(inherited, (name) => `${name.slice(0, 1)}\u2060${name.slice(1)}`);
  if (typeof value === 'function') return (...given: unknown[]) => harmless(Reflect.apply(value, undefined, given));
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, harmless(part)]));
}

/**
 * In text `"` is written `&quot;`, so what follows finds attributes only. What goes: the sheet of hover styles with its classes and
 * marks, which serve ECharts' own script alone; style attributes become the presentation attributes that they stand for;
 * ids, which count every chart of the process, start from 0.
 */
function tidy(svg: string, label: string, id: string): string {
  const ids = new Map<string, string>();
  const own = (name: string): string => {
    const known = ids.get(name) ?? `${id}-${ids.size}`;
    ids.set(name, known);
    return known;
  };
  return wellFormed(svg)
    .replace(/<style ?><!\[CDATA\[[\s\S]*?\]\]>\s*<\/style>\n?/g, '')
    .replace(/ (?:class|ecmeta_[a-z_]+)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) => attributes(style))
    .replace(/ id="([^"]+)"/g, (_, name: string) => ` id="${own(name)}"`)
    .replace(/="url\(#([^)"]+)\)"/g, (_, name: string) => `="url(#${own(name)})"`)
    .replace('<svg ', () => `<svg role="img" aria-label="${escaped(wellFormed(label))}" `);
}

/** `font-size:12px;font-family:sans-serif;` as attributes. */
function attributes(style: string): string {
  return style
    .split(';')
    .filter((part) => part.includes(':'))
    .map((part) => ` ${part.slice(0, part.indexOf(':')).trim()}="${part.slice(part.indexOf(':') + 1).trim()}"`)
    .join('');
}

/** XML takes neither half a surrogate pair nor control characters, not even escaped. */
function wellFormed(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
