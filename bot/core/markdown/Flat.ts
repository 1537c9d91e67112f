import type { Block, Cell, Inline, Item } from './Tree.ts';
import { alignedTable } from './table.ts';

/** A stretch of a text and what it is. Offsets count UTF-16 units. Those of one tree nest or are apart. `cut`: only a piece of it is here. */
export type Span = { from: number; to: number; cut?: true } & (
  | { type: 'bold' | 'italic' | 'strike' | 'code' | 'quote' | 'small' | 'escaped' | 'marker' }
  | { type: 'pre'; language: string }
  | { type: 'link'; url: string }
  | { type: 'heading'; depth: number }
);

/** A formatted text as platforms think of it: the letters, and spans over them. */
export type Flat = { text: string; spans: readonly Span[] };

/** How a platform writes what it has no span for. */
export type Style = {
  bullet: string;
  /** `masked`: a link may hide behind a label. `shown`: its address is written beside a label that differs from it. */
  links: 'masked' | 'shown';
};

type Look =
  | { type: 'bold' | 'italic' | 'strike' | 'code' | 'quote' | 'escaped' | 'marker' }
  | { type: 'pre'; language: string }
  | { type: 'link'; url: string }
  | { type: 'heading'; depth: number };

const inlineLook = { strong: 'bold', emphasis: 'italic', strike: 'strike' } as const;
const widestTable = 76;

/** The tree as text and spans. */
export function flatten(tree: readonly Block[], style: Style): Flat {
  let text = '';
  const spans: Span[] = [];
  const write = (letters: string) => {
    text += letters;
  };

  function within(look: Look, content: () => void): void {
    const from = text.length;
    const place = spans.length;
    content();
    if (text.length > from) spans.splice(place, 0, { ...look, from, to: text.length });
  }

  function gap(lines: number): void {
    if (text === '') return;
    let present = 0;
    while (present < lines && text[text.length - 1 - present] === '\n') present++;
    write('\n'.repeat(lines - present));
  }

  function inline(node: Inline): void {
    switch (node.type) {
      case 'text':
        if (node.escaped) within({ type: 'escaped' }, () => write(node.text));
        else write(node.text);
        break;
      case 'break':
        write('\n');
        break;
      case 'code':
        within({ type: 'code' }, () => write(node.text));
        break;
      case 'link':
        link(node.url, node.children);
        break;
      default:
        within({ type: inlineLook[node.type] }, () => node.children.forEach(inline));
    }
  }

  function link(url: string, children: readonly Inline[]): void {
    const label = lettersOf(children).trim();
    if (label === '') within({ type: 'link', url }, () => write(url));
    else if (style.links === 'masked') within({ type: 'link', url }, () => children.forEach(inline));
    else if (sameAddress(label, url)) within({ type: 'link', url }, () => write(label));
    else {
      children.forEach(inline);
      write(' (');
      within({ type: 'link', url }, () => write(url));
      write(')');
    }
  }

  function item({ checked, children }: Item, marker: string, indent: string): void {
    gap(1);
    write(indent);
    within({ type: 'marker' }, () => write(marker));
    if (checked !== undefined) write(checked ? '☑ ' : '☐ ');
    children.forEach((child, index) => {
      if (index > 0) gap(1);
      block(child, indent + ' '.repeat(marker.length), index === 0);
    });
  }

  function block(node: Block, indent = '', afterMarker = false): void {
    if (afterMarker && node.type !== 'paragraph' && node.type !== 'heading') gap(1);
    switch (node.type) {
      case 'paragraph':
        if (!afterMarker) write(indent);
        node.children.forEach(inline);
        break;
      case 'heading':
        within({ type: 'heading', depth: node.depth }, () => node.children.forEach(inline));
        break;
      case 'code':
        if (node.text.trim() === '') break;
        within({ type: 'pre', language: node.language }, () =>
          write(node.text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()),
        );
        break;
      case 'quote':
        within({ type: 'quote' }, () => series(node.children, indent));
        break;
      case 'list':
        node.items.forEach((each, index) => {
          item(each, node.start === undefined ? `${style.bullet} ` : `${node.start + index}. `, indent);
        });
        break;
      case 'table':
        table(node, indent);
        break;
      case 'rule':
        write('──────────');
    }
  }

  function table(node: Extract<Block, { type: 'table' }>, indent: string): void {
    const cells = (row: readonly Cell[]) => row.map((cell) => lettersOf(cell).replace(/\s+/g, ' ').trim());
    const aligned = alignedTable(cells(node.header), node.rows.map(cells), node.align, widestTable);
    if (aligned !== undefined) within({ type: 'pre', language: '' }, () => write(aligned));
    else block({ type: 'list', start: undefined, items: asRecords(node) }, indent);
  }

  function series(nodes: readonly Block[], indent = ''): void {
    nodes.forEach((node, index) => {
      if (index > 0) gap(nodes[index - 1]?.type === 'heading' ? 1 : 2);
      block(node, indent);
    });
  }

  series(tree);
  return { text, spans };
}

/** A table too wide to be readable, as a list with one item a row. */
function asRecords({ header, rows }: Extract<Block, { type: 'table' }>): Item[] {
  return rows.map((row) => ({
    children: [
      {
        type: 'paragraph',
        children: row.flatMap((cell, column): Inline[] => [
          ...(column > 0 ? [{ type: 'break' } as const, { type: 'text', text: '    ' } as const] : []),
          { type: 'strong', children: header[column] ?? [] },
          { type: 'text', text: ': ' },
          ...cell,
        ]),
      },
    ],
  }));
}

function lettersOf(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => (node.type === 'break' ? ' ' : 'children' in node ? lettersOf(node.children) : node.text))
    .join('');
}

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
