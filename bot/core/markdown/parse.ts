import type { Token } from 'markdown-it';
import { clean } from './clean.ts';
import { inlines } from './inlines.ts';
import { deepestNesting, deepestShown, models, ours } from './parser.ts';
import type { Align, Block, Cell, Item } from './Tree.ts';

/**
 * Markdown (CommonMark with GFM's tables, strikethrough and bare links) as a tree. Raw HTML is text, pictures are links. Nothing
 * that was written is left out but what makes the form: where the source is nested too deep, it is one paragraph of text.
 *
 * @param from whose Markdown it is: in a model's, formulas are kept as written
 */
export function parse(markdown: string, from: 'us' | 'model' = 'model'): Block[] {
  const source = clean(markdown);
  const tokens = (from === 'us' ? ours : models).parse(source, {});
  if (tokens.some(({ level }) => level >= deepestNesting - 1)) return [paragraph(source)];
  return readBlocks(tokens, source.split('\n'));
}

const paragraph = (text: string): Block => ({ type: 'paragraph', children: [{ type: 'text', text }] });

function readBlocks(tokens: readonly Token[], lines: readonly string[]): Block[] {
  let at = 0;
  const next = (): Token | undefined => tokens[at++];
  const raw = (token: Token): string => lines.slice(...(token.map ?? [0, 0])).join('\n');

  /** The words of a heading, paragraph or cell, whose opening was just read: one token, and then its closing. */
  function content(): Cell {
    const words = next();
    at += 1;
    return inlines(words?.children ?? []);
  }

  function until(close: string | undefined, depth: number): Block[] {
    const found: Block[] = [];
    /** The line behind the last block of the whole. */
    let line = 0;
    for (let token = next(); token !== undefined && token.type !== close; token = next()) {
      if (close === undefined) found.push(...definitions(line, token.map?.[0]));
      line = token.map?.[1] ?? line;
      found.push(block(token, depth));
    }
    if (close === undefined) found.push(...definitions(line, lines.length));
    return found;
  }

  /** Where links lead that are only named in the text: the parser takes those lines away, a reader wants to see them. */
  function definitions(from: number, to = from): Block[] {
    const text = lines.slice(from, to).join('\n').trim();
    return text === '' ? [] : [paragraph(text)];
  }

  function block(token: Token, depth: number): Block {
    switch (token.type) {
      case 'heading_open':
        return { type: 'heading', depth: Number(token.tag.slice(1)), children: content() };
      case 'paragraph_open':
        return { type: 'paragraph', children: content() };
      case 'fence':
      case 'code_block':
        return {
          type: 'code',
          language: /^\S+/.exec(token.info)?.[0] ?? '',
          text: token.content.replace(/\n$/, ''),
        };
      case 'hr':
        return { type: 'rule' };
      case 'blockquote_open': {
        const children = until('blockquote_close', depth + 1);
        return depth >= deepestShown ? paragraph(raw(token)) : { type: 'quote', children };
      }
      case 'bullet_list_open':
      case 'ordered_list_open': {
        const ordered = token.type === 'ordered_list_open';
        const items = series('list_item_open', ordered ? 'ordered_list_close' : 'bullet_list_close', () =>
          itemOf(until('list_item_close', depth + 1)),
        );
        if (depth >= deepestShown) return paragraph(raw(token));
        return { type: 'list', start: ordered ? Number(token.attrGet('start') ?? 1) : undefined, items };
      }
      case 'table_open':
        return table();
      default:
        return paragraph(token.content);
    }
  }

  /** What `read` makes of each `open`, up to `close`. */
  function series<One>(open: string, close: string, read: (token: Token) => One): One[] {
    const all: One[] = [];
    for (let token = next(); token !== undefined && token.type !== close; token = next())
      if (token.type === open) all.push(read(token));
    return all;
  }

  function table(): Block {
    const align: Align[] = [];
    const [header = []] = series('tr_open', 'thead_close', () =>
      series('th_open', 'tr_close', (cell) => {
        align.push(alignOf(cell));
        return content();
      }),
    );
    const rows: (readonly Cell[])[] = [];
    for (let token = next(); token !== undefined && token.type !== 'table_close'; token = next())
      if (token.type === 'tr_open') rows.push(series('td_open', 'tr_close', () => content()));
    return { type: 'table', header, rows, align };
  }

  return until(undefined, 0);
}

function alignOf(cell: Token): Align {
  const found = /text-align:(left|center|right)/.exec(String(cell.attrGet('style') ?? ''))?.[1];
  return found === 'left' || found === 'center' || found === 'right' ? found : null;
}

/** GFM's tasks: `- [x] done`. */
function itemOf(children: Block[]): Item {
  const [first, ...others] = children;
  if (first?.type !== 'paragraph') return { children };
  const [words, ...rest] = first.children;
  const box = words?.type === 'text' && !words.escaped ? /^\[([ xX])\]\s+/.exec(words.text) : null;
  if (words?.type !== 'text' || box === null) return { children };
  const text = { type: 'text' as const, text: words.text.slice(box[0].length) };
  return { checked: box[1] !== ' ', children: [{ type: 'paragraph', children: [text, ...rest] }, ...others] };
}
