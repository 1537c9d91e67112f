import type { Language } from '../I18n.ts';
import { type Flat, join } from './Flat.ts';
import { flatten, type Style } from './flatten.ts';
import { parse } from './parse.ts';

/** A piece of a message: whose Markdown it is, and whether it is small print. */
export type Section = { markdown: string; from: 'us' | 'model'; small?: boolean; language?: Language | undefined };

/** Sections one below the other. Only our own may hide an address behind a label. */
export function compose(
  sections: readonly Section[],
  bullet: string,
  prepare: (flat: Flat, section: Section) => Flat,
): Flat {
  return join(
    sections.map((section) => {
      const style: Style = {
        bullet,
        links: section.from === 'us' ? 'masked' : 'shown',
        language: section.language ?? 'en',
      };
      const flat = prepare(flatten(parse(section.markdown, section.from), style), section);
      return section.small
        ? { text: flat.text, spans: [{ type: 'small' as const, from: 0, to: flat.text.length }, ...flat.spans] }
        : flat;
    }),
  );
}

/** What an answer alone is made of. */
export function sectionsOf(markdown: string | readonly Section[]): readonly Section[] {
  return typeof markdown === 'string' ? [{ markdown, from: 'model' }] : markdown;
}
