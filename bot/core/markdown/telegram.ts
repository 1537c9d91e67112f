import { type Flat, firstBeyond, type Span } from './Flat.ts';
import { compose, type Section, sectionsOf } from './Section.ts';
import { split } from './split.ts';

/** Telegram's own limits for a text message, after entities. */
export const telegramLimits = { units: 4_096, entities: 100 } as const;

/** A `MessageEntity` as `sendMessage` takes it; offsets count UTF-16 units. */
export type TelegramEntity = { offset: number; length: number } & (
  | { type: 'bold' | 'italic' | 'strikethrough' | 'code' | 'blockquote' }
  | { type: 'pre'; language?: string }
  | { type: 'text_link'; url: string }
  | { type: 'date_time'; unix_time: number; date_time_format: 't' | 'dt' | 'r' }
);
export type TelegramText = { text: string; entities: TelegramEntity[] };

/** What Telegram turns by itself into a mention or a command that runs when touched, unless it is code. */
const liveText =
  /(?<![A-Za-z0-9_/<>])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![A-Za-z0-9_/<>])|(?<![A-Za-z0-9_])@[A-Za-z0-9_]{2,}/g;

/**
 * Markdown as Telegram messages: text and entities, no parse mode, so nothing in it can break the formatting.
 * Mentions and commands in a model's text (in ours: in what went through `plain`) become code, which pings and runs nothing.
 * A plain string is a model's. Nothing to show gives no message.
 */
export function toTelegram(markdown: string | readonly Section[]): TelegramText[] {
  const flat = compose(sectionsOf(markdown), '•', (each, section) => exclusiveCode(quiet(each, section.from)));
  const fits = (part: Flat) =>
    part.text.length <= telegramLimits.units &&
    entitiesOf(quietAtCuts(part, true, true)).length <= telegramLimits.entities;
  return split(flat, telegramLimits.units, fits)
    .map((part, index, { length }) => quietAtCuts(part, index > 0, index < length - 1))
    .filter(({ text }) => /[^\s\p{Cf}\u2800\u3164]/u.test(text))
    .map((part) => ({ text: part.text, entities: entitiesOf(part) }));
}

/** A cut can bring to life what its neighbour kept from being a command: `<` before `/ask`, or `>` after it. */
function quietAtCuts(part: Flat, isCutBefore: boolean, isCutAfter: boolean): Flat {
  const isFixed = (at: number) => part.spans.some(({ type, from, to }) => asTyped.has(type) && from <= at && at < to);
  const alive = [...part.text.matchAll(liveText)]
    .map((match): Span => ({ type: 'code', from: match.index, to: match.index + match[0].length }))
    .filter(
      ({ from, to }) => ((isCutBefore && from === 0) || (isCutAfter && to === part.text.length)) && !isFixed(from),
    );
  return alive.length === 0 ? part : exclusiveCode({ text: part.text, spans: [...part.spans, ...alive] });
}

/** Inside of these nothing comes alive. */
const asTyped: ReadonlySet<Span['type']> = new Set(['code', 'pre', 'link'] as const);

function quiet(flat: Flat, from: Section['from']): Flat {
  const isFixed = covered(flat.spans.filter(({ type }) => asTyped.has(type)));
  const escaped = new Set(flat.spans.filter(({ type }) => type === 'escaped').map((span) => span.from));
  const added: Span[] = [];
  for (const match of flat.text.matchAll(liveText)) {
    const range = { from: match.index, to: match.index + match[0].length };
    if (isFixed(range)) continue;
    if (from === 'model' || escaped.has(range.from)) added.push({ type: 'code', ...range });
  }
  if (added.length === 0) return flat;
  const isTouched = ({ type, from, to }: Span): boolean =>
    type === 'code' && (added[firstBeyond(added, from)]?.from ?? to) < to;
  const apart = flat.spans.filter((span) => !isTouched(span));
  const touched = flat.spans.filter(isTouched);
  return { text: flat.text, spans: [...apart, ...united([...added, ...touched])] };
}

type Range = Pick<Span, 'from' | 'to'>;

/** Whether one of the spans covers a range; asked for one range after the other in the text's order. */
function covered(spans: readonly Span[]): (range: Range) => boolean {
  let next = 0;
  let reach = 0;
  return ({ from, to }) => {
    for (let span = spans[next]; span !== undefined && span.from <= from; span = spans[++next])
      reach = Math.max(reach, span.to);
    return reach >= to;
  };
}

function united(codes: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const code of codes.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last && code.from < last.to) last.to = Math.max(last.to, code.to);
    else whole.push({ type: 'code', from: code.from, to: code.to });
  }
  return whole;
}

/** Telegram allows no other entity in or around code, but for a block quote: the others are cut out of it. */
function exclusiveCode(flat: Flat): Flat {
  const code = flat.spans.filter(({ type }) => type === 'code' || type === 'pre').toSorted((a, b) => a.from - b.from);
  const others = flat.spans.filter(({ type }) => type !== 'code' && type !== 'pre');
  const cut = others.flatMap((span): Span[] => {
    if (span.type === 'quote' || span.type === 'small' || span.type === 'escaped' || span.type === 'marker')
      return [span];
    const pieces: Span[] = [];
    let from = span.from;
    for (let next = firstBeyond(code, from); next < code.length; next++) {
      const hole = code[next];
      if (hole === undefined || hole.from >= span.to) break;
      if (hole.from > from) pieces.push({ ...span, from, to: hole.from });
      from = hole.to;
    }
    return from < span.to ? [...pieces, { ...span, from }] : pieces;
  });
  return { text: flat.text, spans: [...cut, ...code] };
}

/** Telegram's names for how a time is shown. */
const timeFormats = { t: 't', f: 'dt', R: 'r' } as const;

const languageName = /^[A-Za-z0-9_+#.-]{1,32}$/;

function entitiesOf({ text, spans }: Flat): TelegramEntity[] {
  const found = spans.flatMap((span): TelegramEntity[] => {
    const place = { offset: span.from, length: span.to - span.from };
    if (text.slice(span.from, span.to).trim() === '') return [];
    switch (span.type) {
      case 'bold':
      case 'heading':
        return [{ type: 'bold', ...place }];
      case 'italic':
      case 'code':
        return [{ type: span.type, ...place }];
      case 'strike':
        return [{ type: 'strikethrough', ...place }];
      case 'quote':
        return [{ type: 'blockquote', ...place }];
      case 'pre':
        return [{ type: 'pre', ...place, ...(languageName.test(span.language) ? { language: span.language } : {}) }];
      case 'link':
        return [{ type: 'text_link', ...place, url: span.url }];
      case 'time':
        return span.cut
          ? []
          : [{ type: 'date_time', ...place, unix_time: span.at, date_time_format: timeFormats[span.style] }];
      default:
        return [];
    }
  });
  const ends = new Map<string, number>();
  return found
    .toSorted((a, b) => a.offset - b.offset || b.length - a.length)
    .filter(({ type, offset, length }) => {
      const nested = offset + length <= (ends.get(type) ?? 0);
      if (!nested) ends.set(type, offset + length);
      return !nested;
    });
}
