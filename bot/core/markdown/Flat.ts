import type { Time } from '../Times.ts';

/** A stretch of a text and what it is. Offsets count UTF-16 units. Those of one tree nest or are apart. `cut`: only a piece of it is here. */
export type Span = { from: number; to: number; cut?: true } & (
  | { type: 'bold' | 'italic' | 'strike' | 'code' | 'quote' | 'small' | 'escaped' | 'marker' }
  | { type: 'pre'; language: string }
  | { type: 'link'; url: string }
  | { type: 'heading'; depth: number }
  | ({ type: 'time' } & Time)
);

/** A formatted text as platforms think of it: the letters, and spans over them in the order in which they begin, the outer first. */
export type Flat = { text: string; spans: readonly Span[] };

const bare = (address: string) =>
  address
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/$/, '');

/** Whether a label hides nothing: it is the address itself, give or take the scheme and a slash at the end. */
export function sameAddress(label: string, url: string): boolean {
  return bare(label) === bare(url);
}

/** Several texts as one, `separator` between those that hold something. */
export function join(flats: readonly Flat[], separator = '\n\n'): Flat {
  let text = '';
  const spans: Span[] = [];
  for (const flat of flats) {
    if (flat.text.trim() === '') continue;
    if (text !== '') text += separator;
    const offset = text.length;
    text += flat.text;
    spans.push(...flat.spans.map((span) => ({ ...span, from: span.from + offset, to: span.to + offset })));
  }
  return { text, spans };
}

/** The first of the spans that reaches beyond `at`: they stand in order and apart from each other. @returns its index */
export function firstBeyond(spans: readonly Span[], at: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The stretch from `from` to `to` with the spans cut to it. */
export function slice({ text, spans }: Flat, from: number, to: number): Flat {
  return {
    text: text.slice(from, to),
    spans: spans
      .filter((span) => span.from < to && span.to > from)
      .map((span) => ({
        ...span,
        from: Math.max(span.from, from) - from,
        to: Math.min(span.to, to) - from,
        ...(span.from < from || span.to > to ? { cut: true } : {}),
      })),
  };
}
