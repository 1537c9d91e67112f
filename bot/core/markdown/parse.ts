import { Marked, type MarkedToken, type Token, type TokenizerAndRendererExtension } from 'marked';
import { timeAtStart } from '../Times.ts';
import { clean, decodeEntities } from './entities.ts';
import type { Block, Cell, Inline, Item } from './Tree.ts';

/** Longer addresses are shown as text. */
const longestUrl = 1_500;

/** A formula stays as it was written: Markdown would eat its backslashes and read its underscores as emphasis. */
const formula: TokenizerAndRendererExtension = {
  name: 'formula',
  level: 'inline',
  start: (source) => /\\[([]|\$/.exec(source)?.index,
  tokenizer(source) {
    const match =
      /^(?:\\\((?:[^\n]|\n(?!\n))+?\\\)|\\\[(?:[^\n]|\n(?!\n))+?\\\]|\$\$(?:[^\n$]|\n(?!\n))+?\$\$|\$(?=\S)[^\n$`]*[\\^_{][^\n$`]*(?<=\S)\$(?!\d))/.exec(
        source.slice(0, 4_000),
      );
    return match ? { type: 'formula', raw: match[0], text: match[0] } : undefined;
  },
};

const time: TokenizerAndRendererExtension = {
  name: 'time',
  level: 'inline',
  start: (source) => /\{time:/.exec(source)?.index,
  tokenizer(source) {
    const found = timeAtStart(source);
    return found && { type: 'time', raw: source.slice(0, found.length) };
  },
};

const ours = new Marked({ extensions: [time] });
const models = new Marked({ extensions: [formula] });

/**
 * Markdown (CommonMark with GFM's tables, strikethrough and bare links) as a tree. Raw HTML is text, pictures are links.
 * What can't be parsed (nested thousands deep) is one paragraph of text.
 *
 * @param from whose Markdown it is: in a model's, formulas are kept as written
 */
export function parse(markdown: string, from: 'us' | 'model' = 'model'): Block[] {
  const source = clean(markdown);
  try {
    return blocks((from === 'us' ? ours : models).lexer(source));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ type: 'paragraph', children: [{ type: 'text', text: source }] }];
  }
}

/** The known tokens: extensions' own types are told apart before. */
const known = (token: Token): MarkedToken => token as MarkedToken;

/** Nobody writes deeper on purpose: what is inside shows as it was written. */
const deepest = 24;

function blocks(tokens: readonly Token[], depth = 0): Block[] {
  if (depth > deepest) return [{ type: 'paragraph', children: asWritten(tokens) }];
  return tokens.flatMap((each): Block[] => {
    const token = known(each);
    switch (token.type) {
      case 'heading':
        return [{ type: 'heading', depth: token.depth, children: inlines(token.tokens) }];
      case 'paragraph':
        return [{ type: 'paragraph', children: inlines(token.tokens) }];
      case 'text':
        return [{ type: 'paragraph', children: inlines(token.tokens ?? [token]) }];
      case 'code':
        return [{ type: 'code', language: /^\S+/.exec(token.lang ?? '')?.[0] ?? '', text: token.text }];
      case 'blockquote':
        return [{ type: 'quote', children: blocks(token.tokens, depth + 1) }];
      case 'list':
        return [
          {
            type: 'list',
            start: token.ordered ? Number(token.start) : undefined,
            items: token.items.map((each) => item(each, depth + 1)),
          },
        ];
      case 'table':
        return [
          {
            type: 'table',
            header: token.header.map((cell): Cell => inlines(cell.tokens)),
            rows: token.rows.map((row) => row.map((cell): Cell => inlines(cell.tokens))),
            align: token.align,
          },
        ];
      case 'hr':
        return [{ type: 'rule' }];
      case 'html':
      case 'def':
        return [{ type: 'paragraph', children: [{ type: 'text', text: token.raw.trimEnd() }] }];
      case 'space':
      case 'checkbox':
        return [];
      default:
        return [{ type: 'paragraph', children: inlines([token]) }];
    }
  });
}

function item(token: { task: boolean; checked?: boolean | undefined; tokens: readonly Token[] }, depth: number): Item {
  return { ...(token.task ? { checked: token.checked === true } : {}), children: blocks(token.tokens, depth) };
}

function asWritten(tokens: readonly Token[]): Inline[] {
  return [{ type: 'text', text: tokens.map(({ raw }) => raw).join('') }];
}

function inlines(tokens: readonly Token[], depth = 0): Inline[] {
  if (depth > deepest) return asWritten(tokens);
  return tokens.flatMap((each): Inline[] => {
    const token = known(each);
    switch (token.type) {
      case 'text':
        return token.tokens ? inlines(token.tokens, depth + 1) : [{ type: 'text', text: decodeEntities(token.text) }];
      case 'escape':
        return [{ type: 'text', text: token.text, escaped: true }];
      case 'strong':
        return [{ type: 'strong', children: inlines(token.tokens, depth + 1) }];
      case 'em':
        return [{ type: 'emphasis', children: inlines(token.tokens, depth + 1) }];
      case 'del':
        return [{ type: 'strike', children: inlines(token.tokens, depth + 1) }];
      case 'codespan':
        return [{ type: 'code', text: token.text }];
      case 'br':
        return [{ type: 'break' }];
      case 'link':
        return link(token.href, inlines(token.tokens, depth + 1));
      case 'image':
        return link(token.href, [{ type: 'text', text: decodeEntities(token.text || token.href) }]);
      case 'checkbox':
        return [];
      default: {
        const time = each.type === 'time' ? timeAtStart(each.raw) : undefined;
        return [time ? { type: 'time', at: time.at, style: time.style } : { type: 'text', text: each.raw }];
      }
    }
  });
}

function link(href: string, children: Inline[]): Inline[] {
  const url = webAddress(decodeEntities(href));
  if (url !== undefined && url.length <= longestUrl) return [{ type: 'link', url, children }];
  const label = children.length === 1 && children[0]?.type === 'text' ? children[0].text : undefined;
  return label === href || href === '' || href === `mailto:${label}`
    ? children
    : [...children, { type: 'text', text: ` (${href})` }];
}

/** `href` normalised when it is an http or https address, without any password in it. */
export function webAddress(href: string): string | undefined {
  const url = URL.parse(href);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' ? url.href : undefined;
}
