import type { SentFile } from './types.ts';

/** What may be sent along with a question. A question has at most 20,000 characters, a workload 24,000 bytes. */
export const fileLimits = { bytes: 64_000, files: 4 } as const;

const textTypes =
  /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|toml|javascript|x-python|sql|x-sh)\b)/i;

/** Names as text files have them; a platform's own idea of the type is often missing or wrong. */
const textNames =
  /\.(?:c|cc|cpp|cs|css|csv|diff|go|h|html?|ini|java|js|json|jsx|kt|log|lua|md|patch|php|py|rb|rs|rst|sh|sol|sql|svg|swift|tex|toml|ts|tsx|tsv|txt|vy|xml|ya?ml)$/i;

/** A file as a platform describes it before it is fetched. */
export type Offered = { name: string; type?: string; bytes?: number };

/**
 * Takes the files of one message: at most `fileLimits.files`, each small, text by type or name, and valid UTF-8.
 * @param fetch hands out the file's bytes as they come; only called for files that may be text of the right size
 */
export function takeFiles<File extends Offered>(
  files: readonly File[],
  fetch: (file: File) => Promise<AsyncIterable<Uint8Array>>,
): Promise<SentFile[]> {
  return Promise.all(
    files.map(async (file, index): Promise<SentFile> => {
      const { name, bytes = 0, type } = file;
      if (index >= fileLimits.files) return { name, refused: 'tooMany' };
      if (!textNames.test(name) && !textTypes.test(type ?? '')) return { name, refused: 'notText' };
      if (bytes > fileLimits.bytes) return { name, refused: 'tooLarge' };
      return read(name, fetch(file));
    }),
  );
}

async function read(name: string, fetched: Promise<AsyncIterable<Uint8Array>>): Promise<SentFile> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of await fetched) {
      length += chunk.length;
      // Whatever size the platform named: no more than this is kept.
      if (length > fileLimits.bytes) return { name, refused: 'tooLarge' };
      chunks.push(chunk);
    }
  } catch {
    return { name, refused: 'unreachable' };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    return text.includes('\0') ? { name, refused: 'notText' } : { name, text };
  } catch {
    return { name, refused: 'notText' };
  }
}
