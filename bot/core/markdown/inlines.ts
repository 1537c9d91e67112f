import type { Token } from 'markdown-it';
import { timeAtStart } from '../Times.ts';
import { clean } from './clean.ts';
import type { Inline } from './Tree.ts';

/** Longer addresses are shown as text. */
const longestUrl = 1_500;
/** Nobody writes deeper on purpose: what is inside shows as it was written. */
const deepest = 24;

const looks = { strong_open: 'strong', em_open: 'emphasis', s_open: 'strike' } as const;
const isLook = (type: string): type is keyof typeof looks => Object.hasOwn(looks, type);

/** The words of a paragraph, heading or cell: the parser's flat row of tokens as a tree. */
export function inlines(tokens: readonly Token[]): Inline[] {
  let at = 0;

  function until(close: string | undefined, depth: number): Inline[] {
    const found: Inline[] = [];
    for (let token = tokens[at++]; token !== undefined && token.type !== close; token = tokens[at++])
      add(found, one(token, depth));
    return found;
  }

  function one(token: Token, depth: number): Inline[] {
    const { type, content, markup } = token;
    if (isLook(type)) {
      const children = until(type.replace('open', 'close'), depth + 1);
      return depth < deepest ? [{ type: looks[type], children }] : [text(markup), ...children, text(markup)];
    }
    switch (type) {
      case 'text_special':
        return [token.info === 'escape' ? { type: 'text', text: content, escaped: true } : text(clean(content))];
      case 'softbreak':
        return [text('\n')];
      case 'hardbreak':
        return [{ type: 'break' }];
      case 'code_inline':
        return [{ type: 'code', text: content }];
      case 'link_open':
        return link(String(token.attrGet('href') ?? ''), until('link_close', depth + 1));
      case 'image': {
        const href = String(token.attrGet('src') ?? '');
        return link(href, [text(clean(content || href))]);
      }
      case 'time': {
        const time = timeAtStart(content);
        return [time ? { type: 'time', at: time.at, style: time.style } : text(content)];
      }
      default:
        return [text(content)];
    }
  }

  return until(undefined, 0);
}

const text = (letters: string): Inline => ({ type: 'text', text: letters });

/** Words that follow each other are one text. */
function add(found: Inline[], more: readonly Inline[]): void {
  for (const next of more) {
    const last = found.at(-1);
    if (next.type !== 'text' || next.escaped || last?.type !== 'text' || last.escaped) found.push(next);
    else if (next.text !== '') found[found.length - 1] = text(last.text + next.text);
  }
}

function link(href: string, children: Inline[]): Inline[] {
  const url = webAddress(href);
  if (url !== undefined && url.length <= longestUrl) return [{ type: 'link', url, children }];
  const label = children.length === 1 && children[0]?.type === 'text' ? children[0].text : undefined;
  return label === href || href === '' || href === `mailto:${label}`
    ? children
    : [...children, { type: 'text', text: ` (${clean(href)})` }];
}

/** `href` normalised when it is an http or https address, without any password in it. */
export function webAddress(href: string): string | undefined {
  const url = URL.parse(href);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' ? url.href : undefined;
}
