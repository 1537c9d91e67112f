import type { ComponentChildren } from 'preact';
import type { Key } from '../../core/I18n.ts';

/** The keys of what the pages say by themselves; everything else comes from the server as it is to be shown. */
export type PageKey = Extract<Key, `page.${string}` | `chat.${string}`>;

type Words = Readonly<Record<string, string>>;

let words: Words = {};

/** From now on the page speaks these words: of one language, the only one that it has. */
export function setWords(next: Words): void {
  words = next;
}

/** The words that came with the page, as data: nothing in them is ever run. */
export function readWords(): void {
  setWords(JSON.parse(document.getElementById('words')?.textContent ?? '{}') as Words);
}

/** A message of the page, filled with its values. */
export function say(key: PageKey, values: Readonly<Record<string, string | number>> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** The same with elements for values. */
export function sayRich(key: PageKey, values: Readonly<Record<string, ComponentChildren>>): ComponentChildren {
  return (words[key] ?? key).split(/\{(\w+)\}/g).map((part, index) => (index % 2 === 0 ? part : values[part]));
}
