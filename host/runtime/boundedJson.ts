/** Plain JSON, as `JSON.parse` makes it. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Why a text is not taken. */
export class BoundedJsonError extends Error {
  override name = 'BoundedJsonError';
}

/** Deeper than anything that a tool's schema or arguments need, and shallow enough for every recursion after it. */
const maxDepth = 40;

/**
 * Reads JSON that a stranger wrote: `JSON.parse` takes a million brackets, makes Infinity of `1e999` and half a surrogate pair of `\ud800`,
 * and later code would trip over each.
 * @throws BoundedJsonError with one sentence
 */
export function boundedJson(text: string, maxBytes: number): Json {
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes)
    throw new BoundedJsonError(`It has more than ${maxBytes} bytes.`);
  if (depthOf(text) > maxDepth) throw new BoundedJsonError(`It is nested deeper than ${maxDepth}.`);
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BoundedJsonError('It is not JSON.');
  }
  check(value);
  return value;
}

/** Of brackets outside of strings; measured on the text, so that nothing nested is ever built. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}

function check(value: Json): void {
  if (typeof value === 'string' && !value.isWellFormed())
    throw new BoundedJsonError('It holds a text with half a surrogate pair.');
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new BoundedJsonError('It holds a number that is too large.');
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) check(item);
    return;
  }
  for (const [name, item] of Object.entries(value)) {
    // Copied by assignment somewhere in a library, it would become a prototype.
    if (name === '__proto__') throw new BoundedJsonError('It holds the name __proto__.');
    check(name);
    check(item);
  }
}
