import { type Flat, slice } from './Flat.ts';

const segmenter = new Intl.Segmenter();
const space = /\s/;

/**
 * Cuts a text into parts that all fit, at the best place near the end of each: between paragraphs, lines, words, and only inside a
 * word longer than a part between two characters as people see them. The white space at a cut is dropped (inside code one line
 * end only), nothing else is. Spans go on in the next part.
 *
 * @param longest no part has more UTF-16 units
 * @param fits whether a part is within the platform's limits; what fits must fit when shortened, give or take a few units
 */
export function split(flat: Flat, longest: number, fits: (part: Flat) => boolean): Flat[] {
  const { text } = flat;
  const code = flat.spans.filter((span) => span.type === 'pre');
  const insideCode = (at: number) => code.some((span) => span.from < at && at < span.to);
  const characters = segmenter.segment(text);
  /** Where the character begins, as people see it, that `at` is in. */
  const characterAt = (at: number) => characters.containing(at)?.index ?? at;
  const isApart = (at: number) => characterAt(at) === at;
  const parts: Flat[] = [];
  let from = 0;
  for (;;) {
    from = skipSpace(from);
    if (from >= text.length) return parts;
    const start = from;
    // The spans that no part from here reaches are left out once, not at every try.
    const near = slice(flat, start, start + longest);
    const partTo = (end: number) => slice(near, 0, end - start);
    const end =
      text.length - start <= longest && fits(near) ? text.length : cutAfter(start, (end) => fits(partTo(end)));
    let last = end;
    while (last > start && space.test(text.charAt(last - 1))) last--;
    if (last > start) parts.push(partTo(last));
    from = end;
  }

  function skipSpace(start: number): number {
    if (insideCode(start)) return text[start] === '\n' && text[start - 1] !== '\n' ? start + 1 : start;
    let at = start;
    while (at < text.length && space.test(text.charAt(at)) && !code.some((span) => span.from === at)) at++;
    // An accent can stand on a space.
    return at > start && at < text.length ? Math.max(start, characterAt(at)) : at;
  }

  function cutAfter(start: number, fitsTo: (end: number) => boolean): number {
    let low = start + 1;
    let high = Math.min(text.length, start + longest);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (fitsTo(middle)) low = middle;
      else high = middle - 1;
    }
    let end = goodPlace(start, low);
    while (end > start + 2 && !fitsTo(end)) end = goodPlace(start, end - 1);
    return end;
  }

  function goodPlace(start: number, most: number): number {
    const least = (share: number) => start + Math.ceil((most - start) * share);
    const paragraph = lastBreak('\n\n', least(0.4), most, false);
    const line = paragraph ?? lastBreak('\n', least(0.5), most, false) ?? lastBreak('\n', least(0.3), most, true);
    return line ?? lastWord(least(0.1), most) ?? character(start, most);
  }

  function lastBreak(mark: string, least: number, most: number, inCode: boolean): number | undefined {
    for (let at = text.lastIndexOf(mark, most - 1); at >= least; at = text.lastIndexOf(mark, at - 1)) {
      if (inCode || !insideCode(at)) return at + 1;
    }
    return undefined;
  }

  function lastWord(least: number, most: number): number | undefined {
    if (most < text.length && space.test(text.charAt(most)) && isApart(most) && isApart(most + 1)) return most;
    for (let at = most; at > least; at--) {
      if (space.test(text.charAt(at - 1)) && isApart(at)) return at;
    }
    return undefined;
  }

  function character(start: number, most: number): number {
    if (most >= text.length) return text.length;
    const boundary = characterAt(most);
    if (boundary > start) return boundary;
    const low = text.charCodeAt(most) & 0xfc00;
    return low === 0xdc00 && most - 1 > start ? most - 1 : most;
  }
}
