import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import type { Language } from '../core/I18n.ts';
import { atTimes, timeInUtc } from '../core/Times.ts';

/** Above this many characters, or this many marks of one kind, text is shown as it stands: marked's lexer is quadratic there. */
const maxLength = 100_000;
const maxMarks: readonly [string, number][] = [
  ['~', 1_000],
  ['*', 6_000],
  ['_', 6_000],
];

/** Quotes or lists opened in one line; more than this many inside each other are nobody's layout. */
const deepNesting = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){30}/m;

/** What was rendered lately: every window asks for the same lines. */
const rendered = new Map<string, string>();
const mostRendered = 500;

/**
 * Markdown as HTML that can do nothing: only the tags written in this file come out, every character of the source is
 * escaped, HTML in the source is shown as text, images become links, and links are http or https.
 * @param options.own our own wording, and its language: transaction hashes and addresses in code get a copy button, times are marked
 */
export function renderHtml(markdown: string, options: { own?: Language } = {}): string {
  const key = `${options.own} ${markdown}`;
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const html = render(markdown, options.own);
  if (rendered.size >= mostRendered) rendered.delete(rendered.keys().next().value ?? key);
  rendered.set(key, html);
  return html;
}

function render(markdown: string, own: Language | undefined): string {
  if (!isTame(markdown)) return `<pre class="plain">${escapeHtml(markdown)}</pre>`;
  try {
    return blocks(new Lexer({ gfm: true, breaks: true }).lex(markdown), { own, inLink: false });
  } catch {
    // Thousands of nested quotes or lists overflow the stack.
    return `<pre class="plain">${escapeHtml(markdown)}</pre>`;
  }
}

/** Every character that means something in HTML text or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

type Context = { own: Language | undefined; inLink: boolean };

function isTame(markdown: string): boolean {
  return (
    markdown.length <= maxLength &&
    !deepNesting.test(markdown) &&
    maxMarks.every(([mark, most]) => markdown.length <= most || markdown.split(mark).length - 1 <= most)
  );
}

function blocks(tokens: readonly Token[], context: Context): string {
  return tokens.map((token) => block(token, context)).join('');
}

function block(unknown: Token, context: Context): string {
  const token = unknown as MarkedToken;
  switch (token.type) {
    case 'space':
    case 'def':
      return '';
    case 'heading':
      // The page's own headings are 1 and 2.
      return tag(`h${Math.min(6, token.depth + 2)}`, inline(token.tokens, context));
    case 'paragraph':
      return tag('p', inline(token.tokens, context));
    case 'blockquote':
      return tag('blockquote', blocks(token.tokens, context));
    case 'hr':
      return '<hr>';
    case 'code':
      return codeBlock(token);
    case 'list':
      return list(token as Tokens.List, context);
    case 'table':
      return table(token as Tokens.Table, context);
    case 'html':
      return tag('p', escapeHtml(token.raw.trim()));
    default:
      return inline([unknown], context);
  }
}

function inline(tokens: readonly Token[] | undefined, context: Context): string {
  return (tokens ?? []).map((token) => span(token, context)).join('');
}

function span(unknown: Token, context: Context): string {
  const token = unknown as MarkedToken;
  switch (token.type) {
    case 'text':
      return token.tokens ? inline(token.tokens, context) : textOf(token.text, context);
    case 'escape':
      return escapeHtml(token.text);
    case 'strong':
      return tag('strong', inline(token.tokens, context));
    case 'em':
      return tag('em', inline(token.tokens, context));
    case 'del':
      return tag('del', inline(token.tokens, context));
    case 'br':
      return '<br>';
    case 'checkbox':
      return (token as Tokens.Checkbox).checked ? '☑ ' : '☐ ';
    case 'codespan':
      return context.own && isHash(token.text) ? hash(token.text) : tag('code', escapeHtml(token.text));
    case 'link':
      return link(token.href, inline(token.tokens, { ...context, inLink: true }), context);
    case 'image':
      return link(token.href, escapeHtml(token.text || token.href), context);
    case 'html':
      return escapeHtml(token.raw);
    case 'paragraph':
    case 'list':
    case 'blockquote':
    case 'code':
    case 'heading':
    case 'table':
    case 'hr':
    case 'space':
    case 'def':
      return block(unknown, context);
    default:
      return escapeHtml(unknown.raw);
  }
}

/** Times are shown in UTC until a page's script knows better. */
function textOf(text: string, { own }: Context): string {
  if (own === undefined) return textWithEntities(text);
  return atTimes(text)
    .map((piece) =>
      typeof piece === 'string'
        ? textWithEntities(piece)
        : `<time datetime="${new Date(piece.at * 1_000).toISOString()}" data-style="${piece.style}">${timeInUtc(piece, own)}</time>`,
    )
    .join('');
}

/** `&amp;` and its like stay what the writer meant: an entity can't open a tag. */
function textWithEntities(text: string): string {
  return text.replace(/&(?:#\d{1,7}|#[Xx][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});|[&<>"']/g, (match) =>
    match.length > 1 ? match : escapeHtml(match),
  );
}

function link(href: string, label: string, context: Context): string {
  const url = webUrl(href);
  if (!url || context.inLink) return label;
  return `<a href="${escapeHtml(url)}" title="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer nofollow ugc">${label}</a>`;
}

/** http and https only, and none that hides its host behind a user name (`https://bank.example@evil.example`). */
function webUrl(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const url = new URL(href);
  const isWeb = (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
  return isWeb ? url.href : undefined;
}

function codeBlock(token: Tokens.Code): string {
  const language = (token.lang ?? '').split(/\s/)[0] ?? '';
  return (
    `<figure class="code"><figcaption><span>${escapeHtml(language)}</span><button type="button" data-copy-code>Copy</button></figcaption>` +
    `<pre tabindex="0"><code>${escapeHtml(token.text)}</code></pre></figure>`
  );
}

function list(token: Tokens.List, context: Context): string {
  const items = token.items.map((item) => tag('li', blocks(item.tokens, context))).join('');
  if (!token.ordered) return tag('ul', items);
  const start = Number(token.start);
  return start > 1 && Number.isSafeInteger(start) ? `<ol start="${start}">${items}</ol>` : tag('ol', items);
}

function table(token: Tokens.Table, context: Context): string {
  const row = (cells: readonly Tokens.TableCell[], name: 'th' | 'td') =>
    tag('tr', cells.map((cell) => tag(name, inline(cell.tokens, context))).join(''));
  return (
    `<div class="table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead>` +
    `<tbody>${token.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`
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
