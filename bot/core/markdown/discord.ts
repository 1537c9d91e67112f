import { type Flat, type Span, sameAddress } from './Flat.ts';
import { compose, type Section, sectionsOf } from './Section.ts';
import { split } from './split.ts';

/** Discord's limit for a message's content. */
export const discordLimit = 2_000;

/**
 * Markdown as Discord messages, each within the limit as sent, with fences and formatting closed at a cut and opened again after it.
 * Mentions, custom emoji, timestamps and command links show as written (`allowedMentions` must be empty all the same);
 * a link of a model's whose label differs from its address shows both. A plain string is a model's. Nothing to show gives no message.
 */
export function toDiscord(markdown: string | readonly Section[]): string[] {
  const flat = compose(sectionsOf(markdown), '-', (each) => each);
  return split(flat, discordLimit, (part) => written(part).length <= discordLimit)
    .map(written)
    .filter((content) => /[^\s\p{Cf}\u2800\u3164>]/u.test(content));
}

/** A flat text in Discord's Markdown. */
function written(flat: Flat): string {
  const lines: string[] = [];
  let at = 0;
  for (const block of flat.spans.filter((span) => span.type === 'pre')) {
    if (block.from > at) lines.push(...linesOf(flat, at, block.from - (flat.text[block.from - 1] === '\n' ? 1 : 0)));
    const prefix = prefixAt(flat, block.from);
    lines.push(...fenced(flat.text.slice(block.from, block.to), block.language).map((line) => prefix + line));
    at = block.to + (flat.text[block.to] === '\n' ? 1 : 0);
  }
  if (at < flat.text.length) lines.push(...linesOf(flat, at, flat.text.length));
  return lines.join('\n').trim();
}

const prefixAt = (flat: Flat, at: number) =>
  flat.spans.some((span) => span.type === 'quote' && span.from <= at && at <= span.to) ? '> ' : '';

/** Code in a fence. Discord knows no longer fences: a line that would close it stands between two fences. Blank lines need none. */
function fenced(code: string, language: string): string[] {
  const name = /^[a-z0-9_+\-.#]{1,32}$/i.test(language) ? language : '';
  const closes = (line: string) => line.includes('```');
  const lines = code.split('\n');
  const written: string[] = [];
  for (let from = 0; from < lines.length; ) {
    let to = from + 1;
    while (to < lines.length && closes(lines[to] ?? '') === closes(lines[from] ?? '')) to++;
    const run = lines.slice(from, to);
    if (closes(run[0] ?? '')) written.push(...run.map((line) => escapeText(line, true)));
    else if (run.every((line) => line.trim() === '')) written.push(...run);
    else written.push(`\`\`\`${name}`, ...run, '```');
    from = to;
  }
  return written;
}

/** A text may have as many spans as lines, so each line looks at those alone that reach into it. */
function linesOf(flat: Flat, from: number, to: number): string[] {
  const lines: string[] = [];
  const quotes = { ...flat, spans: flat.spans.filter(({ type }) => type === 'quote') };
  let open: Span[] = [];
  let next = 0;
  let start = from;
  for (const line of flat.text.slice(from, to).split('\n')) {
    const end = start + line.length;
    open = open.filter((span) => span.to > start);
    for (let span = flat.spans[next]; span !== undefined && span.from < end; span = flat.spans[++next])
      if (span.to > start) open.push(span);
    lines.push(prefixAt(quotes, start) + lineOf(flat.text, open, start, end));
    start = end + 1;
  }
  return lines;
}

function lineOf(text: string, spans: readonly Span[], from: number, to: number): string {
  const content = inline(text, spans, from, to, true);
  if (content.trim() === '') return '';
  const heading = spans.find((span) => span.type === 'heading');
  if (heading)
    return heading.depth <= 3 ? `${'#'.repeat(heading.depth)} ${content.trimStart()}` : `**${content.trim()}**`;
  return spans.some((span) => span.type === 'small') ? `-# ${content.trimStart()}` : content;
}

const inlineTypes: ReadonlySet<Span['type']> = new Set([
  'bold',
  'italic',
  'strike',
  'code',
  'link',
  'marker',
  'time',
] as const);

/** The stretch with its inline formatting, the outermost first. */
function inline(text: string, spans: readonly Span[], from: number, to: number, lineStart: boolean): string {
  let result = '';
  let at = from;
  const onlyMarkers = () => lineStart && /^[\s\-\d.☐☑]*$/.test(result);
  const inner = spans
    .filter(({ type }) => inlineTypes.has(type))
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.from < span.to);
  inner.forEach((span, index) => {
    if (span.from < at) return;
    result += escapeText(text.slice(at, span.from), onlyMarkers());
    // They stand in the order in which they begin: those inside follow at once.
    let next = index + 1;
    while ((inner[next]?.from ?? span.to) < span.to) next++;
    const within = inner.slice(index + 1, next);
    // Written once: twice at each depth would take for ever.
    const content = inline(text, within, span.from, span.to, onlyMarkers());
    const piece = decorated(text, span, within, content, onlyMarkers());
    result += clashes(result, piece) ? content : piece;
    at = span.to;
  });
  return result + escapeText(text.slice(at, to), onlyMarkers());
}

