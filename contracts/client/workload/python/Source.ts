import { WorkloadError } from '../WorkloadError.ts';

/** Bytes: what the registry stores at most, and more than a plain script needs. */
export const maxScriptBytes = 24_000;

/**
 * A script's text as Python's tokenizer would see it: without a byte order mark, every line end a `\n`.
 * @param script UTF-8 bytes, or text that was decoded already
 * @throws WorkloadError `encoding`, `tooLarge`
 */
export function sourceText(script: string | Uint8Array): string {
  const bytes = typeof script === 'string' ? new TextEncoder().encode(script) : script;
  if (bytes.length > maxScriptBytes)
    throw new WorkloadError(
      'tooLarge',
      0,
      `The script has ${bytes.length} bytes; the most is ${maxScriptBytes}.`,
      'Shorten it.',
    );
  const text = typeof script === 'string' ? script : decode(bytes);
  if (!text.isWellFormed())
    throw new WorkloadError('encoding', 0, 'The script holds half a surrogate pair.', 'Save it as UTF-8.');
  const lines = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const nul = lines.indexOf('\0');
  if (nul >= 0)
    throw new WorkloadError(
      'encoding',
      lines.slice(0, nul).split('\n').length,
      'A null byte stands here; Python source has none.',
      'Remove it, or write \\x00 inside a string.',
    );
  const cookie = /^(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)/.exec(lines)?.[1];
  if (cookie !== undefined && !/^utf[-_]?8(?:-sig)?$/i.test(cookie))
    throw new WorkloadError(
      'encoding',
      0,
      `The script declares the encoding ${cookie}; a workload is UTF-8.`,
      'Remove the line.',
    );
  return lines;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new WorkloadError('encoding', 0, 'The script is not valid UTF-8.', 'Save it as UTF-8.');
  }
}
