/** UTF-8 bytes; the market refuses longer ones. */
const most = 256;
const characters = new Intl.Segmenter();

/** A reason as the market takes it: one line, at most 256 bytes, cut between characters. */
export function reasonText(text: string): string {
  const line = text.toWellFormed().replace(/\s+/g, ' ').trim();
  if (Buffer.byteLength(line) <= most) return line;
  let kept = '';
  let bytes = 0;
  for (const { segment } of characters.segment(line)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > most - 3) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
