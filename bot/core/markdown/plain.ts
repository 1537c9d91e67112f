/** Characters that mean something to CommonMark, GFM (bare links, tables, strikethrough) or a chat platform (mentions, commands). */
const markup = /[\\`*_{}[\]<>)#+\-.!|~&:@=/]/g;

/** Invisible, or turns the direction of what follows: never needed to show a text. */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|\u034f/gu;

/** Zero-width (non-)joiners that shape nothing: kept only after an emoji or a letter of a script that is written with them. */
const idleJoiner =
  /(?<![\p{Extended_Pictographic}\p{VS}\p{Emoji_Modifier}\p{sc=Arab}\p{sc=Syrc}\p{sc=Mong}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}\p{sc=Khmr}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}\p{Extended_Pictographic}])/gu;

/** More marks on one letter than any script uses ("Zalgo"). */
const piledMarks = /(\p{M}{6})\p{M}+/gu;

const rightToLeft = /[\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}\p{sc=Thaa}\p{sc=Nkoo}\p{sc=Adlm}]/u;

function visible(text: string): string {
  return text.toWellFormed().replace(hidden, '').replace(idleJoiner, '').replace(piledMarks, '$1');
}

function escaped(line: string): string {
  const clean = line.replace(markup, '\\$&');
  return rightToLeft.test(clean) ? `\u2068${clean}\u2069` : clean;
}

/**
 * Untrusted text (a name, a question, a reason) as CommonMark that shows it literally on one line, wherever in a line of ours it is put.
 * Line breaks and runs of white space become one space; invisible characters and direction overrides go, lone surrogates become
 * U+FFFD; text of a right-to-left script is isolated (U+2068 … U+2069) so that it can't reorder ours. Never longer than
 * twice the text plus 2.
 *
 * @example plain('**hi** @everyone') // '\\*\\*hi\\*\\* \\@everyone'
 */
export function plain(text: string): string {
  return escaped(visible(text).replace(/\s+/gu, ' ').trim());
}

/**
 * Untrusted text as a CommonMark block quote that shows it literally and keeps its lines (at most one blank line in a row).
 * Stands for itself: put a blank line before and after it.
 *
 * @param limit characters after which it ends in `…`
 */
export function quote(text: string, limit = Number.POSITIVE_INFINITY): string {
  const whole = visible(text)
    .replace(/\r\n?|[\u2028\u2029\v\f]/gu, '\n')
    .replace(/\n\s*\n/gu, '\n\n')
    .trim();
  const characters = limit < whole.length ? [...new Intl.Segmenter().segment(whole)].map(({ segment }) => segment) : [];
  const shown = characters.length > limit ? `${characters.slice(0, limit).join('').trimEnd()}…` : whole;
  return shown
    .split('\n')
    .map((line) => escaped(line.replace(/\s+/gu, ' ').trim()))
    .map((line, index, lines) => (line === '' ? '>' : `> ${line}${lines[index + 1] ? '\\' : ''}`))
    .join('\n');
}

/** Our own CommonMark as a terminal or a page shows it. */
export function withoutMarkup(text: string): string {
  return text.replace(/\*\*/g, '').replace(/\\([!-/:-@[-`{-~])/g, '$1');
}
