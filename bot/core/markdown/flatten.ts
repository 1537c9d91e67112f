import type { Language } from '../I18n.ts';
import { type Time, timeInUtc } from '../Times.ts';
import { type Flat, type Span, sameAddress } from './Flat.ts';
import type { Block, Cell, Inline, Item } from './Tree.ts';
import { alignedTable } from './table.ts';

/** How a platform writes what it has no span for. */
export type Style = {
  bullet: string;
  /** `masked`: a link may hide behind a label. `shown`: its address is written beside a label that differs from it. */
  links: 'masked' | 'shown';
  /** What times are spelled in where a platform shows none of its own. */
  language: Language;
};

type Look =
  | { type: 'bold' | 'italic' | 'strike' | 'code' | 'quote' | 'escaped' | 'marker' }
  | { type: 'pre'; language: string }
  | { type: 'link'; url: string }
  | { type: 'heading'; depth: number }
  | ({ type: 'time' } & Time);

const inlineLook = { strong: 'bold', emphasis: 'italic', strike: 'strike' } as const;
const widestTable = 76;

/** The tree as text and spans. */
export function flatten(tree: readonly Block[], style: Style): Flat {
  let text = '';
  /** How many line ends the text ends with. Reading them from a text that grows would copy it each time. */
  let lineEnds = 0;
  const spans: Span[] = [];
  const write = (letters: string) => {
    let ends = 0;
    while (ends < letters.length && letters[letters.length - 1 - ends] === '\n') ends++;
    lineEnds = ends === letters.length ? lineEnds + ends : ends;
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
    write('\n'.repeat(Math.max(0, lines - lineEnds)));
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
      case 'time':
        within(node, () => write(timeInUtc(node, style.language)));
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
    .map((node) =>
      node.type === 'break' || node.type === 'time' ? ' ' : 'children' in node ? lettersOf(node.children) : node.text,
    )
    .join('');
}