/** Whether Discord would take the end of one formatting and the start of the next for something else. */
function clashes(before: string, next: string): boolean {
  return /(?<!\\)\*$/.test(before) ? next.startsWith('*') : /(?<!\\)[~_]$/.test(before) && /^[~_]/.test(next);
}

function decorated(text: string, span: Span, within: readonly Span[], content: string, lineStart: boolean): string {
  const letters = text.slice(span.from, span.to);
  // Discord looks for the end of bold before it looks for code: code that holds the mark would end it too early.
  const breaks = (mark: string) =>
    within.some((each) => each.type === 'code' && text.slice(each.from, each.to).includes(mark));
  switch (span.type) {
    case 'bold':
      return breaks('*') ? content : wrapped('**', content);
    case 'strike':
      return breaks('~') ? content : wrapped('~~', content);
    case 'italic': {
      const mark = italicMark(text, span, content);
      return breaks(mark) ? content : wrapped(mark, content);
    }
    case 'code':
      return codeSpan(letters, lineStart);
    case 'marker':
      return letters;
    case 'time':
      return span.cut ? escapeText(letters, lineStart) : `<t:${span.at}:${span.style}>`;
    case 'link':
      if (span.cut || !/\S/.test(letters)) return content;
      return sameAddress(letters, span.url)
        ? `<${inertAddress(span.url)}>`
        : `[${content}](<${inertAddress(span.url)}>)`;
    default:
      return escapeText(letters, lineStart);
  }
}

/** The same address, without what Discord would read as formatting or a mention in it. */
function inertAddress(url: string): string {
  return url.replace(/[*`|]|~~|@(?=everyone|here)/g, (mark) =>
    [...mark].map((letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`).join(''),
  );
}

/** `_` can't be mistaken for bold, but works only between words. */
function italicMark(text: string, span: Span, content: string): string {
  const word = /[\p{L}\p{N}_]/u;
  const between = !word.test(text.charAt(span.from - 1)) && !word.test(text.charAt(span.to));
  return between && !/(?<!\\)_/.test(content) ? '_' : '*';
}

function wrapped(mark: string, content: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(content) ?? [];
  return inner === '' ? content : `${before}${mark}${inner}${mark}${after}`;
}

function codeSpan(code: string, lineStart: boolean): string {
  const runs = new Set((code.match(/`+/g) ?? []).map((run) => run.length));
  const mark = runs.has(1) ? (runs.has(2) ? undefined : '``') : '`';
  if (mark === undefined || code.trim() === '' || (mark === '``' && /^`{2}/.test(code)))
    return escapeText(code, lineStart);
  return `${mark}${code.startsWith('`') ? ' ' : ''}${code}${code.endsWith('`') ? ' ' : ''}${mark}`;
}

/** Letters that Discord shows as they are, at the start of a line or inside it. */
function escapeText(text: string, lineStart: boolean): string {
  const escaped = text
    .replace(/[\\*_~`|<@[\]]/g, '\\$&')
    .replace(/:(?=\/\/|[\w+~-]+:)/g, '\\:')
    .replace(/\b(discord(?:app)?)\.(?=gg|com)/gi, '$1\\.');
  if (!lineStart) return escaped;
  return escaped.replace(/^(\s*)(?:([#>+-])|(\d+)([.)]))/, (_, indent, mark, digits, stop) =>
    mark === undefined ? `${indent}${digits}\\${stop}` : `${indent}\\${mark}`,
  );
}
