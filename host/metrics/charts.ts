import { formatUnits } from 'ethers';
import { type ChartOption, render } from '../../contracts/client/support/Chart.ts';
import { isoDay } from '../store/days.ts';
import type { Figures } from '../store/Figures.ts';
import type { Failures } from './Metrics.ts';

/** Readable on white and on black; the names of states stand beside them, so that nothing is said by colour alone. */
const colours: Readonly<Record<string, string>> = {
  open: '#3b82c4',
  delivered: '#0e9aa7',
  sealed: '#7a6ad8',
  settled: '#2e9e5b',
  declined: '#c9820c',
  refunded: '#d1495b',
};
const causes = ['#d1495b', '#c9820c', '#7a6ad8', '#3b82c4', '#0e9aa7', '#2e9e5b', '#9a6324', '#808080'];
const bar = '#3b82c4';
const text = { color: 'currentColor', fontFamily: 'sans-serif', fontSize: 13 } as const;
const faint = { lineStyle: { color: 'currentColor', opacity: 0.15 } } as const;
const axis = {
  axisLabel: text,
  axisLine: { lineStyle: { color: 'currentColor' } },
  axisTick: { show: false },
} as const;
const width = 460;
const grid = {
  left: 8,
  right: 16,
  top: 16,
  bottom: 8,
  outerBoundsMode: 'same',
  outerBoundsContain: 'axisLabel',
} as const;

/** Earnings of one token by day, the last `days` up to `today` (`2026-11-28`). */
export function earningsChart(figures: Figures, token: string, name: string, today: string, days = 30): string {
  const names = Array.from({ length: days }, (_, index) => isoDay(today, index - days + 1));
  const sums = new Map<string, bigint>();
  for (const { day, token: of, amount } of figures.earned)
    if (of === token) sums.set(day, (sums.get(day) ?? 0n) + amount);
  return draw(
    {
      grid,
      xAxis: { type: 'category', data: names.map((day) => day.slice(5)), ...axis, axisLabel: { ...text, interval: 6 } },
      yAxis: { type: 'value', ...axis, axisLine: { show: false }, splitLine: faint },
      series: [
        {
          type: 'bar',
          data: names.map((day) => Number(formatUnits(sums.get(day) ?? 0n, 18))),
          itemStyle: { color: colours['settled'] ?? bar, borderRadius: [3, 3, 0, 0] },
        },
      ],
    },
    `Earnings in ${name} by day`,
    `earned-${name}`,
  );
}

/** Asks by model, each bar split by state; the busiest ten models. */
export function asksChart({ asks, models }: Figures): string {
  const totals = new Map<string, number>();
  for (const { model, asks: n } of asks) totals.set(model, (totals.get(model) ?? 0) + n);
  const busiest = [...totals].sort(([, a], [, b]) => a - b).slice(-10);
  const names = busiest.map(([model]) => nameOf(model, models));
  const states = Object.keys(colours).filter((state) => asks.some((one) => one.state === state));
  return draw(
    {
      ...splitBars(names, states),
      series: states.map((state) => ({
        ...splitBar,
        name: state,
        itemStyle: { color: colours[state] ?? bar },
        data: busiest.map(([model]) => asks.find((one) => one.model === model && one.state === state)?.asks ?? 0),
      })),
    },
    'Asks by model and state',
    'asks',
    splitHeight(names, states),
  );
}

/** How long askers waited. */
export function waitedChart({ waited }: Figures): string {
  const label = (le: number, index: number): string =>
    Number.isFinite(le) ? `≤ ${le} s` : `> ${waited.buckets[index - 1]?.le ?? 0} s`;
  return bars(
    waited.buckets.map(({ le, asks }, index) => [label(le, index), asks]),
    colours['delivered'] ?? bar,
    'Answers by the time from ask to delivery',
    'waited',
  );
}

/** Model runs without an answer by provider, each bar split by cause. */
export function failuresChart(failures: readonly Failures[]): string {
  const total = (provider: string): number =>
    failures.filter((one) => one.provider === provider).reduce((sum, { runs }) => sum + runs, 0);
  const providers = [...new Set(failures.map(({ provider }) => provider))].sort((a, b) => total(a) - total(b));
  const codes = [...new Set(failures.map(({ code }) => code))].sort();
  return draw(
    {
      ...splitBars(providers, codes),
      series: codes.map((code, index) => ({
        ...splitBar,
        name: code,
        itemStyle: { color: causes[index % causes.length] ?? bar },
        data: providers.map(
          (provider) => failures.find((one) => one.provider === provider && one.code === code)?.runs ?? 0,
        ),
      })),
    },
    'Model runs without an answer, by provider and cause',
    'failures',
    splitHeight(providers, codes),
  );
}

const splitBar = { type: 'bar', stack: 'all', barMaxWidth: 26 } as const;
const partsInALine = 5;
const legendLines = (parts: readonly string[]): number => Math.ceil(parts.length / partsInALine);
const splitHeight = (names: readonly string[], parts: readonly string[]): number =>
  Math.max(140, 70 + names.length * 34) + (legendLines(parts) - 1) * 24;

/** A lying bar for each name, split into parts that the legend names. */
function splitBars(names: readonly string[], parts: readonly string[]): ChartOption {
  return {
    grid: { ...grid, left: 20, bottom: 12 + legendLines(parts) * 24 },
    legend: { bottom: 0, textStyle: text, itemWidth: 12, itemHeight: 12, itemGap: 20 },
    xAxis: { type: 'value', minInterval: 1, ...axis, splitLine: faint },
    yAxis: {
      type: 'category',
      data: [...names],
      ...axis,
      axisLabel: { ...text, width: 120, overflow: 'truncate' },
    },
  };
}

function bars(values: readonly (readonly [string, number])[], color: string, label: string, id: string): string {
  return draw(
    {
      grid,
      xAxis: {
        type: 'category',
        data: values.map(([name]) => name),
        ...axis,
        axisLabel: { ...text, interval: 0, rotate: 35 },
      },
      yAxis: { type: 'value', minInterval: 1, ...axis, axisLine: { show: false }, splitLine: faint },
      series: [
        {
          type: 'bar',
          barMaxWidth: 36,
          itemStyle: { color, borderRadius: [3, 3, 0, 0] },
          data: values.map(([, n]) => n),
        },
      ],
    },
    label,
    id,
  );
}

function draw(option: ChartOption, label: string, id: string, height = 220): string {
  return render(option, { width, height, label, id });
}

/** A seller's name for a model, cut; model 0 has none. */
export function nameOf(model: string, models: ReadonlyMap<string, string>): string {
  if (model === '0') return 'open asks';
  const name = (models.get(model) ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim();
  return name === '' ? `model ${model}` : `${[...name].slice(0, 40).join('')} (${model})`;
}
