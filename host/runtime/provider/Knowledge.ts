import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import MiniSearch from 'minisearch';

/** A section of a document: what stands under one heading. */
export type Section = { id: number; file: string; title: string; body: string };

export type Found = Section & {
  /** Share of the question's meaningful words that the section holds, 0 to 1. */ cover: number;
};

export type Knowledge = { find(question: string): Found[] };

const stopWords = new Set(
  `a an and any are as at be been but by can could did do does explain for from give had has have hello hey hi how i if in into is it its
  just let like make me more much my no not of on or our please should show so some tell than thank thanks that the their them then there these
  they this to us use used using was we what whats when where which who why will with work works would you your about between mean means meaning
  get define describe exactly really`.split(/\s+/),
);

/** The words that carry a question's meaning, lower case, in a rough stem. */
function words(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
    .filter((word) => word.length > 1 && !stopWords.has(word))
    .map(stem);
}

/** Enough of English that `disputes` finds `dispute` and `hosting` finds `host`. */
function stem(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 5 && word.endsWith('ing')) return word.slice(0, -3);
  if (word.length > 4 && word.endsWith('ed')) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith('s') && !word.endsWith('ss')) return word.slice(0, -1);
  return word;
}

/** README.md and docs/*.md of the project at `root`, by section. */
export function readSections(root: string): Section[] {
  const docs = join(root, 'docs');
  const files = [join(root, 'README.md'), ...list(docs).map((name) => join(docs, name))];
  const sections: Section[] = [];
  for (const file of files)
    for (const section of split(read(file)))
      if (section.body !== '') sections.push({ id: sections.length, file: basename(file), ...section });
  return sections;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function split(markdown: string): { title: string; body: string }[] {
  const sections: { title: string; lines: string[] }[] = [];
  let fenced = false;
  for (const line of markdown.split(/\r?\n/)) {
    if (/^\s*```/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^#{1,4}\s+(.*)$/.exec(line);
    if (heading) sections.push({ title: (heading[1] ?? '').replace(/[`*]/g, '').trim(), lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ title, lines }) => ({ title, body: lines.join('\n').trim() }));
}

/** A search over sections. `faq.md` was written to be quoted, so it comes before the rest. */
export function createKnowledge(sections: readonly Section[]): Knowledge {
  const index = new MiniSearch<Section>({
    fields: ['title', 'body'],
    storeFields: ['file', 'title', 'body'],
    tokenize: words,
    processTerm: (term) => term,
  });
  index.addAll(sections);
  const holds = new Map(sections.map((section) => [section.id, words(`${section.title} ${section.body}`)]));
  return {
    find: (question) => {
      const asked = [...new Set(words(question))];
      if (asked.length === 0) return [];
      return index
        .search(question, {
          boost: { title: 4 },
          fuzzy: (term) => (term.length > 5 ? 0.2 : false),
          boostDocument: (_id, _term, stored) => (stored?.['file'] === 'faq.md' ? 3 : 1),
        })
        .map((result) => {
          const own = holds.get(result.id as number) ?? [];
          const matched = asked.filter((word) => own.includes(word) || result.queryTerms.includes(word));
          return {
            id: result.id as number,
            file: String(result['file']),
            title: String(result['title']),
            body: String(result['body']),
            cover: matched.length / asked.length,
          };
        });
    },
  };
}
