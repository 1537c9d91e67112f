/** One family of the Prometheus text format. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export type Family = {
  name: string;
  help: string;
  type: string;
  samples: { name: string; labels: Readonly<Record<string, string>>; value: number }[];
};

const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\[\\"n]|[^\\"\n])*)"(?:,|$)/y;
const suffixes = /_(?:bucket|sum|count)$/;

/** @throws Error on whatever a scraper would refuse: unknown lines, samples outside of their family, doubles, wrong labels */
export function parseExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | undefined;
  if (!text.endsWith('\n')) throw new Error('The last line does not end.');
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') {
        if (families.has(name)) throw new Error(`${name} comes twice.`);
        current = { name, help: rest, type: 'untyped', samples: [] };
        families.set(name, current);
      } else {
        if (current?.name !== name || current.samples.length > 0) throw new Error(`The type of ${name} stands alone.`);
        if (!/^(?:counter|gauge|histogram|summary)$/.test(rest)) throw new Error(`${rest} is no type.`);
        current.type = rest;
      }
      continue;
    }
    if (line === '') continue;
    const found = sample.exec(line);
    if (!found) throw new Error(`No sample: ${line}`);
    const [, name = '', inner = '', value = ''] = found;
    const family = current?.type === 'histogram' || current?.type === 'summary' ? name.replace(suffixes, '') : name;
    if (current === undefined || family !== current.name) throw new Error(`${name} is outside of its family.`);
    if (seen.has(`${name}{${inner}}`)) throw new Error(`${name}{${inner}} comes twice.`);
    seen.add(`${name}{${inner}}`);
    current.samples.push({ name, labels: labelsOf(inner), value: numberOf(value) });
  }
  return families;
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  let end = 0;
  for (let match = label.exec(text); match; match = label.exec(text)) {
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    end = label.lastIndex;
  }
  if (end !== text.length) throw new Error(`No labels: ${text}`);
  return labels;
}

function numberOf(text: string): number {
  if (text === '+Inf' || text === '-Inf') return text === '+Inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (text === 'NaN' || text === 'Nan') return Number.NaN;
  const value = Number(text);
  if (text === '' || Number.isNaN(value)) throw new Error(`${text} is no number.`);
  return value;
}
