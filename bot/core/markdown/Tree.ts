import type { Time } from '../Times.ts';

/** Markdown as a small tree: what a chat can show and nothing else. Every string is text to be shown, entities decoded. */
export type Block =
  | { type: 'paragraph'; children: readonly Inline[] }
  | { type: 'heading'; depth: number; children: readonly Inline[] }
  | { type: 'code'; language: string; text: string }
  | { type: 'quote'; children: readonly Block[] }
  | { type: 'list'; start: number | undefined; items: readonly Item[] }
  | { type: 'table'; header: readonly Cell[]; rows: readonly (readonly Cell[])[]; align: readonly Align[] }
  | { type: 'rule' };

export type Item = { checked?: boolean; children: readonly Block[] };
export type Cell = readonly Inline[];
export type Align = 'left' | 'center' | 'right' | null;

export type Inline =
  /** `escaped`: written with a backslash, so it is neither a mention nor a command of ours. */
  | { type: 'text'; text: string; escaped?: boolean }
  | { type: 'strong' | 'emphasis' | 'strike'; children: readonly Inline[] }
  | { type: 'code'; text: string }
  /** `url` is http or https, normalised (Punycode, percent-encoded). */
  | { type: 'link'; url: string; children: readonly Inline[] }
  /** Of our own sections alone. */
  | ({ type: 'time' } & Time)
  | { type: 'break' };
