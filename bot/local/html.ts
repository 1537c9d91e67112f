import type { Language } from '../core/I18n.ts';
import { parse } from '../core/markdown/parse.ts';
import type { Block, Cell, Inline, Item } from '../core/markdown/Tree.ts';
import { type Time, timeInUtc } from '../core/Times.ts';

/** What was rendered lately: every window asks for the same lines. */
const rendered = new Map<string, string>();
const mostRendered = 500;

/**
 * Markdown as HTML that can do nothing: only the tags written in this file come out, every character of the source is
 * escaped, HTML in the source is shown as text, images become links, and links are http or https.
 * @param options.own our own wording, and its language: transaction hashes and addresses in code get a copy button, times are marked
 */
export function renderHtml(markdown: string, options: { own?: Language } = {}): string {
  const { own } = options;
  const key = `${own} ${markdown}`;
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const html = blocks(parse(markdown, own === undefined ? 'model' : 'us'), { own });
  if (rendered.size >= mostRendered) rendered.delete(rendered.keys().next().value ?? key);
  rendered.set(key, html);
  return html;
}

/** Every character that means something in HTML text or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

type Context = { own: Language | undefined };

function blocks(tree: readonly Block[], context: Context): string {
  return tree.map((each) => block(each, context)).join('');
}

function block(node: Block, context: Context): string {
  switch (node.type) {
    case 'paragraph':
      return tag('p', inline(node.children, context));
    case 'heading':
      // The page's own headings are 1 and 2.
      return tag(`h${Math.min(6, node.depth + 2)}`, inline(node.children, context));
    case 'quote':
      return tag('blockquote', blocks(node.children, context));
    case 'rule':
      return '<hr>';
    case 'code':
      return codeBlock(node);
    case 'list':
      return list(node, context);
    case 'table':
      return table(node, context);
  }
}

function inline(nodes: readonly Inline[], context: Context): string {
  return nodes.map((node) => span(node, context)).join('');
}

const tags = { strong: 'strong', emphasis: 'em', strike: 'del' } as const;

function span(node: Inline, context: Context): string {
  switch (node.type) {
    case 'text':
      return escapeHtml(node.text).replaceAll('\n', '<br>');
    case 'break':
      return '<br>';
    case 'code':
      return context.own && isHash(node.text) ? hash(node.text) : tag('code', escapeHtml(node.text));
    case 'link':
      return link(node.url, inline(node.children, context));
    case 'time':
      return time(node, context.own ?? 'en');
    default:
      return tag(tags[node.type], inline(node.children, context));
  }
}

/** In UTC until a page's script knows better. */
function time({ at, style }: Time, language: Language): string {
  return `<time datetime="${new Date(at * 1_000).toISOString()}" data-style="${style}">${timeInUtc({ at, style }, language)}</time>`;
}

function link(url: string, label: string): string {
  return `<a href="${escapeHtml(url)}" title="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer nofollow ugc">${label || escapeHtml(url)}</a>`;
}

function codeBlock({ language, text }: Extract<Block, { type: 'code' }>): string {
  return (
    `<figure class="code"><figcaption><span>${escapeHtml(language)}</span><button type="button" data-copy-code>Copy</button></figcaption>` +
    `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre></figure>`
  );
}

function list({ start, items }: Extract<Block, { type: 'list' }>, context: Context): string {
  const content = items.map((each) => tag('li', item(each, context))).join('');
  if (start === undefined) return tag('ul', content);
  return start > 1 ? `<ol start="${start}">${content}</ol>` : tag('ol', content);
}

/** An item that begins with words has them beside its mark. */
function item({ checked, children }: Item, context: Context): string {
  const box = checked === undefined ? '' : checked ? '☑ ' : '☐ ';
  const [first, ...others] = children;
  return first?.type === 'paragraph'
    ? box + inline(first.children, context) + blocks(others, context)
    : box + blocks(children, context);
}

function table({ header, rows }: Extract<Block, { type: 'table' }>, context: Context): string {
  const row = (cells: readonly Cell[], name: 'th' | 'td') =>
    tag('tr', cells.map((cell) => tag(name, inline(cell, context))).join(''));
  return (
    `<div class="table" tabindex="0"><table><thead>${row(header, 'th')}</thead>` +
    `<tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`
  );
}

function isHash(text: string): boolean {
  return /^0x(?:[\da-fA-F]{40}|[\da-fA-F]{64})$/.test(text);
}

function hash(text: string): string {
  return `<button type="button" class="hash" data-copy="${text}" title="Copy ${text}">${text.slice(0, 8)}…${text.slice(-6)}</button>`;
}

function tag(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}
