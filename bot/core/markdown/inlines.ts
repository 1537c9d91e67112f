import type { Token } from 'markdown-it';
import { timeAtStart } from '../Times.ts';
import { clean } from './clean.ts';
import { deepestShown } from './parser.ts';
import type { Inline } from './Tree.ts';

/** Longer addresses are shown as text. */
const longestUrl = 1_500;
const looks = { strong_open: 'strong', em_open: 'emphasis', s_open: 'strike' } as const;
const isLook = (type: string): type is keyof typeof looks => Object.hasOwn(looks, type);
const isEnd = (type: string): boolean => isLook(type.replace('close', 'open'));

/** The words of a paragraph, heading or cell: the parser's flat row of tokens as a tree. */
export function inlines(tokens: readonly Token[]): Inline[] {
  let at = 0;

  function until(close: string | undefined, depth: number): Inline[] {
    const found: Inline[] = [];
    /** Formatting that is open but too deep. It is not recursed into: a text can hold tens of thousands of levels. */
    let tooDeep = 0;
    for (let token = tokens[at++]; token !== undefined; token = tokens[at++]) {
      if (token.type === close && tooDeep === 0) break;
      const isOpening = isLook(token.type);
      if (depth < deepestShown || (!isOpening && !isEnd(token.type))) add(found, one(token, depth));
      else {
        tooDeep += isOpening ? 1 : -1;
        add(found, [text(token.markup)]);
      }
    }
    return found;
  }

  function one(token: Token, depth: number): Inline[] {
    const { type, content } = token;
    if (isLook(type)) return [{ type: looks[type], children: until(type.replace('open', 'close'), depth + 1) }];
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
function webAddress(href: string): string | undefined {
  const url = URL.parse(href);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' ? url.href : undefined;
}
