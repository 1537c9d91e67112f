import MarkdownIt, { type MarkdownIt as Parser, type StateInline } from 'markdown-it';
import { timeAtStart } from '../Times.ts';

/** Quotes and lists inside each other, and emphasis: what is deeper is not read as Markdown. */
export const deepestNesting = 100;

/** Nobody writes deeper on purpose: what is inside shows as it was written. */
export const deepestShown = 24;

/** Longest formula. UTF-16 units. */
const longestFormula = 4_000;

const parentheses = { '(': '\\)', '[': '\\]' } as const;
const dollars = /\$\$[^$]+?\$\$|\$(?=\S)[^\n$`]*[\\^_{][^\n$`]*(?<=\S)\$(?!\d)/y;

/** A formula stays as it was written: Markdown would eat its backslashes and read its underscores as emphasis. */
function formulaAt(source: string, from: number): string | undefined {
  if (source[from] === '$') {
    dollars.lastIndex = from;
    const found = dollars.exec(source)?.[0];
    return found !== undefined && found.length <= longestFormula ? found : undefined;
  }
  const opened = source[from] === '\\' ? source[from + 1] : undefined;
  if (opened !== '(' && opened !== '[') return undefined;
  const near = source.slice(from, from + longestFormula);
  const end = near.indexOf(parentheses[opened], 3);
  return end < 0 ? undefined : near.slice(0, end + 2);
}

/** Takes what `found` says stands at a place as one token of this type. */
function rule(type: string, found: (source: string, from: number) => string | undefined) {
  return (state: StateInline, silent: boolean): boolean => {
    const raw = found(state.src, state.pos);
    if (raw === undefined) return false;
    if (!silent) state.push(type, '', 0).content = raw;
    state.pos += raw.length;
    return true;
  };
}

/**
 * CommonMark with GFM's tables, strikethrough and bare links. It takes time in proportion to the text whatever the text is: a
 * model's answer may be made to cost as much as it can. Addresses come as they were written, of any scheme: what is one is judged by
 * whoever shows it.
 */
function parser(): Parser {
  const markdown = new MarkdownIt({ linkify: true, maxNesting: deepestNesting });
  // Kept apart from the text around them.
  markdown.core.ruler.disable('text_join');
  const asWritten = (text: string): string => text;
  Object.assign(markdown, { validateLink: () => true, normalizeLink: asWritten, normalizeLinkText: asWritten });
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false }).add('//', null).add('ftp:', null);
  return markdown;
}

/** Of our own wording: times in it are times. */
export const ours = parser();
ours.inline.ruler.before(
  'escape',
  'time',
  rule('time', (source, from) => {
    if (source[from] !== '{') return undefined;
    const time = timeAtStart(source.slice(from, from + 40));
    return time && source.slice(from, from + time.length);
  }),
);

/** Of what models write. */
export const models = parser();
models.inline.ruler.before('escape', 'formula', rule('formula', formulaAt));
